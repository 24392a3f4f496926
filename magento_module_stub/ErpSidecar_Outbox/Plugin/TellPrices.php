<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use ErpSidecar\Outbox\Model\ProductChanges;
use ErpSidecar\Outbox\Model\ProductReader;
use Magento\Catalog\Model\Product\Price\PricePersistence;

/**
 * Tells products whose base price or cost is set through REST (POST /V1/products/base-prices, /cost).
 *
 * Magento writes them by SQL in a transaction of its own, without an event.
 */
class TellPrices
{
    public function __construct(
        private readonly ProductChanges $changes,
        private readonly ProductReader $reader
    ) {
    }

    /** @param array<array-key, array<string, mixed>> $prices rows to be written */
    public function aroundUpdate(PricePersistence $subject, callable $proceed, array $prices): mixed
    {
        return $this->changes->around(
            fn (): array => $this->reader->productIds(array_column($prices, $this->reader->linkField())),
            static fn (): mixed => $proceed($prices)
        );
    }

    /** @param string[] $skus */
    public function aroundDelete(PricePersistence $subject, callable $proceed, array $skus): mixed
    {
        return $this->changes->around(
            fn (): array => $this->reader->productIdsOfSkus(array_values($skus)),
            static fn (): mixed => $proceed($skus)
        );
    }
}
