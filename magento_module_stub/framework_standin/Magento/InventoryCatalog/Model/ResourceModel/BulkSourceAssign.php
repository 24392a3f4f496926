<?php

declare(strict_types=1);

namespace Magento\InventoryCatalog\Model\ResourceModel;

use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\DuplicateException;

/**
 * Adds empty source items, one statement for each; those that are there are passed over.
 */
class BulkSourceAssign
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
        $count = 0;
        foreach ($skus as $sku) {
            foreach ($sourceCodes as $sourceCode) {
                try {
                    $this->resourceConnection->getConnection()->insert(
                        $this->resourceConnection->getTableName('inventory_source_item'),
                        ['source_code' => $sourceCode, 'sku' => $sku, 'quantity' => 0, 'status' => 0]
                    );
                    $count++;
                } catch (DuplicateException) {
                    continue;
                }
            }
        }
        return $count;
    }
}
