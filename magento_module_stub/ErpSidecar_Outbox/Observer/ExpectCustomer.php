<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\CustomerChanges;
use Magento\Framework\DataObject;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Tells an account when an address or a newsletter subscription of it is written or deleted.
 */
class ExpectCustomer implements ObserverInterface
{
    public function __construct(private readonly CustomerChanges $changes)
    {
    }

    public function execute(Observer $observer): void
    {
        /** @var DataObject $part */
        $part = $observer->getEvent()->getData('data_object');
        // An address names its customer as parent_id, or, before its first save, as customer_id only.
        $customerId = (int) ($part->getData('parent_id') ?: $part->getData('customer_id'));
        if ($customerId > 0) {
            $this->changes->expect($customerId);
        }
    }
}
