<?php

declare(strict_types=1);

namespace Magento\Inventory\Model\ResourceModel\SourceItem;

use Magento\Framework\App\ResourceConnection;
use Magento\InventoryApi\Api\Data\SourceItemInterface;

/**
 * Sets quantity and status, as Magento 2.4.4 does: one upsert, no transaction of its own.
 *
 * Later versions first read which rows there are, upsert the new ones and update the others one by one.
 */
class SaveMultiple
{
    public bool $isLater = false;

    public function __construct(private readonly ResourceConnection $resourceConnection)
    {
    }

    /**
     * @param SourceItemInterface[] $sourceItems
     * @return void
     */
    public function execute(array $sourceItems)
    {
        if ($sourceItems === []) {
            return;
        }
        [$new, $present] = $this->isLater ? $this->separate($sourceItems) : [$sourceItems, []];
        if ($new !== []) {
            $this->upsert($new);
        }
        foreach ($present as $id => $item) {
            $this->resourceConnection->getConnection()->update(
                $this->resourceConnection->getTableName('inventory_source_item'),
                self::row($item),
                ['source_item_id = ?' => $id]
            );
        }
    }

    /** @param SourceItemInterface[] $sourceItems */
    private function upsert(array $sourceItems): void
    {
        $sql = sprintf(
            'INSERT INTO `%s` (`source_code`, `sku`, `quantity`, `status`) VALUES %s'
                . ' ON DUPLICATE KEY UPDATE `quantity` = VALUES(`quantity`), `status` = VALUES(`status`)',
            $this->resourceConnection->getTableName('inventory_source_item'),
            implode(', ', array_fill(0, count($sourceItems), '(?, ?, ?, ?)'))
        );
        $bind = array_merge(...array_map(array_values(...), array_map(self::row(...), array_values($sourceItems))));
        $this->resourceConnection->getConnection()->query($sql, $bind);
    }

    /**
     * @param SourceItemInterface[] $sourceItems
     * @return array{SourceItemInterface[], array<int, SourceItemInterface>} the new ones, the others by id
     */
    private function separate(array $sourceItems): array
    {
        $connection = $this->resourceConnection->getConnection();
        $stored = $connection->fetchAll(
            $connection->select()
                ->from(
                    $this->resourceConnection->getTableName('inventory_source_item'),
                    ['source_item_id', 'source_code', 'sku']
                )
                ->where('sku IN (?)', array_map(static fn ($item) => $item->getSku(), $sourceItems))
                ->where('source_code IN (?)', array_map(static fn ($item) => $item->getSourceCode(), $sourceItems))
        );
        $ids = [];
        foreach ($stored as $row) {
            $ids["{$row['source_code']}|{$row['sku']}"] = (int) $row['source_item_id'];
        }
        $present = [];
        foreach ($sourceItems as $key => $item) {
            $id = $ids["{$item->getSourceCode()}|{$item->getSku()}"] ?? null;
            if ($id !== null) {
                $present[$id] = $item;
                unset($sourceItems[$key]);
            }
        }
        return [$sourceItems, $present];
    }

    /** @return array<string, mixed> */
    private static function row(SourceItemInterface $item): array
    {
        return [
            'source_code' => $item->getSourceCode(),
            'sku' => $item->getSku(),
            'quantity' => $item->getQuantity(),
            'status' => $item->getStatus(),
        ];
    }
}
