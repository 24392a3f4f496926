<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The order that a document, track, transaction or comment belongs to, as much of it as booking needs.
 */
class OrderIdentity
{
    /**
     * @param array<string, mixed> $order row of sales_order
     * @return array<string, int|string|null>
     * @throws UnbuildablePayload when there is no such order: an event of no order could not be booked
     */
    public static function of(array $order): array
    {
        if (!isset($order['entity_id'], $order['increment_id'])) {
            throw new UnbuildablePayload('The order that it belongs to is not there.');
        }
        return Row::of('document_order', $order);
    }
}
