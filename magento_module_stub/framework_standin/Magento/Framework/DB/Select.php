<?php

declare(strict_types=1);

namespace Magento\Framework\DB;

/**
 * A SELECT put together in steps; as much of Magento's builder as the module uses.
 */
class Select
{
    private string $columns = '*';
    private string $table = '';
    private bool $locks = false;
    private string $group = '';
    private string $limit = '';

    /** @var list<string> */
    private array $conditions = [];

    /** @var list<string> */
    private array $order = [];

    /** @param \Closure(string): string $quote puts a value into quotes for the server */
    public function __construct(private readonly \Closure $quote)
    {
    }

    /** @param array<array-key, string>|string $columns a key is an alias; a column with parentheses is an expression */
    public function from(string $table, array|string $columns = '*'): static
    {
        $this->table = '`' . $table . '`';
        $told = [];
        foreach ((array) $columns as $alias => $column) {
            $told[] = ($column === '*' || str_contains($column, '(') ? $column : "`$column`")
                . (is_string($alias) ? " AS `$alias`" : '');
        }
        $this->columns = implode(', ', $told);
        return $this;
    }

    public function where(string $condition, mixed $value = null): static
    {
        $quoted = array_map(fn (mixed $one): string => ($this->quote)((string) $one), (array) $value);
        $this->conditions[] = str_replace('?', implode(', ', $quoted), $condition);
        return $this;
    }

    public function order(string $column): static
    {
        $this->order[] = $column;
        return $this;
    }

    public function group(string $column): static
    {
        $this->group = " GROUP BY `$column`";
        return $this;
    }

    public function limit(int $count): static
    {
        $this->limit = " LIMIT $count";
        return $this;
    }

    public function forUpdate(bool $flag = true): static
    {
        $this->locks = $flag;
        return $this;
    }

    public function __toString(): string
    {
        return "SELECT $this->columns FROM $this->table"
            . ($this->conditions === [] ? '' : ' WHERE (' . implode(') AND (', $this->conditions) . ')')
            . $this->group
            . ($this->order === [] ? '' : ' ORDER BY ' . implode(', ', $this->order))
            . $this->limit
            . ($this->locks ? ' FOR UPDATE' : '');
    }
}
