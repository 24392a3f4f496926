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
    private const KINDS = [
        'tinyint' => 'integer', 'smallint' => 'integer', 'mediumint' => 'integer', 'int' => 'integer',
        'bigint' => 'integer', 'varchar' => 'text',
    ];

    /** How many exact amounts are remembered: 0.0000 stands in most columns. */
    private const REMEMBERED = 1000;

    /** @var array<string, string> column => integer, text, amount (with four decimals), or other */
    private array $kinds = [];

    /** @var array<string, int|string|null> what is in each column of a row that says nothing of it */
    private array $absent;

    /** @param array<string, array<string, mixed>> $columns the adapter's describeTable() */
    public function __construct(private readonly array $columns)
    {
        $this->absent = array_map(StoredValue::ofAbsent(...), $columns);
        foreach ($columns as $name => $column) {
            $isAmount = $column['DATA_TYPE'] === 'decimal' && (int) $column['SCALE'] === 4;
            $this->kinds[$name] = $isAmount ? 'amount' : self::KINDS[$column['DATA_TYPE']] ?? 'other';
        }
    }

    /**
     * @param array<string, mixed> $data a model's getData(); what is no column is left out
     * @return array<string, mixed> every column of the table => what it holds
     */
    public function of(array $data): array
    {
        /** @var array<string, true> $exact */
        static $exact = [];
        $row = array_intersect_key($data, $this->kinds);
        foreach ($row as $column => $value) {
            if ($value === null) {
                continue;
            }
            $kind = $this->kinds[$column];
            if ($kind === 'amount') {
                $isText = is_string($value);
                if ($isText && isset($exact[$value])) {
                    continue;
                }
                $row[$column] = StoredValue::of($value, $this->columns[$column]);
                if ($isText && $row[$column] === $value && count($exact) < self::REMEMBERED) {
                    $exact[$value] = true;
                }
            } elseif ($kind === 'integer' && is_scalar($value)) {
                $row[$column] = (int) $value;
            } elseif ($kind !== 'text' || !is_string($value) || $value === '') {
                $row[$column] = StoredValue::of($value, $this->columns[$column]);
            }
        }
        return $row + $this->absent;
    }
}
