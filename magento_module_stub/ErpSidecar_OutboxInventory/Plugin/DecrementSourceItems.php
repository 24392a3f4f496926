<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\SourceItemKeys;
use ErpSidecar\OutboxInventory\Model\StockCapture;
use ErpSidecar\Outbox\Model\Families;
use Magento\Inventory\Model\ResourceModel\SourceItem\DecrementQtyForMultipleSourceItem;

/**
 * Captures what shipments take, invoices of virtual goods take and refunds give back: relative quantities.
 */
class DecrementSourceItems
{
    public function __construct(
        private readonly Families $families,
        private readonly StockCapture $capture
    ) {
    }

    /** @param array<array-key, array<string, mixed>> $decrementItems each with source_item, which was loaded */
    public function aroundExecute(
        DecrementQtyForMultipleSourceItem $subject,
        callable $proceed,
        array $decrementItems
    ): void {
        if ($decrementItems === [] || !$this->families->isOn(Families::INVENTORY)) {
            $proceed($decrementItems);
            return;
        }
        $this->capture->ofPresent(
            SourceItemKeys::of(array_column($decrementItems, 'source_item')),
            static fn (): mixed => $proceed($decrementItems)
        );
    }
}
