<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * What a basket costs in one currency, with Magento's arithmetic.
 *
 * Per line: row_total is without tax and before discount. Where the catalogue's prices include tax, the
 * discount holds tax too, and discount_tax_compensation_amount is that tax. So always
 * grand_total = subtotal + shipping - discounts + tax + compensations.
 */
class Pricing
{
    private const SUMMED = ['row_total', 'row_total_incl_tax', 'tax_amount'];

    public function __construct(
        private readonly Market $market,
        private readonly int $rate,
        private readonly int $discountPercent,
    ) {
    }

    /**
     * @param list<array<string, mixed>> $basket
     * @return list<array<string, mixed>> the same lines with `figures` and `rules` (rule => tax amount)
     */
    public function lines(array $basket): array
    {
        return array_map(fn (array $line): array => $this->line($line), $basket);
    }

    /**
     * The order's totals.
     *
     * @param list<array<string, mixed>> $lines as `lines` gives them
     * @return array<string, int>
     */
    public function totals(array $lines, int $shippingPrice): array
    {
        $sum = array_fill_keys([...self::SUMMED, 'discount_amount', 'discount_tax_compensation_amount'], 0);
        foreach ($lines as $line) {
            $priced = self::isDynamic($line) ? $line['children'] : [$line];
            foreach ($priced as $part) {
                foreach (array_keys($sum) as $figure) {
                    $sum[$figure] += $part['figures'][$figure];
                }
            }
        }
        $shipping = $this->shipping($shippingPrice);
        $totals = [
            'subtotal' => $sum['row_total'],
            'subtotal_incl_tax' => $sum['row_total_incl_tax'],
            'discount_amount' => -$sum['discount_amount'] - $shipping['discount_amount'],
            'tax_amount' => $sum['tax_amount'] + $shipping['tax_amount'],
            'discount_tax_compensation_amount' => $sum['discount_tax_compensation_amount'],
            'shipping_amount' => $shipping['row_total'],
            'shipping_incl_tax' => $shipping['row_total_incl_tax'],
            'shipping_tax_amount' => $shipping['tax_amount'],
            'shipping_discount_amount' => $shipping['discount_amount'],
            'shipping_discount_tax_compensation_amount' => $shipping['discount_tax_compensation_amount'],
        ];
        return $totals + ['grand_total' => $totals['subtotal'] + $totals['shipping_amount']
            + $totals['discount_amount'] + $totals['tax_amount'] + $totals['discount_tax_compensation_amount']
            + $totals['shipping_discount_tax_compensation_amount']];
    }

    /** @return array<string, int> rule => tax on shipping */
    public function shippingTaxes(int $shippingPrice): array
    {
        return $this->priced($this->displayed($shippingPrice), Amount::ONE, 'goods')[1];
    }

    /**
     * @param array<string, mixed> $line
     * @return array<string, mixed>
     */
    private function line(array $line): array
    {
        $line['children'] = array_map(fn (array $child): array => $this->line($child), $line['children']);
        if (self::isDynamic($line)) {
            return ['figures' => self::sumOf($line), 'rules' => [], 'tax_percent' => null] + $line;
        }
        $unit = $this->displayed($line['price']);
        [$figures, $rules] = $this->priced($unit, $line['quantity'], $line['tax_class']);
        $percent = $unit === 0 ? 0 : $this->percent($line['tax_class']);
        return ['figures' => $figures, 'rules' => $rules, 'tax_percent' => $percent] + $line;
    }

    /** @param array<string, mixed> $line */
    private static function isDynamic(array $line): bool
    {
        return $line['product_type'] === 'bundle' && $line['options']['product_calculations'] === 0;
    }

    /**
     * @param array<string, mixed> $bundle
     * @return array<string, int> the parent repeats what its children cost
     */
    private static function sumOf(array $bundle): array
    {
        $sum = ['price' => 0, 'price_incl_tax' => 0] + array_fill_keys(self::SUMMED, 0);
        foreach ($bundle['children'] as $child) {
            $perSet = intdiv($child['quantity'], $bundle['quantity']);
            $sum['price'] += $child['figures']['price'] * $perSet;
            $sum['price_incl_tax'] += $child['figures']['price_incl_tax'] * $perSet;
            foreach (self::SUMMED as $figure) {
                $sum[$figure] += $child['figures'][$figure];
            }
        }
        return $sum + ['discount_amount' => 0, 'discount_tax_compensation_amount' => 0];
    }

    /** @return array<string, int> */
    private function shipping(int $price): array
    {
        return $this->priced($this->displayed($price), Amount::ONE, 'goods')[0];
    }

    private function displayed(int $basePrice): int
    {
        return Amount::exchange($basePrice, $this->rate);
    }

    /**
     * One line of one price.
     *
     * @return array{0: array<string, int>, 1: array<string, int>} its figures, and its tax by rule
     */
    private function priced(int $unit, int $quantity, string $taxClass): array
    {
        $displayed = Amount::product($unit, $quantity);
        $discount = Amount::percentOf($displayed, $this->discountPercent);
        $before = array_sum($this->taxes($displayed, $taxClass));
        $rules = $this->taxes($displayed - $discount, $taxClass);
        $tax = array_sum($rules);
        $unitTax = array_sum($this->taxes($unit, $taxClass));
        $inside = $this->market->pricesIncludeTax;
        return [[
            'price' => $inside ? $unit - $unitTax : $unit,
            'price_incl_tax' => $inside ? $unit : $unit + $unitTax,
            'row_total' => $inside ? $displayed - $before : $displayed,
            'row_total_incl_tax' => $inside ? $displayed : $displayed + $before,
            'discount_amount' => $discount,
            'tax_amount' => $tax,
            'discount_tax_compensation_amount' => $inside ? $before - $tax : 0,
        ], $rules];
    }

    /** @return array<string, int> rule => tax; each further rule also taxes the taxes before it */
    private function taxes(int $value, string $taxClass): array
    {
        $taxes = [];
        foreach ($this->market->taxes[$taxClass] as [$rule, $percent]) {
            $taxes[$rule] = $this->market->pricesIncludeTax
                ? Amount::percentWithin($value, $percent)
                : Amount::percentOf($value + array_sum($taxes), $percent);
        }
        return $taxes;
    }

    private function percent(string $taxClass): int
    {
        $total = 0;
        foreach ($this->market->taxes[$taxClass] as [, $percent]) {
            $total += $percent + intdiv(Amount::product($total, $percent), 100);
        }
        return $total;
    }
}
