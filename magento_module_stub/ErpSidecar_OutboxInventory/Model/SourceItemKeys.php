<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Model;

/**
 * The pairs of source and SKU that a write is about; whether the table holds them is another question.
 */
class SourceItemKeys
{
    /** @var array<string, array{string, string}> */
    private array $pairs = [];

    /** @param iterable<array{string, string}> $pairs source code, SKU */
    public function __construct(iterable $pairs)
    {
        foreach ($pairs as [$sourceCode, $sku]) {
            $this->pairs["$sourceCode\n$sku"] = [$sourceCode, $sku];
        }
    }

    /**
     * Of Magento's source items.
     *
     * @param iterable<object> $sourceItems each with getSourceCode() and getSku()
     */
    public static function of(iterable $sourceItems): self
    {
        $pairs = [];
        foreach ($sourceItems as $item) {
            $pairs[] = [(string) $item->getSourceCode(), (string) $item->getSku()];
        }
        return new self($pairs);
    }

    /**
     * Every SKU in every source.
     *
     * @param array<array-key, int|string> $skus
     * @param array<array-key, int|string> $sourceCodes
     */
    public static function ofEach(array $skus, array $sourceCodes): self
    {
        $pairs = [];
        foreach ($sourceCodes as $sourceCode) {
            foreach ($skus as $sku) {
                $pairs[] = [(string) $sourceCode, (string) $sku];
            }
        }
        return new self($pairs);
    }

    /** @return list<array{string, list<string>}> source code, its SKUs */
    public function bySource(): array
    {
        $bySource = [];
        foreach ($this->pairs as [$sourceCode, $sku]) {
            $bySource["=$sourceCode"][] = $sku;
        }
        return array_map(
            static fn (string $key, array $skus): array => [substr($key, 1), $skus],
            array_keys($bySource),
            $bySource
        );
    }
}
