<?php

declare(strict_types=1);

/**
 * POST /V1/order/:orderId/invoice.
 */
class RestInvoicing
{
    private const PAID = 2;

    private readonly RestOrderSave $save;

    public function __construct(private readonly RestShop $shop)
    {
        $this->save = new RestOrderSave($shop);
    }

    /** @param array<string, mixed> $given */
    public function invoice(int $orderId, array $given): string
    {
        return $this->shop->withOrderLocked($orderId, function () use ($orderId, $given): string {
            $order = RestOrder::of($this->shop, $orderId);
            $asked = array_map(floatval(...), array_column($given['items'] ?? [], 'qty', 'order_item_id'));
            $this->validate($order, $asked);
            try {
                return (string) $this->write($order, $this->quantities($order, $asked), $given);
            } catch (\Exception $error) {
                $this->shop->log($error);
                throw RestError::refused('Could not save an invoice, see error log for details');
            }
        });
    }

    /** @param array<int, float> $asked */
    private function validate(RestOrder $order, array $asked): void
    {
        $messages = [];
        foreach (array_diff_key($asked, $order->items) as $unknown) {
            $messages[] = 'The invoice contains one or more items that are not part of the original order.';
            break;
        }
        foreach (array_intersect_key($asked, $order->items) as $id => $quantity) {
            if (!$order->isDummy($id) && $quantity > $order->toInvoice($id)) {
                $messages[] = 'The quantity to invoice must not be greater than the uninvoiced quantity'
                    . " for product SKU \"{$order->items[$id]['sku']}\".";
            }
        }
        if ($messages === [] && $asked !== [] && array_sum($asked) <= 0) {
            $messages[] = "You can't create an invoice without products.";
        }
        if (!$order->canInvoice()) {
            $messages[] = "An invoice cannot be created when an order has a status of {$order->row['status']}.";
        }
        if ($messages !== []) {
            throw RestError::invalid('Invoice', $messages);
        }
    }

    /**
     * What is invoiced, by order item: all that is left where the request names nothing.
     *
     * @param array<int, float> $asked
     * @return array<int, float>
     */
    private function quantities(RestOrder $order, array $asked): array
    {
        $quantities = [];
        foreach (array_keys($order->items) as $id) {
            $parent = (int) $order->items[$id]['parent_item_id'];
            $quantity = match (true) {
                $asked === [] && $order->isDummy($id) => (float) $order->items[$id]['qty_ordered'],
                $asked === [] => $order->toInvoice($id),
                isset($asked[$id]) => $asked[$id],
                // Children that carry no money of their own follow their parent.
                $order->isDummy($id) && isset($asked[$parent]) => $asked[$parent] * self::perParent($order, $id),
                default => 0.0,
            };
            if ($quantity > 0) {
                $quantities[$id] = $quantity;
            }
        }
        return $quantities;
    }

    private static function perParent(RestOrder $order, int $id): float
    {
        $parent = $order->parentOf($id);
        return $parent === null ? 1.0 : (float) $order->items[$id]['qty_ordered'] / (float) $parent['qty_ordered'];
    }

    /**
     * @param array<int, float> $quantities
     * @param array<string, mixed> $given
     */
    private function write(RestOrder $order, array $quantities, array $given): int
    {
        $isFirst = $this->shop->rows('sales_invoice', 'order_id', $order->id) === [];
        $totals = new RestTotals($order);
        $items = $totals->invoiced($quantities);
        $sums = $totals->ofInvoice($items, $isFirst);
        $method = (string) $order->payment['method'];
        $captures = ($given['capture'] ?? false) && $this->shop->isGateway($method);
        $transactionId = $captures ? 'CAP-' . $order->id . '-' . bin2hex(random_bytes(4)) : null;
        if ($captures) {
            $this->shop->moveMoney('capture', $order->id, $sums['grand_total']);
        }
        $model = $this->shop->loaded($order->id);
        $none = $isFirst ? [] : ['shipping_amount' => null, 'base_shipping_amount' => null];
        $header = $none + $totals->rounded($sums) + [
            'store_id' => $order->row['store_id'],
            'order_id' => $order->id,
            'total_qty' => array_sum($quantities),
            'state' => self::PAID,
            'can_void_flag' => 0,
            'transaction_id' => $transactionId,
            'billing_address_id' => $order->row['billing_address_id'],
            'shipping_address_id' => $order->row['shipping_address_id'],
            'order_currency_code' => $order->row['order_currency_code'],
            'base_currency_code' => $order->row['base_currency_code'],
        ];
        $header['increment_id'] = $this->shop->number('invoice', $order->store());
        $invoice = $this->shop->document('invoice', $header, $model);
        $this->shop->hook('sales_order_invoice_save_before', $invoice);
        $nothing = static fn () => null;
        $invoiceId = $this->save->document('invoice', $invoice, $header, $items, $given, $nothing);
        $this->shop->failIfTold();
        $this->register($order, $quantities, $items, $sums);
        if ($transactionId !== null) {
            $row = ['order_id' => $order->id, 'payment_id' => $order->payment['entity_id'], 'txn_id' => $transactionId,
                'txn_type' => 'capture', 'is_closed' => 1];
            $prefix = 'sales_order_payment_transaction';
            $this->shop->savePart('transaction', 'sales_payment_transaction', $prefix, $row, $model);
            $order->payment['last_trans_id'] = $transactionId;
        }
        $order->row['state'] = $order->nextState(true);
        $order->row['status'] = $this->shop->defaultStatus($order->row['state']);
        $this->save->save($order, $model);
        return $invoiceId;
    }

    /**
     * Notes on order and items what is invoiced now; an invoice of a Magento service always counts as paid.
     *
     * @param array<int, float> $quantities
     * @param list<array<string, mixed>> $items
     * @param array<string, float> $sums
     */
    private function register(RestOrder $order, array $quantities, array $items, array $sums): void
    {
        foreach ($items as $item) {
            $order->addToItem($item['order_item_id'], [
                'qty_invoiced' => $quantities[$item['order_item_id']],
                'row_invoiced' => (float) $item['row_total'],
                'base_row_invoiced' => (float) $item['base_row_total'],
                'tax_invoiced' => (float) $item['tax_amount'],
                'base_tax_invoiced' => (float) $item['base_tax_amount'],
                'discount_invoiced' => (float) $item['discount_amount'],
                'base_discount_invoiced' => (float) $item['base_discount_amount'],
            ]);
        }
        foreach (['', 'base_'] as $of) {
            $order->add([
                "{$of}subtotal_invoiced" => $sums["{$of}subtotal"],
                "{$of}tax_invoiced" => $sums["{$of}tax_amount"],
                "{$of}shipping_invoiced" => $sums["{$of}shipping_amount"],
                "{$of}discount_invoiced" => $sums["{$of}discount_amount"],
                "{$of}total_invoiced" => $sums["{$of}grand_total"],
                "{$of}total_paid" => $sums["{$of}grand_total"],
            ]);
            $order->row["{$of}total_due"] = RestOrder::decimal(
                (float) $order->row["{$of}grand_total"] - (float) $order->row["{$of}total_paid"]
            );
            $paid = (float) ($order->payment["{$of}amount_paid"] ?? 0) + $sums["{$of}grand_total"];
            $order->payment["{$of}amount_paid"] = RestOrder::decimal($paid);
        }
    }
}
