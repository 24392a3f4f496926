<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\ProductChanges;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Watches a product from before it is written or deleted.
 */
class WatchProduct implements ObserverInterface
{
    public function __construct(private readonly ProductChanges $changes)
    {
    }

    public function execute(Observer $observer): void
    {
        $productId = (int) $observer->getEvent()->getData('data_object')->getId();
        if ($productId > 0) {
            $this->changes->watch([$productId]);
        }
    }
}
