<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\Product\Price;

use Magento\Catalog\Api\Data\SpecialPriceInterface;
use Magento\Framework\DataObject;

/**
 * A special price as REST hands it over.
 */
class SpecialPrice extends DataObject implements SpecialPriceInterface
{
    public function getSku()
    {
        return $this->getData('sku');
    }

    public function getStoreId()
    {
        return $this->getData('store_id');
    }

    public function getPrice()
    {
        return $this->getData('price');
    }
}
