<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Model;

/**
 * Why stock changes, and the document behind it.
 */
class StockReason
{
    /** @param array{type: string, id: string} $cause both as InventoryAdjustedPayload allows */
    public function __construct(public readonly string $reason, public readonly array $cause)
    {
    }
}
