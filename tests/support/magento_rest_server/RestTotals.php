<?php

declare(strict_types=1);

/**
 * The amounts of a document: shares of the order's, the last one taking what roundings have left.
 */
class RestTotals
{
    /** What each currency's last rounding has left, which the next one takes along. */
    private array $left = ['' => 0.0, 'base_' => 0.0];

    public function __construct(private readonly RestOrder $order)
    {
    }

    /**
     * @param array<int, float> $quantities
     * @return list<array<string, mixed>> rows of sales_invoice_item without their parent
     */
    public function invoiced(array $quantities): array
    {
        $columns = ['row_total' => ['row_total', 'row_invoiced'], 'discount_amount' => ['discount_amount',
            'discount_invoiced'], 'tax_amount' => ['tax_amount', 'tax_invoiced']];
        $available = fn (int $id): float => (float) $this->order->items[$id]['qty_ordered']
            - (float) $this->order->items[$id]['qty_invoiced'];
        return $this->lines($quantities, $columns, $this->order->toInvoice(...), $available);
    }

    /**
     * @param array<int, float> $quantities
     * @return list<array<string, mixed>> rows of sales_creditmemo_item without their parent
     */
    public function refunded(array $quantities): array
    {
        $columns = ['row_total' => ['row_invoiced', 'amount_refunded'], 'discount_amount' => ['discount_invoiced',
            'discount_refunded'], 'tax_amount' => ['tax_invoiced', 'tax_refunded']];
        $available = fn (int $id): float => (float) $this->order->items[$id]['qty_invoiced']
            - (float) $this->order->items[$id]['qty_refunded'];
        return $this->lines($quantities, $columns, $this->order->toRefund(...), $available);
    }

    /**
     * @param list<array<string, mixed>> $items
     * @return array<string, float> a discount is negative, as in Magento's documents
     */
    public function ofInvoice(array $items, bool $isFirst): array
    {
        $row = $this->order->row;
        $sums = [];
        foreach (['', 'base_'] as $of) {
            $shippingTax = $isFirst ? $this->amount($row, 'shipping_tax_amount', $of) : 0.0;
            $shipping = $isFirst ? $this->amount($row, 'shipping_amount', $of) : 0.0;
            $sums += $this->sum($items, $of, $shipping, $shippingTax);
        }
        return $sums;
    }

    /**
     * Shipping and adjustments are asked for in the base currency.
     *
     * @param list<array<string, mixed>> $items
     * @return array<string, float>
     */
    public function ofCreditmemo(array $items, float $shipping, float $positive, float $negative): array
    {
        $row = $this->order->row;
        $ofOrder = $this->order->base($row, 'shipping_amount');
        $share = $ofOrder > 0 ? $shipping / $ofOrder : 0.0;
        $sums = [];
        foreach (['', 'base_'] as $of) {
            $shippingTax = round($this->amount($row, 'shipping_tax_amount', $of) * $share, 2);
            $shippingShare = round($this->amount($row, 'shipping_amount', $of) * $share, 2);
            $sums += $this->sum($items, $of, $shippingShare, $shippingTax);
            $more = $of === '' ? round($positive * $this->order->rate(), 2) : $positive;
            $less = $of === '' ? round($negative * $this->order->rate(), 2) : $negative;
            $sums["{$of}adjustment_positive"] = $more;
            $sums["{$of}adjustment_negative"] = $less;
            $sums["{$of}adjustment"] = $more - $less;
            $sums["{$of}grand_total"] += $more - $less;
        }
        return $sums;
    }

    /**
     * @param array<string, float> $sums
     * @return array<string, string>
     */
    public function rounded(array $sums): array
    {
        return array_map(RestOrder::decimal(...), $sums);
    }

    /**
     * Amount by amount over all lines, as Magento's collectors go: a rounding's rest passes from one to the next.
     *
     * @param array<int, float> $quantities
     * @param array<string, array{string, string}> $columns what the order's item has, and what of it is gone
     * @param callable(int): float $left the quantity that may still be taken
     * @param callable(int): float $available the quantity that the rest of the amounts is for
     * @return list<array<string, mixed>>
     */
    private function lines(array $quantities, array $columns, callable $left, callable $available): array
    {
        $lines = [];
        foreach ($quantities as $id => $quantity) {
            $item = $this->order->items[$id];
            $lines[$id] = ['order_item_id' => $id, 'qty' => $quantity, 'sku' => $item['sku'], 'name' => $item['name'],
                'product_id' => $item['product_id'], 'price' => $item['price'], 'base_price' => $item['base_price']];
        }
        foreach ($columns as $column => [$of, $gone]) {
            $isDiscount = $column === 'discount_amount';
            foreach ($quantities as $id => $quantity) {
                $item = $this->order->items[$id];
                $isLast = abs($quantity - $left($id)) < .00001 || $available($id) <= 0;
                foreach (['', 'base_'] as $base) {
                    $rest = $this->amount($item, $of, $base) - $this->amount($item, $gone, $base);
                    $lines[$id][$base . $column] = match (true) {
                        $this->order->isDummy($id) => null,
                        $isLast => $rest,
                        default => $this->round($rest / $available($id) * $quantity, $base, $isDiscount),
                    };
                }
            }
        }
        return array_values($lines);
    }

    private function round(float $amount, string $base, bool $isNegative): float
    {
        if ($amount == 0.0) {
            return 0.0;
        }
        $sign = $isNegative ? -1 : 1;
        $amount += $sign * $this->left[$base];
        $rounded = round($amount, 2);
        $this->left[$base] = $sign * ($amount - $rounded);
        return $rounded;
    }

    /**
     * @param list<array<string, mixed>> $items
     * @return array<string, float>
     */
    private function sum(array $items, string $of, float $shipping, float $shippingTax): array
    {
        $subtotal = array_sum(array_column($items, "{$of}row_total"));
        $tax = array_sum(array_column($items, "{$of}tax_amount")) + $shippingTax;
        $discount = array_sum(array_column($items, "{$of}discount_amount"));
        return [
            "{$of}subtotal" => $subtotal,
            "{$of}tax_amount" => $tax,
            "{$of}shipping_amount" => $shipping,
            "{$of}shipping_tax_amount" => $shippingTax,
            "{$of}discount_amount" => -$discount,
            "{$of}grand_total" => $subtotal + $tax + $shipping - $discount,
        ];
    }

    /** @param array<string, mixed> $row */
    private function amount(array $row, string $column, string $of): float
    {
        return $of === '' ? (float) $row[$column] : $this->order->base($row, $column);
    }
}
