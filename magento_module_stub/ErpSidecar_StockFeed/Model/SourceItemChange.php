<?php

declare(strict_types=1);

namespace ErpSidecar\StockFeed\Model;

use ErpSidecar\StockFeed\Api\Data\SourceItemChangeInterface;

/**
 * A change as a request brings it; what the request leaves out is refused when it is checked.
 */
class SourceItemChange implements SourceItemChangeInterface
{
    private string $sourceCode = '';
    private string $sku = '';
    private ?string $expectedQuantity = null;
    private string $quantity = '';
    private int $status = -1;

    public function getSourceCode(): string
    {
        return $this->sourceCode;
    }

    public function setSourceCode(string $sourceCode): void
    {
        $this->sourceCode = $sourceCode;
    }

    public function getSku(): string
    {
        return $this->sku;
    }

    public function setSku(string $sku): void
    {
        $this->sku = $sku;
    }

    public function getExpectedQuantity(): ?string
    {
        return $this->expectedQuantity;
    }

    public function setExpectedQuantity(?string $expectedQuantity): void
    {
        $this->expectedQuantity = $expectedQuantity;
    }

    public function getQuantity(): string
    {
        return $this->quantity;
    }

    public function setQuantity(string $quantity): void
    {
        $this->quantity = $quantity;
    }

    public function getStatus(): int
    {
        return $this->status;
    }

    public function setStatus(int $status): void
    {
        $this->status = $status;
    }
}
