<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\OrderSnapshot;

/**
 * Reads a whole order from the tables, for changes that Magento makes without loading or saving the order.
 */
class StoredOrder
{
    public function __construct(private readonly StoredRows $rows, private readonly StoreCodes $stores)
    {
    }

    /** The order as this transaction sees it; seven quick queries, never while an order is being placed. */
    public function read(int $orderId): OrderSnapshot
    {
        $order = $this->row($orderId);
        $taxes = $this->rows->all('sales_order_tax', 'order_id', $orderId, 'tax_id');
        return new OrderSnapshot(
            order: $order,
            items: $this->rows->all('sales_order_item', 'order_id', $orderId, 'item_id'),
            addresses: $this->rows->all('sales_order_address', 'parent_id', $orderId, 'entity_id'),
            payment: $this->rows->all('sales_order_payment', 'parent_id', $orderId, 'entity_id')[0] ?? null,
            taxes: $taxes,
            taxItems: $this->rows->all('sales_order_tax_item', 'tax_id', array_column($taxes, 'tax_id'), 'tax_item_id'),
            statusHistory: $this->rows->all('sales_order_status_history', 'parent_id', $orderId, 'entity_id'),
            store: $this->stores->of($order['store_id'] ?? null)
        );
    }

    /** @return array<string, mixed> the row of sales_order */
    public function row(int $orderId): array
    {
        return $this->rows->one('sales_order', 'entity_id', $orderId);
    }
}
