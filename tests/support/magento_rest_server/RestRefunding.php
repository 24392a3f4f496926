<?php

declare(strict_types=1);

/**
 * POST /V1/order/:orderId/refund and /V1/invoice/:invoiceId/refund.
 */
class RestRefunding
{
    private const REFUNDED = 2;
    private const PAID = '2';

    private readonly RestOrderSave $save;

    public function __construct(private readonly RestShop $shop)
    {
        $this->save = new RestOrderSave($shop);
    }

    /** @param array<string, mixed> $given */
    public function refundOrder(int $orderId, array $given): string
    {
        return $this->refund($orderId, $given, null, false);
    }

    /** @param array<string, mixed> $given */
    public function refundInvoice(int $invoiceId, array $given): string
    {
        if ($invoiceId === 0) {
            throw RestError::refused('An ID is needed. Set the ID and try again.');
        }
        $invoice = $this->shop->rows('sales_invoice', 'entity_id', $invoiceId)[0] ?? throw RestError::unknownEntity();
        return $this->refund((int) $invoice['order_id'], $given, $invoice, $given['isOnline'] ?? false);
    }

    /**
     * @param array<string, mixed> $given
     * @param array<string, mixed>|null $invoice
     */
    private function refund(int $orderId, array $given, ?array $invoice, bool $isOnline): string
    {
        return $this->shop->withOrderLocked($orderId, function () use ($orderId, $given, $invoice, $isOnline): string {
            $order = RestOrder::of($this->shop, $orderId);
            $limits = $invoice === null ? null : $this->limits((int) $invoice['entity_id']);
            $quantities = $this->quantities($order, $given['items'] ?? [], $limits);
            $arguments = $given['arguments'] ?? [];
            $open = $order->base($order->row, 'shipping_amount') - $order->base($order->row, 'shipping_refunded');
            $shipping = (float) ($arguments['shipping_amount'] ?? $open);
            if ($shipping - $open > .0001) {
                throw RestError::refused('Maximum shipping amount allowed to refund is: %1', sprintf('%.2F', $open));
            }
            $totals = new RestTotals($order);
            $items = $totals->refunded($quantities);
            $sums = $totals->ofCreditmemo(
                $items,
                $shipping,
                (float) ($arguments['adjustment_positive'] ?? 0),
                (float) ($arguments['adjustment_negative'] ?? 0)
            );
            $this->validate($order, $given['items'] ?? [], $quantities, $sums, $invoice);
            try {
                return (string) $this->write($order, $items, $sums, $given, $invoice, $isOnline);
            } catch (\Exception $error) {
                $this->shop->log($error);
                throw RestError::refused('Could not save a Creditmemo, see error log for details');
            }
        });
    }

    /** @return array<int, float> what of each item the invoice has, less what was refunded of it */
    private function limits(int $invoiceId): array
    {
        $limits = [];
        foreach ($this->shop->rows('sales_invoice_item', 'parent_id', $invoiceId) as $item) {
            $limits[(int) $item['order_item_id']] = (float) $item['qty'];
        }
        foreach ($this->shop->rows('sales_creditmemo', 'invoice_id', $invoiceId) as $memo) {
            foreach ($this->shop->rows('sales_creditmemo_item', 'parent_id', (int) $memo['entity_id']) as $item) {
                $limits[(int) $item['order_item_id']] -= (float) $item['qty'];
            }
        }
        return $limits;
    }

    /**
     * @param list<array<string, mixed>> $items
     * @param array<int, float>|null $limits
     * @return array<int, float>
     */
    private function quantities(RestOrder $order, array $items, ?array $limits): array
    {
        $asked = array_map(floatval(...), array_column($items, 'qty', 'order_item_id'));
        $quantities = [];
        foreach (array_keys($order->items) as $id) {
            $isDummy = $order->isDummy($id);
            $quantity = match (true) {
                $isDummy => $this->standingIn($order, $id, $asked, $items === []),
                $items === [] => $order->toRefund($id),
                default => $asked[$id] ?? 0.0,
            };
            $quantity = $limits === null || $isDummy ? $quantity : min($quantity, $limits[$id] ?? 0.0);
            if ($quantity > 0) {
                $quantities[$id] = $quantity;
            }
        }
        return $quantities;
    }

