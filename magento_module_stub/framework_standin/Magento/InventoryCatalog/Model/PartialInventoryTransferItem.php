<?php

declare(strict_types=1);

namespace Magento\InventoryCatalog\Model;

use Magento\InventoryCatalogApi\Api\Data\PartialInventoryTransferItemInterface;

/**
 * How much of a SKU is moved.
 */
class PartialInventoryTransferItem implements PartialInventoryTransferItemInterface
{
    public function __construct(private readonly string $sku, private readonly float $qty)
    {
    }

    public function getSku(): string
    {
        return $this->sku;
    }

    public function getQty(): float
    {
        return $this->qty;
    }
}
