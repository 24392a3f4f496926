<?php

declare(strict_types=1);

namespace Magento\Framework\App;

use Magento\Framework\DB\Adapter\AdapterInterface;

/**
 * Gives the adapter of each resource and adds the shop's table prefix.
 */
class ResourceConnection
{
    public const DEFAULT_CONNECTION = 'default';

    /** @param array<string, AdapterInterface> $connections a resource that is not named here has `default`'s */
    public function __construct(
        private readonly array $connections,
        private readonly string $tablePrefix = ''
    ) {
    }

    public function getConnection(string $resourceName = 'default'): AdapterInterface
    {
        return $this->connections[$resourceName] ?? $this->connections['default'];
    }

    public function getTableName(string $modelEntity, string $connectionName = 'default'): string
    {
        $isPrefixed = $this->tablePrefix !== '' && str_starts_with($modelEntity, $this->tablePrefix);
        return $isPrefixed ? $modelEntity : $this->tablePrefix . $modelEntity;
    }
}
