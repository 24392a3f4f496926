<?php

declare(strict_types=1);

namespace Magento\InventoryCatalog\Model;

use Magento\Framework\App\ResourceConnection;
use Magento\Inventory\Model\ResourceModel\SourceItem\DeleteMultiple;
use Magento\Inventory\Model\SourceItem;

/**
 * Deletes all source items of some SKUs, one SKU after the other. As in Magento, a failure is not the caller's to see.
 */
class DeleteSourceItemsBySkus
{
    public function __construct(
        private readonly ResourceConnection $resourceConnection,
        private readonly DeleteMultiple $sourceItemsDelete
    ) {
    }

    /** @param string[] $skus */
    public function execute(array $skus): void
    {
        $connection = $this->resourceConnection->getConnection();
        foreach ($skus as $sku) {
            $rows = $connection->fetchAll(
                $connection->select()
                    ->from($this->resourceConnection->getTableName('inventory_source_item'), ['source_code', 'sku'])
                    ->where('sku = ?', $sku)
            );
            try {
                $this->sourceItemsDelete->execute(array_map(
                    static fn (array $row): SourceItem => new SourceItem($row['source_code'], $row['sku']),
                    $rows
                ));
            } catch (\Exception) {
                continue;
            }
        }
    }
}
