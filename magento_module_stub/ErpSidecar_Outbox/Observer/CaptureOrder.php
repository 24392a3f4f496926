<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\OrderChange;
use ErpSidecar\Outbox\Core\OrderPayload;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\Subject;
use ErpSidecar\Outbox\Model\CurrentCause;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\OrderLock;
use ErpSidecar\Outbox\Model\OrderReader;
use ErpSidecar\Outbox\Model\Outbox;
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
    /**
     * The state in which each order object was last captured in this request. A new order saved again still has
     * no original data: only this tells that it is there already, and needs its lock.
     *
     * @var \WeakMap<Order, string>
     */
    private \WeakMap $captured;

    public function __construct(
        private readonly Families $families,
        private readonly OrderLock $lock,
        private readonly OrderReader $reader,
        private readonly OrderPayload $payload,
        private readonly OutboxEvents $events,
        private readonly CurrentCause $cause,
        private readonly Outbox $outbox
    ) {
        $this->captured = new \WeakMap();
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::SALES)) {
            return;
        }
        /** @var Order $order */
        $order = $observer->getEvent()->getData('object');
        $before = $order->getOrigData('state') ?? $this->captured[$order] ?? null;
        $type = OrderChange::type($before, $order->getState());
        $isBeingPlaced = $type === OrderChange::PLACED;
        if (!$isBeingPlaced) {
            // sales_order_save_before stays silent when only the order's items, payment or history change.
            $this->lock->acquire((int) $order->getId());
        }
        [$storeId, $customerId] = [$order->getStoreId(), $order->getCustomerId()];
        $this->outbox->append($this->events->event(
            $type,
            Subject::order((int) $order->getId(), $storeId === null ? null : (int) $storeId),
            $this->cause->of($customerId === null ? null : (int) $customerId),
            fn (): array => $this->payload->facts($this->reader->read($order, $isBeingPlaced)),
            ['increment_id' => $order->getIncrementId()]
        ));
        $this->captured[$order] = (string) $order->getState();
    }
}
