<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What an event is about, and the lane in which it keeps its order.
 *
 * Everything of one order shares the order's lane: its documents, tracks and payments too.
 */
class Subject
{
    public function __construct(
        public readonly string $type,
        public readonly string $id,
        public readonly ?string $lane,
        public readonly ?int $storeId = null
    ) {
    }

    public static function order(int $orderId, ?int $storeId): self
    {
        return new self('order', (string) $orderId, 'order:' . $orderId, $storeId);
    }

    public static function customer(int $customerId, ?int $storeId): self
    {
        return new self('customer', (string) $customerId, 'customer:' . $customerId, $storeId);
    }

    /** A product belongs to no store: which of its values hold in one is for the payload to say. */
    public static function product(int $productId): self
    {
        return new self('product', (string) $productId, 'product:' . $productId);
    }

    /** A stock change has no lane: such changes add up in any order. */
    public static function sku(string $sku): self
    {
        return new self('sku', $sku, null);
    }
}
