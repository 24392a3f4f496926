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
use ErpSidecar\Outbox\Model\SavesUnderWay;
use ErpSidecar\Outbox\Model\StoredOrder;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order;

/**
 * Appends an event for every save of an order, in the transaction of that save.
 *
 * A save that changed nothing is an event as well: to notice it here would cost checkout a query, and
 * the sidecar notices it for free. An order made from a REST request's few fields and an id was never loaded, so
 * it is read back from the tables.
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
        private readonly StoredOrder $storedOrder,
        private readonly OrderPayload $payload,
        private readonly OutboxEvents $events,
        private readonly CurrentCause $cause,
        private readonly Outbox $outbox,
        private readonly SavesUnderWay $saves
    ) {
        $this->captured = new \WeakMap();
    }

    public function execute(Observer $observer): void
    {
        /** @var Order $order */
        $order = $observer->getEvent()->getData('object');
        if ($this->families->isOn(Families::SALES)) {
            $this->capture($order);
        }
        $this->saves->end($order);
    }

    private function capture(Order $order): void
    {
        $isPartial = $this->saves->isPartial($order);
        $before = $order->getOrigData('state') ?? $this->captured[$order] ?? ($isPartial ? '' : null);
        $type = OrderChange::type($before, $order->getState());
        $isBeingPlaced = $type === OrderChange::PLACED;
        if (!$isBeingPlaced) {
            // sales_order_save_before stays silent when only the order's items, payment or history change.
            $this->lock->acquire((int) $order->getId());
        }
        $row = $isPartial ? $this->storedOrder->row((int) $order->getId()) : $order->getData();
        [$storeId, $customerId] = [$row['store_id'] ?? null, $row['customer_id'] ?? null];
        $this->outbox->append($this->events->event(
            $type,
            Subject::order((int) $order->getId(), $storeId === null ? null : (int) $storeId),
            $this->cause->of($customerId === null ? null : (int) $customerId),
            fn (): array => $this->payload->facts(
                $isPartial
                    ? $this->storedOrder->read((int) $order->getId())
                    : $this->reader->read($order, $isBeingPlaced)
            ),
            ['increment_id' => $row['increment_id'] ?? null]
        ));
        $this->captured[$order] = (string) $order->getState();
    }
}
