<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Framework\App\ResourceConnection;

/**
 * Rows of the sales tables as this transaction sees them, where no model in memory has them.
 *
 * Never asked while an order is being placed.
 */
class StoredRows
{
    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /** @return array<string, mixed> empty where there is no such row */
    public function one(string $table, string $idField, int $id): array
    {
        return $this->all($table, $idField, $id, $idField)[0] ?? [];
    }

    /**
     * @param int|list<int|string> $values
     * @return list<array<string, mixed>>
     */
    public function all(string $table, string $column, int|array $values, string $order): array
    {
        if ($values === []) {
            return [];
        }
        $connection = $this->resources->getConnection(Outbox::RESOURCE);
        $select = $connection->select()
            ->from($this->resources->getTableName($table, Outbox::RESOURCE))
            ->where($column . ' IN (?)', $values)
            ->order($order);
        return $connection->fetchAll($select);
    }
}
