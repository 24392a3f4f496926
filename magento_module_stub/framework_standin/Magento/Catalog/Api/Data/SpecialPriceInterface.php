<?php

declare(strict_types=1);

namespace Magento\Catalog\Api\Data;

/**
 * A special price of one product in one store.
 */
interface SpecialPriceInterface
{
    /** @return string */
    public function getSku();

    /** @return int */
    public function getStoreId();

    /** @return float */
    public function getPrice();
}
