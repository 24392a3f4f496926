<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * The tax rows of one order: one per rule, and one per rule and item.
 */
class OrderTaxes
{
    /** @var array<string, list<array{item: int|null, tax: int, base: int, type: string}>> by rule */
    private array $shares = [];

    public function __construct(
        private readonly Database $database,
        private readonly int $orderId,
        private readonly Market $market,
    ) {
    }

    /**
     * @param array<string, int> $rules rule => tax
     * @param array<string, int> $baseRules
     */
    public function add(?int $itemId, array $rules, array $baseRules, string $type): void
    {
        foreach ($rules as $rule => $tax) {
            if ($tax !== 0) {
                $this->shares[$rule][] = ['item' => $itemId, 'tax' => $tax, 'base' => $baseRules[$rule], 'type' => $type];
            }
        }
    }

    public function write(): void
    {
        $percents = array_column(array_merge(...array_values($this->market->taxes)), 1, 0);
        foreach ($this->shares as $rule => $shares) {
            $percent = Amount::text($percents[$rule]);
            $base = Amount::text(array_sum(array_column($shares, 'base')));
            $taxId = $this->database->insert('sales_order_tax', [
                'order_id' => $this->orderId,
                'code' => $rule,
                'title' => $rule,
                'percent' => $percent,
                'amount' => Amount::text(array_sum(array_column($shares, 'tax'))),
                'base_amount' => $base,
                'base_real_amount' => $base,
                'priority' => 0,
                'position' => 0,
                'process' => 0,
            ]);
            foreach ($shares as $share) {
                $this->database->insert('sales_order_tax_item', [
                    'tax_id' => $taxId,
                    'item_id' => $share['item'],
                    'tax_percent' => $percent,
                    'amount' => Amount::text($share['tax']),
                    'real_amount' => Amount::text($share['tax']),
                    'base_amount' => Amount::text($share['base']),
                    'real_base_amount' => Amount::text($share['base']),
                    'taxable_item_type' => $share['type'],
                ]);
            }
        }
    }
}
