<?php

declare(strict_types=1);

namespace Magento\InventoryCatalog\Model\ResourceModel;

use Magento\Framework\App\ResourceConnection;

/**
 * Deletes source items of some SKUs in some sources, in a transaction of its own.
 */
class BulkSourceUnassign
{
    public function __construct(private readonly ResourceConnection $resourceConnection)
    {
    }

    /**
     * @param string[] $skus
     * @param string[] $sourceCodes
     */
    public function execute(array $skus, array $sourceCodes): int
    {
        $connection = $this->resourceConnection->getConnection();
        $connection->beginTransaction();
        $count = (int) $connection->delete(
            $this->resourceConnection->getTableName('inventory_source_item'),
            ['source_code IN (?)' => $sourceCodes, 'sku IN (?)' => $skus]
        );
        $connection->commit();
        return $count;
    }
}
