<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What one source holds of one SKU: a row of inventory_source_item.
 */
class StockLevel
{
    /**
     * @param string $quantity as the column prints it, e.g. 12.0000
     * @param int $status 1: in stock; 0: out of stock, and then the quantity cannot be sold
     */
    public function __construct(public readonly string $quantity, public readonly int $status)
    {
    }

    public function equals(?self $other): bool
    {
        return $other !== null && $this->quantity === $other->quantity && $this->status === $other->status;
    }
}
