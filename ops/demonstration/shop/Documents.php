<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * Invoices, shipments and credit memos: each with its order in one transaction.
 *
 * Partial documents take half of what is open. Shares of amounts are rounded to the cent so that all
 * documents of a line together give exactly the line.
 */
class Documents
{
    /** Figure of a line => where the item keeps what was invoiced and refunded of it. */
    private const INVOICED = [
        'row_total' => 'row_invoiced',
        'tax_amount' => 'tax_invoiced',
        'discount_amount' => 'discount_invoiced',
        'discount_tax_compensation_amount' => 'discount_tax_compensation_invoiced',
    ];
    private const REFUNDED = [
        'row_total' => 'amount_refunded',
        'tax_amount' => 'tax_refunded',
        'discount_amount' => 'discount_refunded',
        'discount_tax_compensation_amount' => 'discount_tax_compensation_refunded',
    ];
    /** Figure of a document => where the order keeps its sum; what is not named is not kept there. */
    private const ORDER_SUMS = [
        'subtotal' => 'subtotal',
        'tax_amount' => 'tax',
        'discount_amount' => 'discount',
        'shipping_amount' => 'shipping',
        'discount_tax_compensation_amount' => 'discount_tax_compensation',
        'grand_total' => 'total',
    ];
    private const SHIPPING_FIGURES = [
        'shipping_amount', 'shipping_incl_tax', 'shipping_tax_amount', 'shipping_discount_amount',
        'shipping_discount_tax_compensation_amount',
    ];
    private const PAID = 2;
    private const REFUND_DONE = 2;

    private int $numbered = 0;

    public function __construct(
        private readonly Database $database,
        private readonly OrderDesk $desk,
        private readonly OrderJournal $journal,
        private readonly int $shop,
    ) {
    }

    public function invoice(int $orderId, bool $partly = false): void
    {
        $this->desk->change($orderId, 'admin', function (array $order) use ($orderId, $partly): void {
            $items = $this->items($orderId);
            $lines = self::lines($items->priced(), 'qty_ordered', 'qty_invoiced', $partly);
            $withShipping = Amount::of($order['shipping_invoiced']) === 0;
            $figures = self::documentFigures($order, $lines, self::INVOICED, $withShipping);
            $invoiceId = $this->database->insert('sales_invoice', $figures + self::header($order) + [
                'order_id' => $orderId,
                'increment_id' => $this->nextNumber(),
                'state' => self::PAID,
                'total_qty' => Amount::text(array_sum(array_column($lines, 'quantity'))),
            ]);
            $this->writeLines('sales_invoice_item', $invoiceId, $lines);
            $this->advance($items, $lines, 'qty_invoiced', self::INVOICED);
            $this->book($order, $figures, 'invoiced');
        });
    }

    /** @param list<string> $sources where the goods are, the preferred warehouse first */
    public function ship(int $orderId, array $sources, bool $partly = false): void
    {
        $this->desk->change($orderId, 'admin', function (array $order) use ($orderId, $sources, $partly): void {
            $items = $this->items($orderId);
            $lines = self::lines($items->shippable(), 'qty_ordered', 'qty_shipped', $partly);
            $shipmentId = $this->database->insert('sales_shipment', self::header($order) + [
                'order_id' => $orderId,
                'increment_id' => $this->nextNumber(),
                'total_qty' => Amount::text(array_sum(array_column($lines, 'quantity'))),
            ]);
            $this->writeLines('sales_shipment_item', $shipmentId, $lines);
            $this->advance($items, $lines, 'qty_shipped', []);
            $cause = ['type' => 'shipment', 'id' => (string) $shipmentId];
            foreach (self::stocked($items, $lines) as $sku => $quantity) {
                $this->journal->moved($sources[$partly ? count($sources) - 1 : 0], $sku, -$quantity, 'shipment', $cause);
                $this->journal->reserve($sku, $quantity, 'shipment_created', (string) $orderId, (string) $order['increment_id']);
            }
            $this->database->update('sales_order', 'entity_id', $orderId, OrderDesk::state(
                $order['state'],
                $this->isDone($orderId, $order) ? 'complete' : 'processing'
            ));
        });
    }

    /**
     * Refunds what is invoiced, and when it comes back, puts it on the shelf in a transaction of its own.
     *
     * @param string|null $returnsTo the source that gets the goods back; null: nothing comes back
     * @param string $adjustment what is refunded on top of the goods, in the order's currency
     */
    public function refund(int $orderId, ?string $returnsTo, bool $partly = false, string $adjustment = '0'): void
    {
        $refunded = $this->desk->change(
            $orderId,
            'admin',
            fn (array $order): array => $this->writeCreditmemo($order, $partly, Amount::of($adjustment))
        );
        if ($returnsTo !== null && $refunded['stock'] !== []) {
            $this->database->transaction(function () use ($refunded, $returnsTo): void {
                $cause = ['type' => 'creditmemo', 'id' => (string) $refunded['id']];
                foreach ($refunded['stock'] as $sku => $quantity) {
                    $this->journal->moved($returnsTo, (string) $sku, $quantity, 'refund', $cause);
                }
            });
        }
    }

