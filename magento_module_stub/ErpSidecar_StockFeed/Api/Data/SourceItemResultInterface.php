<?php

declare(strict_types=1);

namespace ErpSidecar\StockFeed\Api\Data;

/**
 * What became of one change.
 *
 * @api
 */
interface SourceItemResultInterface
{
    /** The source item holds what was asked for. */
    public const WRITTEN = 'written';

    /** It did not hold what was expected, and was left alone. */
    public const MOVED = 'moved';

    /**
     * Source code, as it was asked for.
     *
     * @return string
     */
    public function getSourceCode(): string;

    /**
     * SKU, as it was asked for.
     *
     * @return string
     */
    public function getSku(): string;

    /**
     * Either "written" or "moved".
     *
     * @return string
     */
    public function getOutcome(): string;

    /**
     * What a source item that has moved holds; null where there is none.
     *
     * @return string|null
     */
    public function getFoundQuantity(): ?string;
}
