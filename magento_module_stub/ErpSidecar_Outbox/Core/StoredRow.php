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

    /** How many amounts are remembered: zero stands in most columns, and rounding a float takes long. */
    private const REMEMBERED = 1000;

    /** PHP writes fourteen digits of a float: in fewer, two amounts of one text are one amount. */
    private const LONGEST_REMEMBERED = 13;

    /** @var array<array-key, string> an amount in a model, as text => as a column of four decimals keeps it */
    private static array $kept = [];

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
        $kept = self::$kept;
        $row = [];
        foreach ($data as $column => $value) {
            if ($value === null) {
                continue;
            }
            if (isset($amounts[$column])) {
                $row[$column] = is_string($value) || is_float($value) || is_int($value)
                    ? $kept[(string) $value] ?? $this->amount($column, $value)
                    : StoredValue::of($value, $this->columns[$column]);
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

    private function amount(string $column, int|float|string $value): string
    {
        $stored = (string) StoredValue::of($value, $this->columns[$column]);
        $text = (string) $value;
        if (strlen($text) <= self::LONGEST_REMEMBERED && count(self::$kept) < self::REMEMBERED) {
            self::$kept[$text] = $stored;
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
