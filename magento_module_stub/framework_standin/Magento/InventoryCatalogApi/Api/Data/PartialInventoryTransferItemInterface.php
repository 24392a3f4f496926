<?php

declare(strict_types=1);

namespace Magento\InventoryCatalogApi\Api\Data;

/**
 * How much of a SKU is moved.
 */
interface PartialInventoryTransferItemInterface
{
    public function getSku(): string;

    public function getQty(): float;
}
