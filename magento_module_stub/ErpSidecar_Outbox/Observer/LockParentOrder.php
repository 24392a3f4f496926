<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\OrderLock;
use ErpSidecar\Outbox\Model\SavesUnderWay;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Status\History;

/**
 * Locks the order before an address, payment or comment of it is written: they name it by their parent_id.
 *
 * It is also the earliest sign of an order's save that changes nothing but such parts, because Magento then
 * leaves sales_order_save_before out.
 */
class LockParentOrder implements ObserverInterface
{
    public function __construct(
        private readonly Families $families,
        private readonly OrderLock $lock,
        private readonly SavesUnderWay $saves
    ) {
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::SALES)) {
            return;
        }
        $saved = $observer->getEvent()->getData('data_object');
        $this->saves->begin($saved);
        if ($this->saves->isWithinItsOrder($saved)) {
            return;
        }
        $orderId = (int) $saved->getParentId();
        if ($orderId === 0 && $saved instanceof History && $saved->getOrder() instanceof Order) {
            // A comment saved alone gets its parent_id a moment later.
            $orderId = (int) $saved->getOrder()->getId();
        }
        if ($orderId > 0) {
            $this->lock->acquire($orderId);
        }
    }
}
