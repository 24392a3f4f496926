<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\StockReasons;
use Magento\InventorySourceDeductionApi\Model\SourceDeductionRequestInterface;
use Magento\InventorySourceDeductionApi\Model\SourceDeductionServiceInterface;

/**
 * Tells the shipment, credit memo, invoice or order for which stock is deducted.
 */
class TellSalesEvent
{
    public function __construct(private readonly StockReasons $reasons)
    {
    }

    public function aroundExecute(
        SourceDeductionServiceInterface $subject,
        callable $proceed,
        SourceDeductionRequestInterface $sourceDeductionRequest
    ): void {
        $event = $sourceDeductionRequest->getSalesEvent();
        $this->reasons->within(
            $this->reasons->ofSalesEvent($event->getType(), $event->getObjectId()),
            static fn (): mixed => $proceed($sourceDeductionRequest)
        );
    }
}
