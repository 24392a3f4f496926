<?php

declare(strict_types=1);

/**
 * The attributes of products that a fresh Magento has, as far as the module exports them by default.
 */
class StandinAttributes
{
    private const GLOBAL = 1;
    private const WEBSITE = 2;
    private const STORE = 0;

    private const OF_PRODUCTS = [
        'sku' => [74, 'static', self::GLOBAL],
        'name' => [73, 'varchar', self::STORE],
        'price' => [77, 'decimal', self::WEBSITE],
        'special_price' => [78, 'decimal', self::WEBSITE],
        'cost' => [81, 'decimal', self::WEBSITE],
        'weight' => [82, 'decimal', self::GLOBAL],
        'tier_price' => [92, 'decimal', self::GLOBAL],
        'status' => [97, 'int', self::WEBSITE],
    ];

    /** @return array<string, array<string, array<string, mixed>>> for Magento\Eav\Model\Config */
    public static function under(string $tablePrefix): array
    {
        $attributes = [];
        foreach (self::OF_PRODUCTS as $code => [$id, $type, $scope]) {
            $attributes['catalog_product'][$code] = [
                'attribute_id' => $id,
                'backend_type' => $type,
                'backend_table' => $tablePrefix . 'catalog_product_entity' . ($type === 'static' ? '' : "_$type"),
                'is_global' => $scope,
            ];
        }
        return $attributes;
    }
}
