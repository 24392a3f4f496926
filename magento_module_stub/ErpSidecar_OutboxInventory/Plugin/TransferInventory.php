<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\SourceItemKeys;
use ErpSidecar\OutboxInventory\Model\StockCapture;
use ErpSidecar\Outbox\Model\Families;
use Magento\InventoryCatalog\Model\ResourceModel\BulkInventoryTransfer;

/**
 * Captures the transfer of all stock of some products from one source to another.
 */
class TransferInventory
{
    public function __construct(
        private readonly Families $families,
        private readonly StockCapture $capture
    ) {
    }

    /** @param string[] $skus */
    public function aroundExecute(
        BulkInventoryTransfer $subject,
        callable $proceed,
        array $skus,
        string $originSource,
        string $destinationSource,
        bool $unassignFromOrigin
    ): void {
        if (!$this->families->isOn(Families::INVENTORY)) {
            $proceed($skus, $originSource, $destinationSource, $unassignFromOrigin);
            return;
        }
        $this->capture->ofAny(
            SourceItemKeys::ofEach($skus, [$originSource, $destinationSource]),
            static fn (): mixed => $proceed($skus, $originSource, $destinationSource, $unassignFromOrigin),
            'transfer'
        );
    }
}
