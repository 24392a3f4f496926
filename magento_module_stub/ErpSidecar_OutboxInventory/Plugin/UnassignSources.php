<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\SourceItemKeys;
use ErpSidecar\OutboxInventory\Model\StockCapture;
use ErpSidecar\Outbox\Model\Families;
use Magento\InventoryCatalog\Model\ResourceModel\BulkSourceUnassign;

/**
 * Captures source items that a bulk removal takes away, with all that they held.
 */
class UnassignSources
{
    public function __construct(
        private readonly Families $families,
        private readonly StockCapture $capture
    ) {
    }

    /**
     * @param string[] $skus
     * @param string[] $sourceCodes
     */
    public function aroundExecute(BulkSourceUnassign $subject, callable $proceed, array $skus, array $sourceCodes): int
    {
        if (!$this->families->isOn(Families::INVENTORY)) {
            return $proceed($skus, $sourceCodes);
        }
        return $this->capture->ofAny(
            SourceItemKeys::ofEach($skus, $sourceCodes),
            static fn (): int => $proceed($skus, $sourceCodes)
        );
    }
}
