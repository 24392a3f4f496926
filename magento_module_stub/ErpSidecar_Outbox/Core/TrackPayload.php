<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of TrackAdded, TrackUpdated and TrackRemoved: one tracking number of a shipment that is there already.
 *
 * The tracks that a shipment is created with stand in its ShipmentCreated and raise no event of their own.
 */
class TrackPayload
{
    public const ADDED = 'TrackAdded';
    public const UPDATED = 'TrackUpdated';
    public const REMOVED = 'TrackRemoved';

    /**
     * @param array<string, mixed> $track row of sales_shipment_track; of a removed one, what it was
     * @param array<string, mixed> $shipment row of sales_shipment
     * @param array<string, mixed> $order row of sales_order
     * @param array<string, mixed>|null $store
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function facts(array $track, array $shipment, array $order, ?array $store): array
    {
        return [
            'store' => StoreFacts::of($store),
            'order' => OrderIdentity::of($order),
            'shipment' => [
                'entity_id' => (int) $shipment['entity_id'],
                'increment_id' => (string) $shipment['increment_id'],
            ],
            'track' => Row::of('track', $track),
        ];
    }
}