    /**
     * How much of a line that only stands for others goes with them.
     *
     * @param array<int, float> $asked
     */
    private function standingIn(RestOrder $order, int $id, array $asked, bool $isAll): float
    {
        $wanted = static fn (int $of): float => $isAll ? $order->toRefund($of) : $asked[$of] ?? 0.0;
        $children = array_keys($order->childrenOf($id));
        if ($children !== []) {
            return array_sum(array_map($wanted, $children)) > 0 ? (float) $order->items[$id]['qty_invoiced'] : 0.0;
        }
        return $wanted((int) $order->items[$id]['parent_item_id']) * RestOrder::perBundle($order->items[$id]);
    }

    /**
     * @param list<array<string, mixed>> $asked
     * @param array<int, float> $quantities
     * @param array<string, float> $sums
     * @param array<string, mixed>|null $invoice
     */
    private function validate(RestOrder $order, array $asked, array $quantities, array $sums, ?array $invoice): void
    {
        $messages = [];
        if ($order->is('payment_review', 'holded', 'canceled', 'closed')) {
            $messages[] = "A creditmemo can not be created when an order has a status of {$order->row['status']}";
        }
        if ($order->isAllRefunded()) {
            $messages[] = "We can't create creditmemo for the order.";
        }
        $isOnGateway = $this->shop->isGateway((string) $order->payment['method']);
        if ($invoice !== null && ($invoice['state'] !== self::PAID || !$isOnGateway)) {
            $messages[] = "We can't create creditmemo for the invoice.";
        }
        foreach ($asked as $item) {
            $id = (int) $item['order_item_id'];
            if (!isset($order->items[$id])) {
                $messages[] = 'The creditmemo contains product item that is not part of the original order.';
            } elseif ($order->isDummy($id)) {
                $messages[] = 'The creditmemo contains incorrect product items.';
            } elseif ((float) $item['qty'] > $order->toRefund($id)) {
                $messages[] = 'The quantity to refund must not be greater than the unrefunded quantity.';
            }
        }
        if ($sums['grand_total'] <= 0) {
            $messages[] = "The credit memo's total must be positive.";
        }
        $left = round((float) $order->row['base_total_paid'] - (float) $order->row['base_total_refunded'], 2);
        if (round($sums['base_grand_total'], 2) > $left) {
            $messages[] = "The most money available to refund is $left.";
        }
        if ($messages !== []) {
            throw RestError::invalid('Creditmemo', $messages);
        }
    }

    /**
     * The provider is called inside of the transaction, before anything is written.
     *
     * @param list<array<string, mixed>> $items
     * @param array<string, float> $sums
     * @param array<string, mixed> $given
     * @param array<string, mixed>|null $invoice
     */
    private function write(
        RestOrder $order,
        array $items,
        array $sums,
        array $given,
        ?array $invoice,
        bool $isOnline
    ): int {
        if ($isOnline) {
            $this->shop->moveMoney('refund', $order->id, $sums['grand_total']);
        }
        $asked = $given['arguments']['extension_attributes']['return_to_stock_items'] ?? [];
        $backToStock = array_map(intval(...), $asked);
        $totals = new RestTotals($order);
        $header = $totals->rounded($sums) + [
            'store_id' => $order->row['store_id'],
            'order_id' => $order->id,
            'invoice_id' => $invoice['entity_id'] ?? null,
            'state' => self::REFUNDED,
            'billing_address_id' => $order->row['billing_address_id'],
            'shipping_address_id' => $order->row['shipping_address_id'],
            'order_currency_code' => $order->row['order_currency_code'],
            'base_currency_code' => $order->row['base_currency_code'],
        ];
        $stock = $this->stockOf($order, $items, $backToStock);
        $this->register($order, $items, $sums, $isOnline);
        $order->row['state'] = $order->nextState(false);
        $order->row['status'] = $this->shop->defaultStatus($order->row['state']);

        $model = $this->shop->loaded($order->id);
        $memo = $this->shop->requestedCreditmemo($model, $backToStock);
        foreach ($header as $column => $value) {
            $memo->setData($column, $value);
        }
        if ($invoice !== null) {
            $this->shop->update('sales_invoice', ['is_used_for_refund' => 1], 'entity_id', (int) $invoice['entity_id']);
        }
        $amount = sprintf('%s%.2F', $order->row['order_currency_code'] ?? '', $sums['grand_total']);
        $this->save->save($order, $model, "We refunded $amount " . ($isOnline ? 'online.' : 'offline.'), 'creditmemo');
        $header['increment_id'] = $this->shop->number('creditmemo', $order->store());
        $memo->setData('increment_id', $header['increment_id']);
        $this->shop->hook('sales_order_creditmemo_save_before', $memo);
        $move = fn () => $this->moveStock($order, $model, $stock);
        $memoId = $this->save->document('creditmemo', $memo, $header, $items, $given, $move);
        $this->shop->failIfTold();
        return $memoId;
    }

