<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Database rows as the payload tells them: integers, texts, dates as texts, decimals as texts.
 *
 * What a row does not hold is not told: a column that is null, and progress that is zero, are left out. They would be
 * two thirds of an order's payload, and all of it goes through the checkout's transaction.
 */
class Row
{
    /** How many texts are remembered as decimals that need no second look: 0.0000 stands in most columns. */
    private const REMEMBERED = 1000;

    private const NOTHING_YET = '0.0000';

    /** @var array<string, true> texts that are decimals as the payload tells them */
    private static array $exact = [];

    /**
     * Every known column that holds something, in the row's own order.
     *
     * An order has thousands of values, and a checkout waits for each: so what nearly all of them are comes first.
     *
     * @param array<string, mixed> $row
     * @return array<string, int|string>
     * @throws UnbuildablePayload naming table and column
     */
    public static function of(string $table, array $row): array
    {
        $decimals = Columns::decimals($table);
        $others = Columns::others($table);
        $exact = self::$exact;
        $told = [];
        foreach ($row as $column => $value) {
            if ($value === null) {
                continue;
            }
            if (isset($decimals[$column])) {
                if (!is_string($value) || !isset($exact[$value])) {
                    $value = self::exactly($table, $column, Columns::DECIMAL, $value);
                    self::remember($value);
                }
                if ($value !== self::NOTHING_YET || $decimals[$column] !== Columns::PROGRESS) {
                    $told[$column] = $value;
                }
            } elseif (isset($others[$column])) {
                $isPlain = $others[$column] === Columns::INTEGER ? is_int($value) : is_string($value);
                $told[$column] = $isPlain ? $value : self::exactly($table, $column, $others[$column], $value);
            }
        }
        return $told;
    }

    /**
     * @param array<array<string, mixed>> $rows
     * @return list<array<string, int|string>>
     */
    public static function ofAll(string $table, array $rows): array
    {
        return array_values(array_map(static fn (array $row): array => self::of($table, $row), $rows));
    }

    /**
     * The columns that this module does not know, as they are; what is no plain value is not a column.
     *
     * @param array<string, mixed> $row
     * @return array<string, int|string>
     */
    public static function unknown(string $table, array $row): array
    {
        $unknown = Columns::unknown($table, $row);
        return $unknown === [] ? [] : array_filter(
            $unknown,
            static fn (mixed $value): bool => is_string($value) || is_int($value)
        );
    }

    private static function remember(string $exact): void
    {
        if (count(self::$exact) < self::REMEMBERED) {
            self::$exact[$exact] = true;
        }
    }

    /** @throws UnbuildablePayload naming table and column */
    private static function exactly(string $table, string $column, string $type, mixed $value): int|string
    {
        try {
            return self::value($type, $value);
        } catch (UnbuildablePayload $error) {
            throw new UnbuildablePayload("$table.$column: " . $error->getMessage(), 0, $error);
        }
    }

    private static function value(string $type, mixed $value): int|string
    {
        if (!is_scalar($value)) {
            throw new UnbuildablePayload('A value was found that no column can hold.');
        }
        return match ($type) {
            Columns::INTEGER => self::integer($value),
            Columns::DECIMAL => DecimalString::of(is_bool($value) ? (int) $value : $value),
            Columns::TEXT, Columns::DATE => self::text($value),
        };
    }

    private static function integer(int|float|string|bool $value): int
    {
        if (is_float($value) || (is_string($value) && preg_match('/^-?\d+$/D', $value) !== 1)) {
            throw new UnbuildablePayload('A value was found where a whole number is due.');
        }
        return (int) $value;
    }

    private static function text(int|float|string|bool $value): string
    {
        if (is_float($value)) {
            throw new UnbuildablePayload('A float was found where a text is due.');
        }
        return (string) $value;
    }
}
