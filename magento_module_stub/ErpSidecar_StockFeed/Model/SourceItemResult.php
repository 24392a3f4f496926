<?php

declare(strict_types=1);

namespace ErpSidecar\StockFeed\Model;

use ErpSidecar\StockFeed\Api\Data\SourceItemChangeInterface;
use ErpSidecar\StockFeed\Api\Data\SourceItemResultInterface;

/**
 * What became of one change.
 */
class SourceItemResult implements SourceItemResultInterface
{
    private function __construct(
        private readonly SourceItemChangeInterface $change,
        private readonly string $outcome,
        private readonly ?string $foundQuantity
    ) {
    }

    public static function written(SourceItemChangeInterface $change): self
    {
        return new self($change, self::WRITTEN, null);
    }

    /** @param string|null $found null where there is no such source item */
    public static function moved(SourceItemChangeInterface $change, ?string $found): self
    {
        return new self($change, self::MOVED, $found);
    }

    public function getSourceCode(): string
    {
        return $this->change->getSourceCode();
    }

    public function getSku(): string
    {
        return $this->change->getSku();
    }

    public function getOutcome(): string
    {
        return $this->outcome;
    }

    public function getFoundQuantity(): ?string
    {
        return $this->foundQuantity;
    }
}
