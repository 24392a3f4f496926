<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\OrderChange;
use ErpSidecar\Outbox\Core\OrderPayload;

/**
 * Appends OrderUpdated for a change that Magento writes without saving the order: the whole order, read back.
 */
class StoredOrderEvents
{
    public function __construct(
        private readonly OrderEvents $events,
        private readonly OrderPayload $payload,
        private readonly OrderLock $lock,
        private readonly StoredOrder $orders
    ) {
    }

    /** Inside the transaction of the change, after its last row. */
    public function updated(int $orderId): void
    {
        $this->lock->acquire($orderId);
        $order = $this->orders->row($orderId);
        $this->events->append(
            OrderChange::UPDATED,
            $orderId,
            isset($order['store_id']) ? (int) $order['store_id'] : null,
            isset($order['customer_id']) ? (int) $order['customer_id'] : null,
            fn (): array => $this->payload->facts($this->orders->read($orderId)),
            ['increment_id' => isset($order['increment_id']) ? (string) $order['increment_id'] : null]
        );
    }
}
