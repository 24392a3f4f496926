<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\SavesUnderWay;
use ErpSidecar\Outbox\Model\StoredOrderEvents;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Appends OrderUpdated when an address or the payment of an order is saved without the order.
 *
 * That is how an address is edited, in the admin panel and over REST: the order is not saved, and its updated_at
 * does not move.
 */
class CaptureOrderPart implements ObserverInterface
{
    public function __construct(
        private readonly Families $families,
        private readonly StoredOrderEvents $events,
        private readonly SavesUnderWay $saves
    ) {
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::SALES)) {
            return;
        }
        $part = $observer->getEvent()->getData('data_object');
        $orderId = (int) $part->getParentId();
        $belongsToItsSave = $this->saves->isWithinItsOrder($part) || $this->saves->placing($orderId) !== null;
        if ($orderId > 0 && !$belongsToItsSave) {
            $this->events->updated($orderId);
        }
    }
}
