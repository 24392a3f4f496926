<?php

declare(strict_types=1);

namespace Magento\InventoryApi\Api\Data;

/**
 * What a source holds of a SKU.
 */
interface SourceItemInterface
{
    public const SKU = 'sku';
    public const SOURCE_CODE = 'source_code';
    public const QUANTITY = 'quantity';
    public const STATUS = 'status';

    public const STATUS_OUT_OF_STOCK = 0;
    public const STATUS_IN_STOCK = 1;

    public function getSku(): ?string;

    public function setSku(?string $sku): void;

    public function getSourceCode(): ?string;

    public function setSourceCode(?string $sourceCode): void;

    public function getQuantity(): ?float;

    public function setQuantity(?float $quantity): void;

    public function getStatus(): ?int;

    public function setStatus(?int $status): void;
}
