<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\Columns;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\SavesUnderWay;
use ErpSidecar\Outbox\Model\StoredOrderEvents;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order;

/**
 * Appends OrderUpdated when single columns of an order are written by saveAttribute() and one of them tells something.
 *
 * Whether a mail is due or was sent tells nothing, and Magento writes shipping_address_id on every save of an
 * order, changed or not; so a column counts only where its value differs from the one that was loaded.
 */
class CaptureOrderAttribute implements ObserverInterface
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
        $event = $observer->getEvent();
        /** @var Order $order */
        $order = $event->getData('object');
        $orderId = (int) $order->getId();
        if ($orderId > 0 && $this->saves->placing($orderId) === null && !$this->saves->isUnderWay($order)) {
            $told = array_intersect((array) $event->getData('attribute'), array_keys(Columns::of('order')));
            $changed = array_filter(
                $told,
                static fn (string $column): bool => (string) $order->getData($column)
                    !== (string) $order->getOrigData($column)
            );
            if ($changed !== []) {
                $this->events->updated($orderId);
            }
        }
    }
}
