<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use ErpSidecar\Outbox\Model\ProductChanges;
use ErpSidecar\Outbox\Model\ProductReader;
use Magento\Catalog\Model\Product\Price\TierPricePersistence;

/**
 * Tells products whose tier prices are set, replaced or deleted through REST (/V1/products/tier-prices).
 *
 * Magento writes them by SQL in a transaction of its own, without an event.
 */
class TellTierPrices
{
    public function __construct(
        private readonly ProductChanges $changes,
        private readonly ProductReader $reader
    ) {
    }

    /** @param array<array-key, array<string, mixed>> $prices rows to be written */
    public function aroundUpdate(TierPricePersistence $subject, callable $proceed, array $prices): mixed
    {
        return $this->changes->around(
            fn (): array => $this->reader->productIds(array_column($prices, $this->reader->linkField())),
            static fn (): mixed => $proceed($prices)
        );
    }

    /**
     * @param array<array-key, array<string, mixed>> $prices rows to be written
     * @param int[] $ids of the products that lose all others
     */
    public function aroundReplace(TierPricePersistence $subject, callable $proceed, array $prices, array $ids): mixed
    {
        return $this->changes->around(
            fn (): array => $this->reader->productIds([...$ids, ...array_column($prices, $this->reader->linkField())]),
            static fn (): mixed => $proceed($prices, $ids)
        );
    }

    /** @param int[] $ids of tier prices */
    public function aroundDelete(TierPricePersistence $subject, callable $proceed, array $ids): mixed
    {
        return $this->changes->around(
            fn (): array => $this->reader->productIdsOfTierPrices(array_values($ids)),
            static fn (): mixed => $proceed($ids)
        );
    }
}
