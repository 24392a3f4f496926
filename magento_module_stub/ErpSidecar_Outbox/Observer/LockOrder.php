<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\OrderLock;
use ErpSidecar\Outbox\Model\SavesUnderWay;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order;

/**
 * Locks the order before it, or what belongs to it by its order_id, is written or deleted.
 */
class LockOrder implements ObserverInterface
{
    public function __construct(
        private readonly Families $families,
        private readonly OrderLock $lock,
        private readonly SavesUnderWay $saves
    ) {
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::SALES) && !$this->families->isOn(Families::DOCUMENTS)) {
            return;
        }
        $saved = $observer->getEvent()->getData('data_object');
        $this->saves->begin($saved);
        $orderId = (int) ($saved instanceof Order ? $saved->getId() : $saved->getOrderId());
        if ($orderId > 0 && $this->saves->placing($orderId) === null) {
            $this->lock->acquire($orderId);
        }
    }
}
