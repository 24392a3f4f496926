<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\OrderLock;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order;

/**
 * Locks the order before it, or an invoice, shipment or credit memo of it, is written.
 */
class LockOrder implements ObserverInterface
{
    public function __construct(private readonly Families $families, private readonly OrderLock $lock)
    {
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::SALES) && !$this->families->isOn(Families::DOCUMENTS)) {
            return;
        }
        $saved = $observer->getEvent()->getData('data_object');
        $orderId = (int) ($saved instanceof Order ? $saved->getId() : $saved->getOrderId());
        if ($orderId > 0) {
            $this->lock->acquire($orderId);
        }
    }
}