    /**
     * @param list<array<string, mixed>> $items
     * @param list<int> $backToStock
     * @return list<array{sku: string, unshipped: float, shipped: float, is_back: bool}>
     */
    private function stockOf(RestOrder $order, array $items, array $backToStock): array
    {
        $stock = [];
        foreach ($items as ['order_item_id' => $id, 'qty' => $quantity]) {
            if ($order->isDummy($id)) {
                continue;
            }
            $unshipped = min($quantity, $order->simplyToShip($id));
            foreach ($order->stockOf($id, 1) as $sku => $each) {
                $stock[] = ['sku' => (string) $sku, 'unshipped' => $unshipped * $each,
                    'shipped' => ($quantity - $unshipped) * $each, 'is_back' => in_array($id, $backToStock, true)];
            }
        }
        return $stock;
    }

    /**
     * What never left is either free again or gone for good; what left comes back after the commit, if at all.
     *
     * @param list<array{sku: string, unshipped: float, shipped: float, is_back: bool}> $stock
     */
    private function moveStock(RestOrder $order, \Magento\Sales\Model\Order $model, array $stock): void
    {
        if (!$this->shop->hasSources()) {
            return;
        }
        $first = $this->shop->firstSource($order->store());
        foreach ($stock as $part) {
            if ($part['unshipped'] > 0) {
                if (!$part['is_back']) {
                    $this->shop->deduct($first, [$part['sku'] => $part['unshipped']], 'creditmemo_created', $order->id);
                }
                $this->shop->reserve([$part['sku'] => $part['unshipped']], 'creditmemo_created', $model);
            }
            if ($part['is_back'] && $part['shipped'] > 0) {
                $this->shop->afterCommit(fn () => $this->shop->deduct(
                    $this->sourceOf($order) ?? $first,
                    [$part['sku'] => -$part['shipped']],
                    'creditmemo_created',
                    $order->id
                ));
            }
        }
    }

    private function sourceOf(RestOrder $order): ?string
    {
        foreach ($this->shop->rows('sales_shipment', 'order_id', $order->id) as $shipment) {
            $id = (int) $shipment['entity_id'];
            foreach ($this->shop->rows('inventory_shipment_source', 'shipment_id', $id) as $row) {
                return (string) $row['source_code'];
            }
        }
        return null;
    }

    /**
     * @param list<array<string, mixed>> $items
     * @param array<string, float> $sums
     */
    private function register(RestOrder $order, array $items, array $sums, bool $isOnline): void
    {
        foreach ($items as $item) {
            $order->addToItem($item['order_item_id'], [
                'qty_refunded' => $item['qty'],
                'amount_refunded' => (float) $item['row_total'],
                'base_amount_refunded' => (float) $item['base_row_total'],
                'tax_refunded' => (float) $item['tax_amount'],
                'base_tax_refunded' => (float) $item['base_tax_amount'],
                'discount_refunded' => (float) $item['discount_amount'],
                'base_discount_refunded' => (float) $item['base_discount_amount'],
            ]);
        }
        $way = $isOnline ? 'online' : 'offline';
        foreach (['', 'base_'] as $of) {
            $order->add([
                "{$of}subtotal_refunded" => $sums["{$of}subtotal"],
                "{$of}tax_refunded" => $sums["{$of}tax_amount"],
                "{$of}shipping_refunded" => $sums["{$of}shipping_amount"],
                "{$of}shipping_tax_refunded" => $sums["{$of}shipping_tax_amount"],
                "{$of}discount_refunded" => $sums["{$of}discount_amount"],
                "{$of}adjustment_positive" => $sums["{$of}adjustment_positive"],
                "{$of}adjustment_negative" => $sums["{$of}adjustment_negative"],
                "{$of}total_refunded" => $sums["{$of}grand_total"],
                "{$of}total_{$way}_refunded" => $sums["{$of}grand_total"],
            ]);
            $refunded = (float) ($order->payment["{$of}amount_refunded"] ?? 0) + $sums["{$of}grand_total"];
            $order->payment["{$of}amount_refunded"] = RestOrder::decimal($refunded);
        }
    }
}
