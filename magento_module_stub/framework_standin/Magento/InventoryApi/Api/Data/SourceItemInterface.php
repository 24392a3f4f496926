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

    public function getSourceCode(): ?string;

    public function getQuantity(): ?float;

    public function getStatus(): ?int;
}
