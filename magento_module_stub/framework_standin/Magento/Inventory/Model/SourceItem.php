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
        private readonly string $sourceCode,
        private readonly string $sku,
        private readonly float $quantity = 0.0,
        private readonly int $status = self::STATUS_IN_STOCK
    ) {
    }

    public function getSku(): ?string
    {
        return $this->sku;
    }

    public function getSourceCode(): ?string
    {
        return $this->sourceCode;
    }

    public function getQuantity(): ?float
    {
        return $this->quantity;
    }

    public function getStatus(): ?int
    {
        return $this->status;
    }
}
