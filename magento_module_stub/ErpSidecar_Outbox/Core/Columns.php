<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Which columns of Magento's sales tables an event carries, and of which type each is.
 *
 * A column that is neither listed here nor left out on purpose is unknown: another edition's or
 * extension's. Unknown columns of orders, items and addresses travel under the payload's `extra`.
 * Payments have no `extra`: an unknown column there may be a token, so it stays in the shop.
 */
class Columns
{
    public const INTEGER = 'integer';
    public const DECIMAL = 'decimal';
    /** What was done of something so far: a decimal that is told only when it is not zero. */
    public const PROGRESS = 'progress';
    public const TEXT = 'text';
    public const DATE = 'date';

    /** Table => type => columns, in the order in which the payload lists them. */
    private const KNOWN = OrderColumns::KNOWN + SalesColumns::KNOWN + CustomerColumns::KNOWN + ProductColumns::KNOWN;

    /** Table => columns that stay in the shop or travel in another shape. */
    private const LEFT_OUT = OrderColumns::LEFT_OUT + SalesColumns::LEFT_OUT;

    /** @return array<string, string> column => type; empty for an unknown table */
    public static function of(string $table): array
    {
        /** @var array<string, array<string, string>> $told */
        static $told = [];
        if (!isset($told[$table])) {
            $told[$table] = [];
            foreach (self::KNOWN[$table] ?? [] as $type => $columns) {
                $told[$table] += array_fill_keys($columns, $type);
            }
        }
        return $told[$table];
    }

    /** @return array<string, string> those of DECIMAL and PROGRESS */
    public static function decimals(string $table): array
    {
        /** @var array<string, array<string, string>> $decimals */
        static $decimals = [];
        return $decimals[$table] ??= array_filter(self::of($table), self::isDecimal(...));
    }

    /** @return array<string, string> all but those of DECIMAL and PROGRESS */
    public static function others(string $table): array
    {
        /** @var array<string, array<string, string>> $others */
        static $others = [];
        return $others[$table] ??= array_diff_key(self::of($table), self::decimals($table));
    }

    /**
     * The part of a row that is an extension's or another edition's, so that it belongs to `extra`.
     *
     * @param array<string, mixed> $row
     * @return array<string, mixed>
     */
    public static function unknown(string $table, array $row): array
    {
        /** @var array<string, array<string, mixed>> $known */
        static $known = [];
        $known[$table] ??= self::of($table) + array_fill_keys(self::LEFT_OUT[$table] ?? [], true);
        return array_diff_key($row, $known[$table]);
    }

    private static function isDecimal(string $type): bool
    {
        return $type === self::DECIMAL || $type === self::PROGRESS;
    }
}
