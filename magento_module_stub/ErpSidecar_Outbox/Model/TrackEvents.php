<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\TrackPayload;
use Magento\Sales\Model\Order\Shipment\Track;

/**
 * Appends the events of a track that is saved or deleted alone: only its shipment's and order's ids are in memory.
 */
class TrackEvents
{
    public function __construct(
        private readonly OrderEvents $events,
        private readonly TrackPayload $payload,
        private readonly StoredRows $rows,
        private readonly StoredOrder $orders,
        private readonly StoreCodes $stores
    ) {
    }

    /** @param callable(): array<string, mixed> $row the track's row */
    public function append(string $type, Track $track, callable $row): void
    {
        $shipmentId = (int) $track->getParentId();
        $shipment = $this->rows->one('sales_shipment', 'entity_id', $shipmentId);
        // A request may name any order; the shipment knows its own, and the foreign key knows the shipment.
        $orderId = (int) ($shipment['order_id'] ?? $track->getOrderId());
        $order = $this->orders->row($orderId);
        $this->events->append(
            $type,
            $orderId,
            isset($order['store_id']) ? (int) $order['store_id'] : null,
            isset($order['customer_id']) ? (int) $order['customer_id'] : null,
            fn (): array => $this->payload->facts(
                $row(),
                $shipment,
                $order,
                $this->stores->of($order['store_id'] ?? null)
            ),
            ['shipment_id' => $shipmentId, 'track_id' => (int) $track->getId()]
        );
    }
}
