<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Database rows as the payload tells them: integers, texts, dates as texts, decimals as texts.
 */
class Row
{
    /** How many texts are remembered as decimals that need no second look: 0.0000 stands in most columns. */
    private const REMEMBERED = 1000;

    /**
     * Every known column of the table, in the order of Columns; one that the row lacks is null.
     *
     * @param array<string, mixed> $row
     * @return array<string, int|string|null>
     * @throws UnbuildablePayload naming table and column
     */
    public static function of(string $table, array $row): array
    {
        /** @var array<string, true> $exact */
        static $exact = [];
        $told = Columns::of($table);
        foreach ($told as $column => $type) {
            $value = $row[$column] ?? null;
            if (
                $value === null
                || ($type === Columns::DECIMAL
                    ? is_string($value) && isset($exact[$value])
                    : ($type === Columns::INTEGER ? is_int($value) : is_string($value)))
            ) {
                $told[$column] = $value;
                continue;
            }
            try {
                $told[$column] = self::value($type, $value);
            } catch (UnbuildablePayload $error) {
                throw new UnbuildablePayload("$table.$column: " . $error->getMessage(), 0, $error);
            }
            if ($type === Columns::DECIMAL && $told[$column] === $value && count($exact) < self::REMEMBERED) {
                $exact[$value] = true;
            }
        }
        return $told;
    }

    /**
     * @param list<array<string, mixed>> $rows
     * @return list<array<string, int|string|null>>
     */
    public static function ofAll(string $table, array $rows): array
    {
        return array_values(array_map(static fn (array $row): array => self::of($table, $row), $rows));
    }

    /**
     * The columns that this module does not know, as they are; what is no plain value is not a column.
     *
     * @param array<string, mixed> $row
     * @return array<string, int|string|null>
     */
    public static function unknown(string $table, array $row): array
    {
        return array_filter(
            Columns::unknown($table, $row),
            static fn (mixed $value): bool => $value === null || is_string($value) || is_int($value)
        );
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
