<?php

declare(strict_types=1);

namespace Magento\Inventory\Model;

use Magento\InventoryApi\Api\Data\SourceItemInterface;

/**
 * A source item as Magento passes it around: the quantity is a float there.
 */
class SourceItem implements SourceItemInterface
{
    public function __construct(
        private ?string $sourceCode = null,
        private ?string $sku = null,
        private ?float $quantity = 0.0,
        private ?int $status = self::STATUS_IN_STOCK
    ) {
    }

    public function getSku(): ?string
    {
        return $this->sku;
    }

    public function setSku(?string $sku): void
    {
        $this->sku = $sku;
    }

    public function getSourceCode(): ?string
    {
        return $this->sourceCode;
    }

    public function setSourceCode(?string $sourceCode): void
    {
        $this->sourceCode = $sourceCode;
    }

    public function getQuantity(): ?float
    {
        return $this->quantity;
    }

    public function setQuantity(?float $quantity): void
    {
        $this->quantity = $quantity;
    }

    public function getStatus(): ?int
    {
        return $this->status;
    }

    public function setStatus(?int $status): void
    {
        $this->status = $status;
    }
}
