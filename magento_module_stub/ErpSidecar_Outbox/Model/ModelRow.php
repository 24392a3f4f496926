<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\StoredRow;
use Magento\Framework\App\ResourceConnection;

/**
 * Turns a saved model's data into the row that the table holds, without a query.
 *
 * The table's description comes from Magento's own cache of descriptions. It also keeps what is no
 * column, such as a model's helper objects and flags, out of the event.
 */
class ModelRow
{
    /** @var array<string, StoredRow> */
    private array $tables = [];

    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /**
     * @param array<string, mixed> $data a model's getData()
     * @param string $resource the resource that the model is saved on
     * @return array<string, mixed> each column that holds something => what it holds
     */
    public function of(string $table, array $data, string $resource = Outbox::RESOURCE): array
    {
        $this->tables["$resource.$table"] ??= new StoredRow(
            $this->resources->getConnection($resource)
                ->describeTable($this->resources->getTableName($table, $resource))
        );
        return $this->tables["$resource.$table"]->of($data);
    }
}