    /**
     * @param array<string, string|null> $order
     * @return array{id: int, stock: array<string, int>}
     */
    private function writeCreditmemo(array $order, bool $partly, int $adjustment): array
    {
        $orderId = (int) $order['entity_id'];
        $items = $this->items($orderId);
        $lines = self::lines($items->priced(), 'qty_invoiced', 'qty_refunded', $partly);
        $withShipping = !$partly && Amount::of($order['shipping_refunded']) === 0;
        $figures = self::documentFigures($order, $lines, self::REFUNDED, $withShipping);
        foreach (Columns::CURRENCIES as $currency) {
            $extra = $currency === '' ? Amount::exchange($adjustment, Amount::of($order['base_to_order_rate'])) : $adjustment;
            $figures["{$currency}adjustment_positive"] = Amount::text($extra);
            $figures["{$currency}grand_total"] = self::sum($figures["{$currency}grand_total"], $extra);
        }
        $memoId = $this->database->insert('sales_creditmemo', $figures + self::header($order) + [
            'order_id' => $orderId,
            'increment_id' => $this->nextNumber(),
            'state' => self::REFUND_DONE,
        ]);
        $this->writeLines('sales_creditmemo_item', $memoId, $lines);
        $this->advance($items, $lines, 'qty_refunded', self::REFUNDED);
        $this->book($order, $figures, 'refunded');
        $shippable = array_column($items->shippable(), 'item_id');
        $returned = array_filter($lines, static fn (array $l): bool => in_array($l['row']['item_id'], $shippable, true));
        return ['id' => $memoId, 'stock' => self::stocked($items, array_values($returned))];
    }

    /**
     * How much of each row a document takes, and what that costs.
     *
     * @param list<array<string, string|null>> $rows
     * @return list<array{row: array<string, string|null>, from: int, to: int, quantity: int}>
     */
    private static function lines(array $rows, string $whole, string $done, bool $partly): array
    {
        $lines = [];
        foreach ($rows as $row) {
            $from = Amount::of($row[$done]);
            $open = Amount::of($row[$whole]) - $from;
            $half = intdiv($open, 2 * Amount::ONE) * Amount::ONE;
            $quantity = $partly && $half > 0 ? $half : $open;
            if ($quantity > 0) {
                $lines[] = ['row' => $row, 'from' => $from, 'to' => $from + $quantity, 'quantity' => $quantity];
            }
        }
        return $lines;
    }

    /**
     * @param array<string, string|null> $order
     * @param list<array{row: array<string, string|null>, from: int, to: int, quantity: int}> $lines
     * @param array<string, string> $kept
     * @return array<string, string> a document's figures in both currencies
     */
    private static function documentFigures(array $order, array $lines, array $kept, bool $withShipping): array
    {
        $figures = [];
        foreach (Columns::CURRENCIES as $currency) {
            $of = array_fill_keys(array_keys($kept), 0);
            foreach ($lines as $line) {
                foreach (array_keys($of) as $figure) {
                    $of[$figure] += self::share($line, Columns::in($currency, $figure));
                }
            }
            $shipping = [];
            foreach (self::SHIPPING_FIGURES as $figure) {
                $shipping[$figure] = $withShipping ? Amount::of($order[Columns::in($currency, $figure)]) : 0;
            }
            $own = $shipping + [
                'subtotal' => $of['row_total'],
                'tax_amount' => $of['tax_amount'] + $shipping['shipping_tax_amount'],
                'discount_amount' => -$of['discount_amount'] - $shipping['shipping_discount_amount'],
                'discount_tax_compensation_amount' => $of['discount_tax_compensation_amount'],
            ];
            $own['grand_total'] = $own['subtotal'] + $own['shipping_amount'] + $own['discount_amount']
                + $own['tax_amount'] + $own['discount_tax_compensation_amount']
                + $own['shipping_discount_tax_compensation_amount'];
            foreach ($own as $figure => $value) {
                $figures[Columns::in($currency, $figure)] = Amount::text($value);
            }
        }
        return $figures;
    }

    /** @param array{row: array<string, string|null>, from: int, to: int, quantity: int} $line */
    private static function share(array $line, string $figure): int
    {
        $whole = Amount::of($line['row']['qty_ordered']);
        return Amount::share(Amount::of($line['row'][$figure]), $line['from'], $line['to'], $whole);
    }

    /** @param list<array{row: array<string, string|null>, from: int, to: int, quantity: int}> $lines */
    private function writeLines(string $table, int $documentId, array $lines): void
    {
        foreach ($lines as $line) {
            $shares = [];
            foreach (array_keys(self::INVOICED) as $figure) {
                foreach (Columns::CURRENCIES as $currency) {
                    $column = Columns::in($currency, $figure);
                    $shares[$column] = Amount::text(self::share($line, $column));
                }
            }
            $this->database->insert($table, $shares + [
                'parent_id' => $documentId,
                'order_item_id' => (int) $line['row']['item_id'],
                'qty' => Amount::text($line['quantity']),
            ] + array_intersect_key($line['row'], array_flip(['product_id', 'sku', 'name', 'price', 'base_price', 'weight'])));
        }
    }

