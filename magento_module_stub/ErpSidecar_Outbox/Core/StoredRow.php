<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What a table's row holds after Magento has saved a model's data into it, as StoredValue tells each value.
 *
 * Most values are as their columns keep them, and an order has thousands of values: so those are told apart first.
 */
class StoredRow
{
    private const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];
    private const TEXTS = ['varchar', 'text', 'mediumtext', 'date', 'datetime', 'timestamp'];

    /** How many exact amounts are remembered: 0.0000 stands in most columns. */
    private const REMEMBERED = 1000;

    /** @var array<string, true> texts that are amounts as a column keeps them */
    private static array $exact = [];

    /** @var array<string, true> columns of four decimals */
    private readonly array $amounts;

    /** @var array<string, true> columns of whole numbers */
    private readonly array $integers;

    /** @var array<string, true> columns that keep a text as it is, unless it is empty; times are texts too */
    private readonly array $texts;

    /** @var array<string, int|string> what is in a column that a new row says nothing of, where that is something */
    private readonly array $defaults;

    /** @param array<string, array<string, mixed>> $columns the adapter's describeTable() */
    public function __construct(private readonly array $columns)
    {
        $this->defaults = array_filter(
            array_map(StoredValue::ofAbsent(...), $columns),
            static fn (int|string|null $value): bool => $value !== null
        );
        $this->amounts = self::those($columns, static fn (array $column): bool =>
            $column['DATA_TYPE'] === 'decimal' && (int) $column['SCALE'] === 4);
        $this->integers = self::those($columns, static fn (array $column): bool =>
            in_array($column['DATA_TYPE'], self::INTEGERS, true));
        $this->texts = self::those($columns, static fn (array $column): bool =>
            in_array($column['DATA_TYPE'], self::TEXTS, true));
    }

    /**
     * @param array<string, mixed> $data a model's getData(); what is no column is left out
     * @return array<string, mixed> each column that holds something => what it holds
     */
    public function of(array $data): array
    {
        $amounts = $this->amounts;
        $texts = $this->texts;
        $exact = self::$exact;
        $row = [];
        foreach ($data as $column => $value) {
            if ($value === null) {
                continue;
            }
            if (isset($amounts[$column])) {
                $row[$column] = is_string($value) && isset($exact[$value]) ? $value : $this->amount($column, $value);
            } elseif (isset($texts[$column]) && is_string($value) && $value !== '') {
                $row[$column] = $value;
            } elseif (isset($this->integers[$column]) && is_scalar($value)) {
                $row[$column] = (int) $value;
            } elseif (isset($this->columns[$column])) {
                $stored = StoredValue::of($value, $this->columns[$column]);
                if ($stored !== null) {
                    $row[$column] = $stored;
                }
            }
        }
        return $row + array_diff_key($this->defaults, $data);
    }

    private function amount(string $column, mixed $value): mixed
    {
        $stored = StoredValue::of($value, $this->columns[$column]);
        if (is_string($value) && $stored === $value && count(self::$exact) < self::REMEMBERED) {
            self::$exact[$value] = true;
        }
        return $stored;
    }

    /**
     * @param array<string, array<string, mixed>> $columns
     * @param callable(array<string, mixed>): bool $isOne
     * @return array<string, true>
     */
    private static function those(array $columns, callable $isOne): array
    {
        return array_fill_keys(array_keys(array_filter($columns, $isOne)), true);
    }
}
