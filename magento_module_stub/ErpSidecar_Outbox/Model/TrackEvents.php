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
        [$orderId, $shipmentId] = [(int) $track->getOrderId(), (int) $track->getParentId()];
        $order = $this->orders->row($orderId);
        $this->events->append(
            $type,
            $orderId,
            isset($order['store_id']) ? (int) $order['store_id'] : null,
            isset($order['customer_id']) ? (int) $order['customer_id'] : null,
            fn (): array => $this->payload->facts(
                $row(),
                $this->rows->one('sales_shipment', 'entity_id', $shipmentId),
                $order,
                $this->stores->of($order['store_id'] ?? null)
            ),
            ['shipment_id' => $shipmentId, 'track_id' => (int) $track->getId()]
        );
    }
}
