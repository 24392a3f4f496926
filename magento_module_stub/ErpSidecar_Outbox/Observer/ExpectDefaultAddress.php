<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\CustomerChanges;
use Magento\Framework\DataObject;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Tells an account when an address of it becomes the default one.
 *
 * An address none of whose columns changed raises no *_save_before; yet Magento then writes, by SQL, which address
 * is the account's default one, and only *_process_relation says so.
 */
class ExpectDefaultAddress implements ObserverInterface
{
    public function __construct(private readonly CustomerChanges $changes)
    {
    }

    public function execute(Observer $observer): void
    {
        /** @var DataObject $address */
        $address = $observer->getEvent()->getData('object');
        $customerId = (int) ($address->getData('parent_id') ?: $address->getData('customer_id'));
        $isDefault = $address->getData('is_default_billing') || $address->getData('is_default_shipping');
        if ($customerId > 0 && $isDefault) {
            $this->changes->expect($customerId);
        }
    }
}
