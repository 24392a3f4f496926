<?php

declare(strict_types=1);

namespace ErpSidecar\StockFeed\Api\Data;

/**
 * What a source is to hold of a SKU, and what it held when that was computed.
 *
 * Quantities are texts: no float rounds them.
 *
 * @api
 */
interface SourceItemChangeInterface
{
    /**
     * Source code, as the table spells it.
     *
     * @return string
     */
    public function getSourceCode(): string;

    /**
     * Set the source code.
     *
     * @param string $sourceCode
     * @return void
     */
    public function setSourceCode(string $sourceCode): void;

    /**
     * SKU, as the table spells it.
     *
     * @return string
     */
    public function getSku(): string;

    /**
     * Set the SKU.
     *
     * @param string $sku
     * @return void
     */
    public function setSku(string $sku): void;

    /**
     * The quantity that the caller has read; null: there was no such source item.
     *
     * @return string|null
     */
    public function getExpectedQuantity(): ?string;

    /**
     * Set the expected quantity.
     *
     * @param string|null $expectedQuantity
     * @return void
     */
    public function setExpectedQuantity(?string $expectedQuantity): void;

    /**
     * The quantity to be set, with at most four decimals.
     *
     * @return string
     */
    public function getQuantity(): string;

    /**
     * Set the quantity.
     *
     * @param string $quantity
     * @return void
     */
    public function setQuantity(string $quantity): void;

    /**
     * 1: in stock; 0: out of stock, which Magento counts as nothing whatever the quantity.
     *
     * @return int
     */
    public function getStatus(): int;

    /**
     * Set the status.
     *
     * @param int $status
     * @return void
     */
    public function setStatus(int $status): void;
}
