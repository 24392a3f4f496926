<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of OrderCommented: one line of an order's history that was saved alone.
 *
 * A line that is saved with its order stands in that order's event.
 */
class CommentPayload
{
    public const COMMENTED = 'OrderCommented';

    /**
     * @param array<string, mixed> $comment row of sales_order_status_history
     * @param array<string, mixed> $order row of sales_order
     * @param array<string, mixed>|null $store
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function facts(array $comment, array $order, ?array $store): array
    {
        return [
            'store' => StoreFacts::of($store),
            'order' => OrderIdentity::of($order),
            'comment' => Row::of('status_history', $comment),
        ];
    }
}
