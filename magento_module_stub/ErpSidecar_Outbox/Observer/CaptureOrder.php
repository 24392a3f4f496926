<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\Occurrence;
use ErpSidecar\Outbox\Core\OrderChange;
use ErpSidecar\Outbox\Core\OrderSnapshot;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Model\OrderLock;
use ErpSidecar\Outbox\Model\OrderReader;
use ErpSidecar\Outbox\Model\Outbox;
use Magento\Framework\App\Request\Http;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order;

/**
 * Appends an event for every save of an order, in the transaction of that save.
 *
 * A save that changed nothing is an event as well: to notice it here would cost checkout a query, and
 * the sidecar notices it for free.
 */
class CaptureOrder implements ObserverInterface
{
    public function __construct(
        private readonly OrderLock $lock,
        private readonly OrderReader $reader,
        private readonly OutboxEvents $events,
        private readonly Outbox $outbox,
        private readonly Http $request
    ) {
    }

    public function execute(Observer $observer): void
    {
        /** @var Order $order */
        $order = $observer->getEvent()->getData('object');
        $type = OrderChange::type($order->getOrigData('state'), $order->getState());
        $isBeingPlaced = $type === OrderChange::PLACED;
        if (!$isBeingPlaced) {
            // sales_order_save_before stays silent when only the order's items, payment or history change.
            $this->lock->acquire((int) $order->getId());
        }
        $storeId = $order->getStoreId();
        $this->outbox->append($this->events->ofOrder(
            $type,
            (int) $order->getId(),
            $storeId === null ? null : (int) $storeId,
            fn (): OrderSnapshot => $this->reader->read($order, $isBeingPlaced),
            Occurrence::ORIGIN_SHOP,
            $this->request->getServer('HTTP_TRACEPARENT')
        ));
    }
}
