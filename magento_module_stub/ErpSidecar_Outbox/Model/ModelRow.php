<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\StoredValue;
use Magento\Framework\App\ResourceConnection;

/**
 * Turns a saved sales model's data into the row that the table holds, without a query.
 *
 * The table's description comes from Magento's own cache of descriptions. It also keeps what is no
 * column, such as a model's helper objects and flags, out of the event.
 */
class ModelRow
{
    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /**
     * @param array<string, mixed> $data a model's getData()
     * @return array<string, mixed> every column of the table => what it holds
     */
    public function of(string $table, array $data): array
    {
        $name = $this->resources->getTableName($table, Outbox::RESOURCE);
        $row = [];
        foreach ($this->resources->getConnection(Outbox::RESOURCE)->describeTable($name) as $column => $description) {
            $row[$column] = array_key_exists($column, $data)
                ? StoredValue::of($data[$column], $description)
                : StoredValue::ofAbsent($description);
        }
        return $row;
    }
}
