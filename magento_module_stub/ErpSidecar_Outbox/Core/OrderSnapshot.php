<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * One order as the database holds it at this moment of its transaction: plain rows, column => value.
 *
 * Decimals are texts (PDO with stringified fetches gives them so), ids integers or digits.
 * product_options and additional_information may be JSON texts or decoded arrays.
 */
class OrderSnapshot
{
    /**
     * @param array<string, mixed> $order row of sales_order
     * @param list<array<string, mixed>> $items rows of sales_order_item
     * @param list<array<string, mixed>> $addresses rows of sales_order_address, told apart by address_type
     * @param array<string, mixed>|null $payment row of sales_order_payment
     * @param list<array<string, mixed>> $taxes rows of sales_order_tax
     * @param list<array<string, mixed>> $taxItems rows of sales_order_tax_item
     * @param list<array<string, mixed>> $statusHistory rows of sales_order_status_history
     * @param array{store_id: int|string, store_code: string, website_code: string, group_code: string}|null $store
     */
    public function __construct(
        public readonly array $order,
        public readonly array $items,
        public readonly array $addresses,
        public readonly ?array $payment,
        public readonly array $taxes,
        public readonly array $taxItems,
        public readonly array $statusHistory,
        public readonly ?array $store
    ) {
    }
}
