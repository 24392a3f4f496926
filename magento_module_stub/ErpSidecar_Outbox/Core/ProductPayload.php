<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payloads of ProductUpdated and ProductDeleted.
 *
 * ProductUpdated tells which product, and of what the shop exports only what changed, store by store, as the
 * database holds it: numbers are texts as well, prices with six decimals. `is_complete` says that everything the
 * shop exports is there, because the product is new or was imported; what then is missing has no value.
 */
class ProductPayload
{
    public const UPDATED = 'ProductUpdated';
    public const DELETED = 'ProductDeleted';

    /**
     * @param array<string, mixed> $product row of catalog_product_entity
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function updated(array $product, ProductChange $change): array
    {
        return [
            'product' => Row::of('product', $product),
            'is_complete' => $change->isComplete,
            'changed' => (object) array_map(static fn (array $stores): object => (object) $stores, $change->values),
            'website_ids' => $change->websiteIds,
            'tier_prices' => $change->tierPrices === null
                ? null
                : Row::ofAll('product_tier_price', $change->tierPrices),
        ];
    }

    /**
     * @param array<string, mixed> $product the row of catalog_product_entity as it was, as far as it is known
     * @return array<string, mixed> what follows the envelope
     */
    public function deleted(array $product): array
    {
        return ['product' => Row::of('product', $product)];
    }
}
