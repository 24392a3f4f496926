<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of ShipmentCreated and ShipmentUpdated: what left which warehouse, and how it can be traced.
 *
 * A shipment row of a configurable product, or of a bundle that ships together, names the parent; its children in
 * `order_items` are what left. `source_code` is null where the shop has no multi-source inventory, and
 * `pickup_location_code` where the order is not collected in a store.
 */
class ShipmentPayload
{
    public const CREATED = 'ShipmentCreated';
    public const UPDATED = 'ShipmentUpdated';

    /**
     * @param list<array<string, mixed>> $tracks rows of sales_shipment_track
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function facts(
        DocumentSnapshot $snapshot,
        array $tracks,
        ?string $sourceCode,
        ?string $pickupLocationCode
    ): array {
        return DocumentFacts::head('shipment', $snapshot)
            + ['source_code' => $sourceCode, 'pickup_location_code' => $pickupLocationCode]
            + DocumentFacts::lines('shipment', $snapshot, static fn (array $item): array => [])
            + [
                'tracks' => Row::ofAll('track', $tracks),
                'packages' => JsonColumn::of($snapshot->document['packages'] ?? null) ?? [],
                'extra' => DocumentFacts::extra('shipment', $snapshot),
            ];
    }
}
