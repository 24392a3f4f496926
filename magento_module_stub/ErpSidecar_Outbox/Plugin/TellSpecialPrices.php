<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use ErpSidecar\Outbox\Model\ProductChanges;
use ErpSidecar\Outbox\Model\ProductReader;
use Magento\Catalog\Api\Data\SpecialPriceInterface;
use Magento\Catalog\Model\ResourceModel\Product\Price\SpecialPrice;

/**
 * Tells products whose special price is set or deleted through REST (POST /V1/products/special-price, -delete).
 *
 * Magento writes it by SQL in transactions of its own, without an event.
 */
class TellSpecialPrices
{
    public function __construct(
        private readonly ProductChanges $changes,
        private readonly ProductReader $reader
    ) {
    }

    /** @param SpecialPriceInterface[] $prices */
    public function aroundUpdate(SpecialPrice $subject, callable $proceed, array $prices): mixed
    {
        return $this->changes->around(
            fn (): array => $this->productIds($prices),
            static fn (): mixed => $proceed($prices)
        );
    }

    /** @param SpecialPriceInterface[] $prices */
    public function aroundDelete(SpecialPrice $subject, callable $proceed, array $prices): mixed
    {
        return $this->changes->around(
            fn (): array => $this->productIds($prices),
            static fn (): mixed => $proceed($prices)
        );
    }

    /**
     * @param SpecialPriceInterface[] $prices
     * @return list<int>
     */
    private function productIds(array $prices): array
    {
        $skus = array_map(static fn (SpecialPriceInterface $price): string => (string) $price->getSku(), $prices);
        return $this->reader->productIdsOfSkus(array_values(array_unique($skus)));
    }
}
