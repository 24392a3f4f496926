<?php

declare(strict_types=1);

namespace Magento\Inventory\Model\ResourceModel\SourceItem;

use Magento\Framework\App\ResourceConnection;
use Magento\InventoryApi\Api\Data\SourceItemInterface;

/**
 * Deletes source items, as Magento does: one statement, no transaction of its own.
 */
class DeleteMultiple
{
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
        $connection = $this->resourceConnection->getConnection();
        $conditions = array_map(
            static fn (SourceItemInterface $item): string => '(sku = ' . $connection->quote($item->getSku())
                . ' AND source_code = ' . $connection->quote($item->getSourceCode()) . ')',
            $sourceItems
        );
        $connection->delete(
            $this->resourceConnection->getTableName('inventory_source_item'),
            implode(' OR ', $conditions)
        );
    }
}
