<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * An invoice, shipment or credit memo as the database holds it at this moment, and the order that it belongs to.
 *
 * Plain rows, as in OrderSnapshot.
 */
class DocumentSnapshot
{
    /**
     * @param array<string, mixed> $document row of sales_invoice, sales_shipment or sales_creditmemo
     * @param list<array<string, mixed>> $items its item rows
     * @param list<array<string, mixed>> $comments its comment rows
     * @param array<string, mixed> $order row of sales_order
     * @param list<array<string, mixed>> $orderItems all rows of sales_order_item of that order
     * @param array<string, mixed>|null $payment row of sales_order_payment
     * @param array{store_id: int|string, store_code: string, website_code: string, group_code: string}|null $store
     */
    public function __construct(
        public readonly array $document,
        public readonly array $items,
        public readonly array $comments,
        public readonly array $order,
        public readonly array $orderItems,
        public readonly ?array $payment,
        public readonly ?array $store
    ) {
    }
}
