<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use ErpSidecar\Outbox\Model\ProductChanges;
use Magento\Catalog\Model\ResourceModel\Product\Website;

/**
 * Tells products that are added to websites or removed from them, many at once.
 *
 * Magento raises an event only after its transaction (catalog_product_to_website_change).
 */
class TellWebsites
{
    public function __construct(private readonly ProductChanges $changes)
    {
    }

    /**
     * @param int[] $websiteIds
     * @param int[] $productIds
     */
    public function aroundAddProducts(Website $subject, callable $proceed, $websiteIds, $productIds): mixed
    {
        return $this->changes->around(
            static fn (): array => self::ids($productIds),
            static fn (): mixed => $proceed($websiteIds, $productIds)
        );
    }

    /**
     * @param int[] $websiteIds
     * @param int[] $productIds
     */
    public function aroundRemoveProducts(Website $subject, callable $proceed, $websiteIds, $productIds): mixed
    {
        return $this->changes->around(
            static fn (): array => self::ids($productIds),
            static fn (): mixed => $proceed($websiteIds, $productIds)
        );
    }

    /**
     * @param mixed $productIds Magento itself takes anything here, and does nothing where it is no list
     * @return list<int>
     */
    private static function ids($productIds): array
    {
        return is_array($productIds) ? array_map('intval', array_values($productIds)) : [];
    }
}
