<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What a column holds after Magento has saved a model's value into it.
 *
 * In the request that saves it, a model still carries floats, booleans and dates; the database rounds
 * and converts them while writing. The event must tell what was written, without reading it back.
 */
class StoredValue
{
    /** Nearly every amount that was loaded. */
    private const WITH_FOUR_DECIMALS = '/^-?\d+\.\d{4}$/D';
    private const CURRENT_TIME = '/^(current_timestamp|now)\b/i';

    /**
     * @param array<string, mixed> $column one entry of the adapter's describeTable()
     * @return int|string|array<array-key, mixed>|null an array is a JSON column's decoded value
     */
    public static function of(mixed $value, array $column): int|string|array|null
    {
        if ($value === null || is_array($value)) {
            return $value;
        }
        return match ($column['DATA_TYPE']) {
            'tinyint', 'smallint', 'mediumint', 'int', 'bigint' => (int) $value,
            'decimal' => self::rounded($value, (int) $column['SCALE']),
            'date' => $value instanceof \DateTimeInterface ? $value->format('Y-m-d') : (string) $value,
            'datetime', 'timestamp' => $value instanceof \DateTimeInterface
                ? $value->format('Y-m-d H:i:s')
                : (string) $value,
            default => self::text($value, (bool) $column['NULLABLE']),
        };
    }

    /**
     * What a column holds that the model did not mention when it was inserted.
     *
     * @param array<string, mixed> $column one entry of the adapter's describeTable()
     */
    public static function ofAbsent(array $column): int|string|null
    {
        $default = $column['DEFAULT'];
        $isTime = is_string($default) && preg_match(self::CURRENT_TIME, $default) === 1;
        return $isTime ? null : self::of($default, $column);
    }

    private static function rounded(mixed $value, int $scale): string
    {
        if ($scale === 4 && is_string($value) && preg_match(self::WITH_FOUR_DECIMALS, $value) === 1) {
            return $value;
        }
        $isExact = is_string($value) && preg_match('/^-?\d+(\.\d{0,' . $scale . '}0*)?$/D', $value) === 1;
        if (!$isExact) {
            return sprintf('%.' . $scale . 'F', (float) $value);
        }
        [$whole, $fraction] = explode('.', $value . '.');
        return $whole . ($scale > 0 ? '.' . substr(str_pad($fraction, $scale, '0'), 0, $scale) : '');
    }

    private static function text(mixed $value, bool $nullable): ?string
    {
        $text = is_float($value) ? var_export($value, true) : (string) $value;
        return $text === '' && $nullable ? null : $text;
    }
}
