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

    /** @var list<string> */
    private array $conditions = [];

    /** @var list<string> */
    private array $order = [];

    /** @param \Closure(string): string $quote puts a value into quotes for the server */
    public function __construct(private readonly \Closure $quote)
    {
    }

    /** @param list<string>|string $columns */
    public function from(string $table, array|string $columns = '*'): static
    {
        $this->table = '`' . $table . '`';
        $this->columns = $columns === '*' ? '*' : '`' . implode('`, `', (array) $columns) . '`';
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

    public function forUpdate(bool $flag = true): static
    {
        $this->locks = $flag;
        return $this;
    }

    public function __toString(): string
    {
        return "SELECT $this->columns FROM $this->table"
            . ($this->conditions === [] ? '' : ' WHERE (' . implode(') AND (', $this->conditions) . ')')
            . ($this->order === [] ? '' : ' ORDER BY ' . implode(', ', $this->order))
            . ($this->locks ? ' FOR UPDATE' : '');
    }
}