    /**
     * Writes on the order's items what the document took, and the children along with their parents.
     *
     * @param list<array{row: array<string, string|null>, from: int, to: int, quantity: int}> $lines
     * @param array<string, string> $kept
     */
    private function advance(OrderItems $items, array $lines, string $done, array $kept): void
    {
        foreach ($lines as $line) {
            $row = $line['row'];
            $changes = [$done => Amount::text($line['to'])];
            foreach ($kept as $figure => $column) {
                foreach (Columns::CURRENCIES as $currency) {
                    $share = self::share($line, $currency . $figure);
                    $changes[$currency . $column] = self::sum($row[$currency . $column], $share);
                }
            }
            $this->database->update('sales_order_item', 'item_id', (int) $row['item_id'], $changes);
            foreach ($done === 'qty_shipped' ? [] : $items->childrenOf($row) as $child) {
                $quantity = $items->stocked($row, $line['to'])[(string) $child['sku']];
                $this->database->update('sales_order_item', 'item_id', (int) $child['item_id'], [$done => Amount::text($quantity)]);
            }
        }
    }

    /**
     * Adds the document to the order's totals and moves the order to the state that follows.
     *
     * @param array<string, string|null> $order
     * @param array<string, string> $figures
     * @param string $kind invoiced or refunded
     */
    private function book(array $order, array $figures, string $kind): void
    {
        $changes = [];
        foreach (Columns::CURRENCIES as $currency) {
            foreach (self::ORDER_SUMS as $figure => $sum) {
                $column = "$currency{$sum}_$kind";
                $changes[$column] = self::sum($order[$column], Amount::of($figures[Columns::in($currency, $figure)]));
            }
            if ($kind === 'invoiced') {
                $paid = $changes["{$currency}total_invoiced"];
                $changes["{$currency}total_paid"] = $paid;
                $changes["{$currency}total_due"] = self::sum($order["{$currency}grand_total"], -Amount::of($paid));
            } else {
                $changes["{$currency}total_offline_refunded"] = $changes["{$currency}total_refunded"];
                $changes["{$currency}adjustment_positive"] = $figures["{$currency}adjustment_positive"];
            }
        }
        $orderId = (int) $order['entity_id'];
        $paid = Amount::of($changes['total_paid'] ?? $order['total_paid']);
        $isClosed = $kind === 'refunded' && Amount::of($changes['total_refunded']) >= $paid;
        $after = $isClosed ? 'closed' : ($this->isDone($orderId, $order) ? 'complete' : 'processing');
        $this->database->update('sales_order', 'entity_id', $orderId, $changes + OrderDesk::state($order['state'], $after));
        $this->database->update('sales_order_payment', 'parent_id', $orderId, $kind === 'invoiced'
            ? ['amount_paid' => $changes['total_paid'], 'base_amount_paid' => $changes['base_total_paid']]
            : ['amount_refunded' => $changes['total_refunded'], 'base_amount_refunded' => $changes['base_total_refunded']]);
    }

    /** @param array<string, string|null> $order whether nothing is left to invoice or to ship */
    private function isDone(int $orderId, array $order): bool
    {
        $items = $this->items($orderId);
        $open = static fn (array $row, string $done): bool => Amount::of($row[$done]) < Amount::of($row['qty_ordered']);
        return array_filter($items->priced(), static fn (array $row): bool => $open($row, 'qty_invoiced')) === []
            && array_filter($items->shippable(), static fn (array $row): bool => $open($row, 'qty_shipped')) === [];
    }

    /**
     * @param list<array{row: array<string, string|null>, from: int, to: int, quantity: int}> $lines
     * @return array<string, int> SKU => quantity, in one order everywhere, so that two shipments do not deadlock
     */
    private static function stocked(OrderItems $items, array $lines): array
    {
        $moves = [];
        foreach ($lines as $line) {
            foreach ($items->stocked($line['row'], $line['quantity']) as $sku => $quantity) {
                $moves[$sku] = ($moves[$sku] ?? 0) + $quantity;
            }
        }
        ksort($moves);
        return $moves;
    }

    /**
     * @param array<string, string|null> $order
     * @return array<string, string|null>
     */
    private static function header(array $order): array
    {
        return array_intersect_key($order, array_flip([
            'store_id', 'billing_address_id', 'shipping_address_id', 'store_currency_code', 'order_currency_code',
            'base_currency_code', 'global_currency_code', 'base_to_order_rate', 'base_to_global_rate',
        ]));
    }

    private function items(int $orderId): OrderItems
    {
        return new OrderItems($this->database->rows('sales_order_item', 'order_id', $orderId));
    }

    private function nextNumber(): string
    {
        return sprintf('%03d%06d', $this->shop, ++$this->numbered);
    }

    private static function sum(?string $amount, int $more): string
    {
        return Amount::text(Amount::of($amount) + $more);
    }
}
