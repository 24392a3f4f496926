<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\StoredValue;
use Magento\Framework\App\ResourceConnection;

/**
 * Turns a saved model's data into the row that the table holds, without a query.
 *
 * The table's description comes from Magento's own cache of descriptions. It also keeps what is no
 * column, such as a model's helper objects and flags, out of the event.
 */
class ModelRow
{
    /** @var array<string, array<string, int|string|null>> what a row of each table holds that a model says nothing of */
    private array $absent = [];

    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /**
     * @param array<string, mixed> $data a model's getData()
     * @param string $resource the resource that the model is saved on
     * @return array<string, mixed> every column of the table => what it holds
     */
    public function of(string $table, array $data, string $resource = Outbox::RESOURCE): array
    {
        $name = $this->resources->getTableName($table, $resource);
        $columns = $this->resources->getConnection($resource)->describeTable($name);
        $row = $this->absent[$name] ??= array_map(StoredValue::ofAbsent(...), $columns);
        foreach (array_intersect_key($data, $columns) as $column => $value) {
            $row[$column] = $value === null ? null : StoredValue::of($value, $columns[$column]);
        }
        return $row;
    }
}
