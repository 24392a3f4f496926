<?php

declare(strict_types=1);

namespace Magento\Inventory\Model\ResourceModel\SourceItem;

use Magento\Framework\App\ResourceConnection;

/**
 * Takes from source items, one statement for each; the status stays as it is.
 */
class DecrementQtyForMultipleSourceItem
{
    public function __construct(private readonly ResourceConnection $resourceConnection)
    {
    }

    /** @param array<array-key, array<string, mixed>> $decrementItems source_item and qty_to_decrement of each */
    public function execute(array $decrementItems): void
    {
        foreach ($decrementItems as $decrementItem) {
            $item = $decrementItem['source_item'];
            $this->resourceConnection->getConnection()->update(
                [$this->resourceConnection->getTableName('inventory_source_item')],
                ['quantity' => new \Zend_Db_Expr('quantity - ' . $decrementItem['qty_to_decrement'])],
                ['source_code = ?' => $item->getSourceCode(), 'sku = ?' => $item->getSku()]
            );
        }
    }
}
