<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

use ErpSidecar\Outbox\Core\ItemRole;

/**
 * The items of one order as its rows hold them now, by what each stands for.
 */
class OrderItems
{
    /** @var list<array<string, string|null>> */
    private readonly array $rows;

    /** @var array<int, string> item id => role */
    private readonly array $roles;

    /** @param list<array<string, string|null>> $rows of sales_order_item */
    public function __construct(array $rows)
    {
        $this->rows = $rows;
        $this->roles = ItemRole::ofAll(array_map(
            static fn (array $row): array => [
                'product_options' => json_decode((string) $row['product_options'], true),
            ] + $row,
            $rows
        ));
    }

    /** @return list<array<string, string|null>> every row */
    public function all(): array
    {
        return $this->rows;
    }

    /** @return list<array<string, string|null>> the rows that carry money */
    public function priced(): array
    {
        return $this->withRole(ItemRole::MONEY, ItemRole::BOTH);
    }

    /** @return list<array<string, string|null>> the rows that a shipment names; virtual goods are not shipped */
    public function shippable(): array
    {
        return array_values(array_filter($this->priced(), static fn (array $row): bool => $row['is_virtual'] !== '1'));
    }

    /**
     * What leaves the warehouse for so many units of a row.
     *
     * @param array<string, string|null> $row
     * @return array<string, int> SKU => quantity
     */
    public function stocked(array $row, int $quantity): array
    {
        $parts = [];
        foreach ($this->childrenOf($row) ?: [$row] as $part) {
            $perUnit = intdiv(Amount::of($part['qty_ordered']) * Amount::ONE, Amount::of($row['qty_ordered']));
            $parts[(string) $part['sku']] = Amount::product($quantity, $perUnit);
        }
        return $parts;
    }

    /**
     * @param array<string, string|null> $row
     * @return list<array<string, string|null>>
     */
    public function childrenOf(array $row): array
    {
        return array_values(array_filter(
            $this->rows,
            static fn (array $child): bool => $child['parent_item_id'] === $row['item_id']
        ));
    }

    /** @return list<array<string, string|null>> */
    private function withRole(string ...$roles): array
    {
        return array_values(array_filter(
            $this->rows,
            fn (array $row): bool => in_array($this->roles[$row['item_id']], $roles, true)
        ));
    }
}
