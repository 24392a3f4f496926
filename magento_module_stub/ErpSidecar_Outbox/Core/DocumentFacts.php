<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What the payloads of invoices, shipments and credit memos have in common.
 *
 * `order` names the order; `order_items` are the order items that the document touches, with their parents and
 * children, so that a line can be booked by its role: a configurable product's document row names the parent, and
 * what left the warehouse is its child.
 */
class DocumentFacts
{
    /**
     * @param string $kind invoice, shipment or creditmemo
     * @return array<string, mixed> what comes first in the payload
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public static function head(string $kind, DocumentSnapshot $snapshot): array
    {
        return [
            'store' => StoreFacts::of($snapshot->store),
            'order' => OrderIdentity::of($snapshot->order),
            $kind => Row::of($kind, $snapshot->document),
        ];
    }

    /**
     * @param callable(array<string, mixed>): array<string, mixed> $more what an item tells besides its columns
     * @return array<string, mixed>
     */
    public static function lines(string $kind, DocumentSnapshot $snapshot, callable $more): array
    {
        $orderItems = array_map(
            static fn (array $item): array => ['product_options' => JsonColumn::of($item['product_options'] ?? null)]
                + $item,
            $snapshot->orderItems
        );
        $roles = ItemRole::ofAll($orderItems);
        return [
            'items' => array_map(
                static fn (array $item): array => Row::of($kind . '_item', $item)
                    + ['role' => $roles[$item['order_item_id'] ?? ''] ?? null] + $more($item),
                $snapshot->items
            ),
            'order_items' => self::orderItems($orderItems, $roles, array_column($snapshot->items, 'order_item_id')),
            'comments' => Row::ofAll('comment', $snapshot->comments),
        ];
    }

    /**
     * Columns of other editions (gift cards, store credit, reward points, gift wrapping) and of extensions.
     *
     * @return array<string, object>
     */
    public static function extra(string $kind, DocumentSnapshot $snapshot): array
    {
        $items = [];
        foreach ($snapshot->items as $item) {
            $items[$item['entity_id'] ?? ''] = Row::unknown($kind . '_item', $item);
        }
        return [
            $kind => (object) Row::unknown($kind, $snapshot->document),
            'items' => (object) array_filter($items),
        ];
    }

    /**
     * @param list<array<string, mixed>> $orderItems
     * @param array<int, string> $roles
     * @param list<int|string|null> $touched ids of order items
     * @return list<array<string, mixed>>
     */
    private static function orderItems(array $orderItems, array $roles, array $touched): array
    {
        $touched = self::ids($touched);
        $isTouched = static fn (array $item): bool => isset($touched[(string) $item['item_id']]);
        $parents = self::ids(array_column(array_filter($orderItems, $isTouched), 'parent_item_id'));
        $told = [];
        foreach ($orderItems as $item) {
            $id = (string) $item['item_id'];
            if ($isTouched($item) || isset($parents[$id]) || isset($touched[$item['parent_item_id'] ?? ''])) {
                $shipmentType = $item['product_options']['shipment_type'] ?? null;
                $told[] = Row::of('document_order_item', $item) + [
                    'role' => $roles[$id],
                    'shipment_type' => is_scalar($shipmentType) ? (int) $shipmentType : null,
                ];
            }
        }
        return $told;
    }

    /**
     * @param list<int|string|null> $ids
     * @return array<array-key, true>
     */
    private static function ids(array $ids): array
    {
        return array_fill_keys(array_map(strval(...), array_filter($ids)), true);
    }
}
