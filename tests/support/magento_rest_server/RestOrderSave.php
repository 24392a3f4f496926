<?php

declare(strict_types=1);

use Magento\Sales\Model\Order;

/**
 * Writes an order and its documents the way Magento's repositories do: hooks, rows and grids in their order.
 */
class RestOrderSave
{
    private const ITEM_COLUMNS = [
        'qty_shipped', 'qty_invoiced', 'qty_refunded', 'qty_canceled', 'row_invoiced', 'base_row_invoiced',
        'tax_invoiced', 'base_tax_invoiced', 'discount_invoiced', 'base_discount_invoiced', 'amount_refunded',
        'base_amount_refunded', 'tax_refunded', 'base_tax_refunded', 'discount_refunded', 'base_discount_refunded',
        'tax_canceled',
    ];

    public function __construct(private readonly RestShop $shop)
    {
    }

    /**
     * The order's row where a column changed, its items, its payment, a line of history, its line in the grid.
     *
     * @param string $comment of the line of history; '' writes none
     */
    public function save(RestOrder $order, Order $model, string $comment = '', string $entity = 'order'): void
    {
        $before = $this->shop->rows('sales_order', 'entity_id', $order->id)[0];
        $changes = array_diff_assoc($order->row, $before);
        foreach ($order->row as $column => $value) {
            $model->setData($column, $value);
        }
        if ($changes !== []) {
            $this->shop->hook('sales_order_save_before', $model);
            // A sales entity writes every column it holds, not the ones that changed.
            $everything = array_diff_key($order->row, ['entity_id' => 0, 'updated_at' => 0]);
            $this->shop->update('sales_order', $everything, 'entity_id', $order->id);
        }
        foreach ($order->items as $id => $item) {
            $this->shop->update(
                'sales_order_item',
                array_intersect_key($item, array_flip(self::ITEM_COLUMNS)),
                'item_id',
                $id
            );
        }
        $payment = array_diff_key($order->payment, ['entity_id' => 0]);
        $this->shop->update('sales_order_payment', $payment, 'entity_id', (int) $order->payment['entity_id']);
        if ($comment !== '') {
            $row = ['parent_id' => $order->id, 'comment' => $comment, 'status' => $order->row['status'],
                'is_customer_notified' => 0, 'is_visible_on_front' => 0, 'entity_name' => $entity];
            $this->shop->savePart('history', 'sales_order_status_history', 'sales_order_status_history', $row, $model);
        }
        $this->shop->refresh($model);
        $this->shop->hook('sales_order_process_relation', $model);
        $this->shop->update('sales_order_grid', [
            'status' => $order->row['status'],
            'base_total_paid' => $order->row['base_total_paid'],
            'total_paid' => $order->row['total_paid'],
            'total_refunded' => $order->row['total_refunded'],
            'updated_at' => $this->shop->rows('sales_order', 'entity_id', $order->id)[0]['updated_at'],
        ], 'entity_id', $order->id);
    }

    /**
     * A new document: its row, what `afterHeader` does as observers of its save do, its parts, its hooks, its grid.
     *
     * @param array<string, mixed> $header
     * @param list<array<string, mixed>> $items
     * @param array<string, mixed> $given the request, for its comment
     * @param callable(): void $afterHeader
     * @param list<array<string, mixed>> $tracks
     */
    public function document(
        string $kind,
        \Magento\Framework\DataObject $document,
        array $header,
        array $items,
        array $given,
        callable $afterHeader,
        array $tracks = []
    ): int {
        $id = $this->shop->insert("sales_$kind", $header);
        $document->setData('entity_id', $id);
        $afterHeader();
        foreach ($items as $item) {
            $this->shop->insert("sales_{$kind}_item", ['parent_id' => $id] + $item);
        }
        foreach ($tracks as $track) {
            $row = ['parent_id' => $id, 'order_id' => $header['order_id']] + $track;
            $this->shop->savePart('track', 'sales_shipment_track', 'sales_order_shipment_track', $row, null);
        }
        if (isset($given['comment'])) {
            $this->shop->insert("sales_{$kind}_comment", [
                'parent_id' => $id,
                'comment' => $given['comment']['comment'],
                'is_customer_notified' => (int) (($given['appendComment'] ?? false) && ($given['notify'] ?? false)),
                'is_visible_on_front' => (int) ($given['comment']['is_visible_on_front'] ?? 0),
            ]);
        }
        $this->shop->refresh($document);
        $this->shop->hook("sales_order_{$kind}_process_relation", $document);
        $this->shop->insert("sales_{$kind}_grid", [
            'entity_id' => $id,
            'increment_id' => $header['increment_id'],
            'store_id' => $header['store_id'],
            'order_id' => $header['order_id'],
        ]);
        return $id;
    }
}
