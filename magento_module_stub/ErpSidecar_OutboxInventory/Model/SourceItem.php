<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Model;

use ErpSidecar\Outbox\Core\StockLevel;

/**
 * One row of inventory_source_item, in the table's own spelling of source and SKU.
 */
class SourceItem
{
    public function __construct(
        public readonly int $id,
        public readonly string $sourceCode,
        public readonly string $sku,
        public readonly StockLevel $level
    ) {
    }
}
