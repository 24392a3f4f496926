<?php

declare(strict_types=1);

/**
 * The amounts of a document: shares of the order's, the last one taking what roundings have left.
 */
class RestTotals
{
    public function __construct(private readonly RestOrder $order)
    {
    }

    /** @return array<string, mixed> a row of sales_invoice_item without its parent */
    public function invoiced(int $id, float $quantity): array
    {
        $item = $this->order->items[$id];
        $available = (float) $item['qty_ordered'] - (float) $item['qty_invoiced'];
        $pairs = ['row_total' => 'row_invoiced', 'tax_amount' => 'tax_invoiced',
            'discount_amount' => 'discount_invoiced'];
        return $this->line($id, $quantity, $this->order->toInvoice($id), $available, $pairs);
    }

    /** @return array<string, mixed> a row of sales_creditmemo_item without its parent */
    public function refunded(int $id, float $quantity): array
    {
        $item = $this->order->items[$id];
        $available = (float) $item['qty_invoiced'] - (float) $item['qty_refunded'];
        $pairs = ['row_invoiced' => 'amount_refunded', 'tax_invoiced' => 'tax_refunded',
            'discount_invoiced' => 'discount_refunded'];
        return $this->line($id, $quantity, $this->order->toRefund($id), $available, $pairs);
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
     * @param list<array<string, mixed>> $items
     * @return array<string, float>
     */
    public function ofCreditmemo(array $items, float $shipping, float $positive, float $negative): array
    {
        $row = $this->order->row;
        $share = (float) $row['shipping_amount'] > 0 ? $shipping / (float) $row['shipping_amount'] : 0.0;
        $sums = [];
        foreach (['', 'base_'] as $of) {
            $shippingTax = round($this->amount($row, 'shipping_tax_amount', $of) * $share, 2);
            $shippingShare = round($this->amount($row, 'shipping_amount', $of) * $share, 2);
            $sums += $this->sum($items, $of, $shippingShare, $shippingTax);
            $sums["{$of}adjustment_positive"] = $positive;
            $sums["{$of}adjustment_negative"] = $negative;
            $sums["{$of}adjustment"] = $positive - $negative;
            $sums["{$of}grand_total"] += $positive - $negative;
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
     * @param array<string, string> $pairs of columns: what there is, and what of it is gone
     * @return array<string, mixed>
     */
    private function line(int $id, float $quantity, float $left, float $available, array $pairs): array
    {
        $item = $this->order->items[$id];
        $line = ['order_item_id' => $id, 'qty' => $quantity, 'sku' => $item['sku'], 'name' => $item['name'],
            'product_id' => $item['product_id'], 'price' => $item['price'], 'base_price' => $item['base_price']];
        foreach (array_combine(['row_total', 'tax_amount', 'discount_amount'], array_keys($pairs)) as $column => $of) {
            foreach (['', 'base_'] as $base) {
                $rest = $this->amount($item, $of, $base) - $this->amount($item, $pairs[$of], $base);
                $isLast = abs($quantity - $left) < .00001 || $available <= 0;
                $share = $isLast ? $rest : round($rest / $available * $quantity, 2);
                $line[$base . $column] = $this->order->isDummy($id) ? 0.0 : $share;
            }
        }
        return $line;
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
