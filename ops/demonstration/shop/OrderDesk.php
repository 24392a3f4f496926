<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * What becomes of an order after it was placed, short of documents: payment, hold, comment, address, cancel.
 */
class OrderDesk
{
    private const STATUS_OF_STATE = ['new' => 'pending'];

    public function __construct(private readonly Database $database, private readonly OrderJournal $journal)
    {
    }

    /**
     * One transaction that changes an order: root row locked first, its event last.
     *
     * @template T
     * @param callable(array<string, string|null>): T $work gets the order's row
     * @return T
     */
    public function change(int $orderId, string $actor, callable $work): mixed
    {
        return $this->database->transaction(function () use ($orderId, $actor, $work): mixed {
            $order = $this->database->row('sales_order', 'entity_id', $orderId, lock: true)
                ?? throw new \LogicException('The order is gone.');
            $result = $work($order);
            $this->journal->saved($orderId, $order['state'], $actor);
            return $result;
        });
    }

    /**
     * The columns that put an order into a state; inside a state its status is left alone.
     *
     * @return array<string, string>
     */
    public static function state(?string $before, string $after): array
    {
        return $before === $after ? [] : [
            'state' => $after,
            'status' => self::STATUS_OF_STATE[$after] ?? $after,
        ];
    }

    /** The gateway has authorised the whole amount. */
    public function authorize(int $orderId): void
    {
        $this->change($orderId, 'integration', function (array $order) use ($orderId): void {
            $this->database->update('sales_order_payment', 'parent_id', $orderId, [
                'amount_authorized' => $order['grand_total'],
                'base_amount_authorized' => $order['base_grand_total'],
                'last_trans_id' => "demo-$orderId",
            ]);
            $this->database->update('sales_order', 'entity_id', $orderId, self::state($order['state'], 'processing'));
        });
    }

    public function hold(int $orderId): void
    {
        $this->change($orderId, 'admin', function (array $order) use ($orderId): void {
            $this->database->update('sales_order', 'entity_id', $orderId, self::state($order['state'], 'holded') + [
                'hold_before_state' => $order['state'],
                'hold_before_status' => $order['status'],
            ]);
        });
    }

    public function unhold(int $orderId): void
    {
        $this->change($orderId, 'admin', function (array $order) use ($orderId): void {
            $this->database->update('sales_order', 'entity_id', $orderId, [
                'state' => $order['hold_before_state'],
                'status' => $order['hold_before_status'],
                'hold_before_state' => null,
                'hold_before_status' => null,
            ]);
        });
    }

    /** Changes nothing that an ERP could see. */
    public function comment(int $orderId): void
    {
        $this->change($orderId, 'admin', function (array $order) use ($orderId): void {
            $this->database->insert('sales_order_status_history', [
                'parent_id' => $orderId,
                'comment' => 'The customer called: leave it at the gate – danke schön.',
                'status' => $order['status'],
                'entity_name' => 'order',
            ]);
        });
    }

    /** @return array<string, string|null> what somebody's browser shows of the order now */
    public function openPage(int $orderId): array
    {
        return $this->database->row('sales_order', 'entity_id', $orderId) ?? [];
    }

    /**
     * Saves an order as it was when its page was opened: Magento writes every column it has, not what changed,
     * so all that was written to the row since is lost, the ERP's number included.
     *
     * @param array<string, string|null> $page
     */
    public function saveOldPage(int $orderId, array $page): void
    {
        unset($page['entity_id'], $page['updated_at']);
        $this->change($orderId, 'admin', function (array $order) use ($orderId, $page): void {
            if ($order['ext_order_id'] !== null && $page['ext_order_id'] === null) {
                $this->database->insert('demo_overwrite', ['order_id' => $orderId]);
            }
            $this->database->update('sales_order', 'entity_id', $orderId, ['customer_note' => 'Ring twice.'] + $page);
        });
    }

    public function moveHouse(int $orderId): void
    {
        $this->change($orderId, 'admin', function (array $order) use ($orderId): void {
            $address = $order['shipping_address_id'] ?? $order['billing_address_id'];
            $this->database->update('sales_order_address', 'entity_id', (int) $address, [
                'street' => "Neue Straße 9\n2. Stock",
                'telephone' => '555-0199',
            ]);
        });
    }

    /** Cancels what is neither invoiced nor shipped; the reservation is given back before, on its own. */
    public function cancel(int $orderId): void
    {
        $this->release($orderId);
        $this->change($orderId, 'admin', function (array $order) use ($orderId): void {
            foreach ($this->database->rows('sales_order_item', 'order_id', $orderId) as $item) {
                $this->database->update('sales_order_item', 'item_id', (int) $item['item_id'], [
                    'qty_canceled' => $item['qty_ordered'],
                    'tax_canceled' => $item['tax_amount'],
                ]);
            }
            $changes = self::state($order['state'], 'canceled');
            foreach (Columns::CURRENCIES as $currency) {
                foreach (['subtotal', 'tax', 'shipping', 'discount', 'total'] as $part) {
                    $whole = match ($part) {
                        'subtotal' => 'subtotal',
                        'total' => 'grand_total',
                        default => "{$part}_amount",
                    };
                    $changes["$currency{$part}_canceled"] = $order[$currency . $whole];
                }
            }
            $this->database->update('sales_order', 'entity_id', $orderId, $changes);
        });
    }

    private function release(int $orderId): void
    {
        $order = $this->database->row('sales_order', 'entity_id', $orderId);
        $items = new OrderItems($this->database->rows('sales_order_item', 'order_id', $orderId));
        $increment = (string) ($order['increment_id'] ?? '');
        $this->journal->reserveApart(function () use ($items, $orderId, $increment): void {
            foreach ($items->shippable() as $row) {
                foreach ($items->stocked($row, Amount::of($row['qty_ordered'])) as $sku => $quantity) {
                    $this->journal->reserve((string) $sku, $quantity, 'order_canceled', (string) $orderId, $increment);
                }
            }
        });
    }
}
