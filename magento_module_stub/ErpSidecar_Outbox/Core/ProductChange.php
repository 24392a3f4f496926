<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * How what a shop exports of a product differs between two moments, whoever wrote it and by which table.
 */
class ProductChange
{
    /**
     * @param array<string, array<int, string|null>> $values attribute code => store id => the new value; null where a
     *     store's own value is gone, so that the value of store 0 holds again
     * @param list<int>|null $websiteIds all of them; null where none came or went
     * @param list<array<string, mixed>>|null $tierPrices all of them; null where none changed
     */
    private function __construct(
        public readonly array $values,
        public readonly ?array $websiteIds,
        public readonly ?array $tierPrices,
        public readonly bool $isComplete
    ) {
    }

    /** @param ProductSnapshot|null $before null where it is not known: then all there is has changed */
    public static function between(?ProductSnapshot $before, ProductSnapshot $after): self
    {
        if ($before === null) {
            return new self($after->values, $after->websiteIds, $after->tierPrices, true);
        }
        $values = [];
        foreach ($before->values + $after->values as $code => $_) {
            $was = $before->values[$code] ?? [];
            $is = $after->values[$code] ?? [];
            $differs = array_filter(
                $is,
                static fn (?string $value, int $storeId): bool => !array_key_exists($storeId, $was)
                    || $was[$storeId] !== $value,
                ARRAY_FILTER_USE_BOTH
            );
            $values[$code] = $differs + array_fill_keys(array_keys(array_diff_key($was, $is)), null);
        }
        return new self(
            array_filter($values),
            $before->websiteIds === $after->websiteIds ? null : $after->websiteIds,
            $before->tierPrices === $after->tierPrices ? null : $after->tierPrices,
            false
        );
    }

    public function isNone(): bool
    {
        return !$this->isComplete && $this->values === [] && $this->websiteIds === null && $this->tierPrices === null;
    }
}
