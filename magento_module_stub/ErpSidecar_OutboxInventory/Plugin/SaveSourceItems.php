<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\SourceItemKeys;
use ErpSidecar\OutboxInventory\Model\StockCapture;
use ErpSidecar\Outbox\Model\Families;
use Magento\InventoryApi\Api\Data\SourceItemInterface;
use Magento\Inventory\Model\ResourceModel\SourceItem\SaveMultiple;

/**
 * Captures what admins, REST, imports and renamed products set: absolute quantities, by upsert.
 */
class SaveSourceItems
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
    public function aroundExecute(SaveMultiple $subject, callable $proceed, array $sourceItems)
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
