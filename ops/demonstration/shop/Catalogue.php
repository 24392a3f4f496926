<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * What the shop sells, and baskets of each kind drawn from it.
 *
 * A basket is a list of lines: the figures of one order item before any price rule, and the lines
 * inside it. Prices are those of the base currency, as the shop displays them.
 */
class Catalogue
{
    /** The kinds of basket that a story can ask for. */
    public const KINDS = [
        'simple', 'configurable', 'bundle_dynamic', 'bundle_fixed', 'virtual', 'grouped', 'fractional', 'mixed',
    ];

    /** SKU => id, name, price, tax class, weight */
    private const PRODUCTS = [
        'SKU-A' => [1, 'Desk lamp', '9.99', 'goods', '1.2'],
        'SKU-B' => [2, 'Tea pot „Łódź“', '24.50', 'goods', '0.9'],
        'ODD-1999' => [3, 'Odd price', '19.99', 'goods', '0.3'],
        'BOOK-7' => [4, 'Buch „Über Zölle“', '12.79', 'books', '0.5'],
        'TEE-S' => [5, 'T-Shirt Größe S', '26.59', 'goods', '0.2'],
        'TEE-M' => [6, 'T-Shirt Größe M', '26.59', 'goods', '0.2'],
        'CHAIR' => [7, 'Chair', '89.00', 'goods', '7'],
        'TABLE' => [8, 'Table', '249.00', 'goods', '21'],
        'CABLE-M' => [9, 'Cable by the metre', '1.23', 'goods', '0.05'],
        'GIFT-WRAP' => [10, 'Service: wrapping', '4.95', 'goods', '0'],
        'TEE' => [20, 'T-Shirt', '26.59', 'goods', '0.2'],
        'SET-DYN' => [21, 'Set (dynamic price)', '0', 'goods', '0'],
        'SET-FIX' => [22, 'Set (fixed price)', '299.00', 'goods', '0'],
    ];

    public const STOCKED = [
        'SKU-A', 'SKU-B', 'ODD-1999', 'BOOK-7', 'TEE-S', 'TEE-M', 'CHAIR', 'TABLE', 'CABLE-M',
    ];

    private const HOT = 20;

    public function __construct(private readonly Dice $dice)
    {
    }

    /** @return list<string> what a flash sale is about */
    public static function hot(): array
    {
        return array_map(static fn (int $rank): string => sprintf('HOT-%02d', $rank), range(1, self::HOT));
    }

    /** @return list<array<string, mixed>> one or two of the hot ones, the hottest far more often than the last */
    public function hotBasket(): array
    {
        $first = $this->hotRank();
        $lines = [$this->line(self::hot()[$first], $this->dice->between(1, 2))];
        if ($this->dice->chance(20)) {
            $lines[] = $this->line(self::hot()[($first + $this->dice->between(1, self::HOT - 1)) % self::HOT], 1);
        }
        return $lines;
    }

    private function hotRank(): int
    {
        return min($this->dice->between(0, self::HOT - 1), $this->dice->between(0, self::HOT - 1));
    }

    /** @return list<array<string, mixed>> */
    public function basket(string $kind): array
    {
        return match ($kind) {
            'simple' => [$this->simple(), ...($this->dice->chance(50) ? [$this->line('BOOK-7', 1)] : [])],
            'configurable' => [$this->configurable()],
            'bundle_dynamic' => [$this->dynamicBundle()],
            'bundle_fixed' => [$this->fixedBundle()],
            'virtual' => [$this->line('GIFT-WRAP', $this->dice->between(1, 3), 'virtual')],
            'grouped' => [
                $this->line('CHAIR', $this->dice->between(2, 6), 'grouped'),
                $this->line('TABLE', 1, 'grouped'),
            ],
            'fractional' => [$this->fractional(), $this->line('SKU-A', 1)],
            'mixed' => [
                $this->simple(),
                $this->configurable(),
                $this->dynamicBundle(),
                $this->fixedBundle(),
                $this->line('GIFT-WRAP', 1, 'virtual'),
            ],
            default => throw new \DomainException("There is no basket called $kind."),
        };
    }

    /** @return array<string, mixed> */
    private function simple(): array
    {
        return $this->line($this->dice->oneOf(['SKU-A', 'SKU-B', 'ODD-1999']), $this->dice->between(1, 5));
    }

    /** @return array<string, mixed> */
    private function fractional(): array
    {
        $line = $this->line('CABLE-M', 1);
        $line['quantity'] = $this->dice->between(11, 99) * 1_000 + $this->dice->between(1, 9) * 10;
        return $line;
    }

    /** @return array<string, mixed> the parent has the price and the simple product's SKU */
    private function configurable(): array
    {
        $quantity = $this->dice->between(1, 4);
        $chosen = $this->line($this->dice->oneOf(['TEE-S', 'TEE-M']), $quantity);
        $parent = $this->line('TEE', $quantity, 'configurable');
        $parent['sku'] = $chosen['sku'];
        $parent['options'] = [
            'simple_name' => $chosen['name'],
            'simple_sku' => $chosen['sku'],
            'product_calculations' => 1,
            'shipment_type' => 0,
        ];
        $chosen['price'] = 0;
        return ['children' => [$chosen]] + $parent;
    }

    /** @return array<string, mixed> the children have the prices, the parent repeats their sum */
    private function dynamicBundle(): array
    {
        $sets = $this->dice->between(1, 3);
        $parent = $this->line('SET-DYN', $sets, 'bundle');
        $parent['sku'] = 'SET-DYN-SKU-B-BOOK-7';
        $parent['options'] = ['product_calculations' => 0, 'shipment_type' => 1];
        $lamp = $this->line('SKU-B', $sets);
        $books = $this->line('BOOK-7', 2 * $sets);
        return ['children' => [self::selected($lamp, 1), self::selected($books, 2)]] + $parent;
    }

    /** @return array<string, mixed> the parent has the price, the children have none */
    private function fixedBundle(): array
    {
        $sets = $this->dice->between(1, 2);
        $parent = $this->line('SET-FIX', $sets, 'bundle');
        $parent['sku'] = 'SET-FIX-TABLE-CHAIR';
        $parent['options'] = ['product_calculations' => 1, 'shipment_type' => 0];
        $table = ['price' => 0] + $this->line('TABLE', $sets);
        $chairs = ['price' => 0] + $this->line('CHAIR', 4 * $sets);
        return ['children' => [self::selected($table, 1), self::selected($chairs, 4)]] + $parent;
    }

    /**
     * @param array<string, mixed> $line
     * @return array<string, mixed>
     */
    private static function selected(array $line, int $perSet): array
    {
        $selection = ['qty' => $perSet, 'option_label' => $line['name'], 'option_id' => (string) $line['product_id']];
        $line['options']['bundle_selection_attributes'] = json_encode($selection, JSON_THROW_ON_ERROR);
        return $line;
    }

    /** @return array<string, mixed> */
    private function line(string $sku, int $quantity, string $type = 'simple'): array
    {
        [$id, $name, $price, $taxClass, $weight] = self::PRODUCTS[$sku]
            ?? [100 + (int) substr($sku, 4), "Hot offer $sku", '19.90', 'goods', '0.4'];
        return [
            'product_id' => $id,
            'product_type' => $type,
            'sku' => $sku,
            'name' => $name,
            'price' => Amount::of($price),
            'tax_class' => $taxClass,
            'weight' => Amount::of($weight),
            'quantity' => $quantity * Amount::ONE,
            'options' => ['info_buyRequest' => ['qty' => $quantity]],
            'children' => [],
        ];
    }
}
