<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The columns of a product's tables. Amounts of the catalog have six decimals and percentages two: texts, as printed.
 */
class ProductColumns
{
    /** Table => type => columns, in the order in which the payload lists them. */
    public const KNOWN = [
        'product' => [
            Columns::INTEGER => ['entity_id', 'attribute_set_id'],
            Columns::TEXT => ['sku', 'type_id'],
        ],
        'product_tier_price' => [
            Columns::INTEGER => ['website_id', 'all_groups', 'customer_group_id'],
            Columns::DECIMAL => ['qty'],
            Columns::TEXT => ['value', 'percentage_value'],
        ],
    ];
}
