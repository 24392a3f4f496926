<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model\Status;

use ErpSidecar\Outbox\Model\Outbox;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Select;

/**
 * Reads the outbox and the sidecar's own tables, which stand beside the sales tables. It never writes.
 */
class SidecarTables
{
    /** @var array<string, bool> */
    private array $found = [];

    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /** Whether the table is there; the sidecar's are not before `erp-sidecar schema apply`. */
    public function exists(string $table): bool
    {
        return $this->found[$table] ??= (bool) $this->resources->getConnection(Outbox::RESOURCE)
            ->isTableExists($this->name($table));
    }

    /**
     * A query on the table, to be narrowed by the caller.
     *
     * @param list<string>|array<string, string> $columns
     */
    public function select(string $table, array $columns): Select
    {
        return $this->resources->getConnection(Outbox::RESOURCE)->select()->from($this->name($table), $columns);
    }

    /** @return list<array<string, string|null>> */
    public function rows(Select $select): array
    {
        return $this->resources->getConnection(Outbox::RESOURCE)->fetchAll($select);
    }

    /** @return array<string, string|null> the first row; empty where there is none */
    public function row(Select $select): array
    {
        return $this->resources->getConnection(Outbox::RESOURCE)->fetchRow($select) ?: [];
    }

    private function name(string $table): string
    {
        return $this->resources->getTableName($table, Outbox::RESOURCE);
    }
}
