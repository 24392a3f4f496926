<?php

declare(strict_types=1);

namespace Magento\InventorySalesApi\Api\Data;

/**
 * What of a sale changes the stock.
 */
interface SalesEventInterface
{
    public function getType(): string;

    public function getObjectType(): string;

    public function getObjectId(): string;
}
