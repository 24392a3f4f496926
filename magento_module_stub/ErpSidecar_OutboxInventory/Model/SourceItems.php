<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Model;

use ErpSidecar\Outbox\Core\StockLevel;
use ErpSidecar\Outbox\Model\Outbox;
use Magento\Framework\App\ResourceConnection;

/**
 * Reads and locks rows of inventory_source_item, and never a row that is not there.
 *
 * At REPEATABLE READ, Magento's isolation, a locking read of an absent row locks the gap in which the row would lie.
 * Two imports that hold the same gap and then insert into it deadlock, and so does a shipment between them. So a
 * plain read tells which rows there are, and these are then locked by their primary key, in its order, which is the
 * same for everybody. By source and SKU it would not do: MariaDB locks the gap before a row that is found through a
 * secondary index, and with `sku IN (...)` any server may scan, and lock everything. The index hint keeps it from
 * scanning here.
 */
class SourceItems
{
    private const TABLE = 'inventory_source_item';
    private const COLUMNS = ['source_item_id', 'source_code', 'sku', 'quantity', 'status'];

    private const AT_ONCE = 1000;

    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /**
     * The rows that this transaction sees, without locks.
     *
     * @return array<int, SourceItem> by id
     */
    public function find(SourceItemKeys $keys): array
    {
        $connection = $this->resources->getConnection(Outbox::DEFAULT_RESOURCE);
        $found = [];
        foreach ($keys->bySource() as [$sourceCode, $skus]) {
            foreach (array_chunk($skus, self::AT_ONCE) as $some) {
                $select = $connection->select()
                    ->from($this->table(), self::COLUMNS)
                    ->where('source_code = ?', $sourceCode)
                    ->where('sku IN (?)', $some);
                $found += self::items($connection->fetchAll($select));
            }
        }
        return $found;
    }

    /**
     * Locks the rows until the transaction ends and tells what they hold now: also what was committed after this
     * transaction first looked.
     *
     * @param array<int, SourceItem> $items by id, of rows that are there
     * @return array<int, SourceItem> by id
     */
    public function lock(array $items): array
    {
        $connection = $this->resources->getConnection(Outbox::DEFAULT_RESOURCE);
        $ids = array_keys($items);
        sort($ids);
        $locked = [];
        foreach (array_chunk($ids, self::AT_ONCE) as $some) {
            $locked += self::items($connection->fetchAll(sprintf(
                'SELECT %s FROM %s FORCE INDEX (PRIMARY) WHERE source_item_id IN (%s) FOR UPDATE',
                implode(', ', self::COLUMNS),
                $connection->quoteIdentifier($this->table()),
                implode(', ', $some)
            )));
        }
        return $locked;
    }

    private function table(): string
    {
        return $this->resources->getTableName(self::TABLE, Outbox::DEFAULT_RESOURCE);
    }

    /**
     * @param list<array<string, string>> $rows
     * @return array<int, SourceItem>
     */
    private static function items(array $rows): array
    {
        $items = [];
        foreach ($rows as $row) {
            $items[(int) $row['source_item_id']] = new SourceItem(
                (int) $row['source_item_id'],
                (string) $row['source_code'],
                (string) $row['sku'],
                new StockLevel((string) $row['quantity'], (int) $row['status'])
            );
        }
        return $items;
    }
}
