<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Sales\Model\Order;

/**
 * The taxes of an order that is being placed, before Magento writes them.
 *
 * Magento saves tax rows after the order's transaction, from what the quote left in the order's extension
 * attributes; so in the placing transaction that is the only place to learn them. The rows told here are
 * the ones it will write, still without their ids.
 */
class AppliedTaxes
{
    /** @return list<array<string, mixed>> rows as sales_order_tax will hold them */
    public function taxes(Order $order): array
    {
        $rows = [];
        foreach ($this->fromQuote($order, 'getAppliedTaxes') as $tax) {
            foreach ($this->rates($tax) as $rate) {
                $rows[] = [
                    'order_id' => $order->getId(),
                    'code' => $rate['code'],
                    'title' => $rate['title'],
                    'percent' => $rate['percent'],
                    'priority' => $rate['priority'] ?? 0,
                    'position' => $rate['position'] ?? 0,
                    'process' => $tax['process'] ?? 0,
                    'amount' => $tax['amount'],
                    'base_amount' => $tax['base_amount'],
                    'base_real_amount' => isset($tax['percent'])
                        ? $tax['base_amount'] / $tax['percent'] * $rate['percent']
                        : $tax['base_amount'],
                ];
            }
        }
        return $rows;
    }

    /**
     * @param list<array<string, mixed>> $items the order's item rows, to find order items by quote item
     * @return list<array<string, mixed>> rows as sales_order_tax_item will hold them
     */
    public function taxItems(Order $order, array $items): array
    {
        $ofAQuote = array_filter($items, static fn (array $item): bool => isset($item['quote_item_id']));
        $itemIds = array_column($ofAQuote, 'item_id', 'quote_item_id');
        $rows = [];
        foreach ($this->fromQuote($order, 'getItemAppliedTaxes') as $taxed) {
            foreach ($taxed['applied_taxes'] ?? [] as $tax) {
                $rates = $this->rates($tax);
                foreach ($rates as $rate) {
                    $isOneOfMany = isset($tax['percent']) && count($rates) > 1;
                    $share = $isOneOfMany ? $rate['percent'] / $tax['percent'] : 1;
                    $rows[] = [
                        'item_id' => $itemIds[$taxed['item_id'] ?? ''] ?? null,
                        'associated_item_id' => isset($taxed['item_id'])
                            ? null
                            : $itemIds[$taxed['associated_item_id'] ?? ''] ?? null,
                        'taxable_item_type' => $taxed['type'],
                        'tax_percent' => $isOneOfMany ? $rate['percent'] : $tax['percent'],
                        'amount' => $tax['amount'],
                        'base_amount' => $tax['base_amount'],
                        'real_amount' => $tax['amount'] * $share,
                        'real_base_amount' => $tax['base_amount'] * $share,
                    ];
                }
            }
        }
        return $rows;
    }

    /** @return iterable<mixed> arrays, or objects that read like arrays */
    private function fromQuote(Order $order, string $getter): iterable
    {
        $attributes = $order->getExtensionAttributes();
        return $attributes !== null && $attributes->getConvertingFromQuote() ? $attributes->$getter() ?? [] : [];
    }

    /**
     * The rates that Magento writes a row for: where there is a percentage, not those of zero percent.
     *
     * @param array<string, mixed>|\ArrayAccess<string, mixed> $tax
     * @return array<array-key, mixed>
     */
    private function rates(array|\ArrayAccess $tax): array
    {
        $rates = isset($tax['extension_attributes']) ? $tax['extension_attributes']->getRates() ?? [] : [];
        return array_filter(
            $rates,
            static fn (array|\ArrayAccess $rate): bool => !isset($tax['percent'])
                || ((float) $tax['percent'] !== 0.0 && (float) $rate['percent'] !== 0.0)
        );
    }
}
