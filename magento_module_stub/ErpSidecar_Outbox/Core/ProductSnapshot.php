<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What a shop exports of one product, as the database holds it at one moment of a transaction.
 */
class ProductSnapshot
{
    /**
     * @param array<string, mixed> $product row of catalog_product_entity
     * @param array<string, array<int, string|null>> $values attribute code => store id => value, 0 for all stores
     * @param list<int>|null $websiteIds ascending; null where they are not exported
     * @param list<array<string, mixed>>|null $tierPrices rows of catalog_product_entity_tier_price; null as above
     */
    public function __construct(
        public readonly array $product,
        public readonly array $values,
        public readonly ?array $websiteIds,
        public readonly ?array $tierPrices
    ) {
    }
}
