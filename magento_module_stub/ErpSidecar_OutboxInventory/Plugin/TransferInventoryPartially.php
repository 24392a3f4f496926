<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\SourceItemKeys;
use ErpSidecar\OutboxInventory\Model\StockCapture;
use ErpSidecar\Outbox\Model\Families;
use Magento\InventoryCatalogApi\Api\Data\PartialInventoryTransferItemInterface;
use Magento\InventoryCatalog\Model\ResourceModel\TransferInventoryPartially as Writer;

/**
 * Captures the transfer of a part of one product's stock from one source to another.
 */
class TransferInventoryPartially
{
    public function __construct(
        private readonly Families $families,
        private readonly StockCapture $capture
    ) {
    }

    public function aroundExecute(
        Writer $subject,
        callable $proceed,
        PartialInventoryTransferItemInterface $transfer,
        string $originSourceCode,
        string $destinationSourceCode
    ): void {
        if (!$this->families->isOn(Families::INVENTORY)) {
            $proceed($transfer, $originSourceCode, $destinationSourceCode);
            return;
        }
        $this->capture->ofAny(
            SourceItemKeys::ofEach([$transfer->getSku()], [$originSourceCode, $destinationSourceCode]),
            static fn (): mixed => $proceed($transfer, $originSourceCode, $destinationSourceCode),
            'transfer'
        );
    }
}
