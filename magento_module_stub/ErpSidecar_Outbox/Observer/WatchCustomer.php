<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\CustomerChanges;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Watches an account from before its row is written or deleted.
 */
class WatchCustomer implements ObserverInterface
{
    public function __construct(private readonly CustomerChanges $changes)
    {
    }

    public function execute(Observer $observer): void
    {
        $customerId = (int) $observer->getEvent()->getData('data_object')->getId();
        if ($customerId > 0) {
            $this->changes->watch($customerId);
        }
    }
}
