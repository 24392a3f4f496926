<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What an order item stands for: the money of a line, the stock of a line, both, or neither.
 *
 * Magento writes a configurable product or a bundle as a parent row with child rows. One of the two
 * carries the prices, the children carry the stock, and a dynamic bundle's parent only repeats its
 * children's sum. So the row totals of the roles money and both add up to the order's subtotal,
 * and the quantities of stock and both are what leaves the warehouse.
 */
class ItemRole
{
    public const MONEY = 'money';
    public const STOCK = 'stock';
    public const BOTH = 'both';
    public const NONE = 'none';

    /** Magento's product_calculations: 0 means that the children are priced, 1 that the parent is. */
    private const CHILDREN_ARE_PRICED = '0';

    /**
     * The role of each item, by item id. A child whose parent is not in the list stands for itself.
     *
     * @param list<array<string, mixed>> $items rows with item_id, parent_item_id and decoded product_options
     * @return array<int, string>
     */
    public static function ofAll(array $items): array
    {
        $byId = array_column($items, null, 'item_id');
        $children = array_fill_keys(array_column($items, 'parent_item_id'), true);
        $roles = [];
        foreach ($byId as $id => $item) {
            $parent = $byId[$item['parent_item_id'] ?? ''] ?? null;
            $roles[$id] = match (true) {
                $parent !== null => self::childrenArePriced($parent) ? self::BOTH : self::STOCK,
                isset($children[$id]) => self::childrenArePriced($item) ? self::NONE : self::MONEY,
                default => self::BOTH,
            };
        }
        return $roles;
    }

    /** @param array<string, mixed> $parent */
    private static function childrenArePriced(array $parent): bool
    {
        $calculation = $parent['product_options']['product_calculations'] ?? null;
        return is_scalar($calculation) && (string) (int) $calculation === self::CHILDREN_ARE_PRICED;
    }
}
