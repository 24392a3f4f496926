<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\SourceItemKeys;
use ErpSidecar\OutboxInventory\Model\StockCapture;
use ErpSidecar\Outbox\Model\Families;
use Magento\InventoryApi\Api\Data\SourceItemInterface;
use Magento\Inventory\Model\ResourceModel\SourceItem\DeleteMultiple;

/**
 * Captures source items that are removed, by hand or with their product.
 */
class DeleteSourceItems
{
    public function __construct(
        private readonly Families $families,
        private readonly StockCapture $capture
    ) {
    }

    /**
     * @param SourceItemInterface[] $sourceItems
     * @return mixed
     */
    public function aroundExecute(DeleteMultiple $subject, callable $proceed, array $sourceItems)
    {
        if ($sourceItems === [] || !$this->families->isOn(Families::INVENTORY)) {
            return $proceed($sourceItems);
        }
        return $this->capture->ofAny(
            SourceItemKeys::of($sourceItems),
            static fn (): mixed => $proceed($sourceItems)
        );
    }
}
