<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\ResourceModel\Product;

/**
 * Writes the same values into many products by SQL, in a transaction of its own.
 */
class Action
{
    public function __construct(private readonly CatalogTables $tables)
    {
    }

    /**
     * @param array $entityIds
     * @param array $attrData
     * @param int $storeId
     * @return $this
     */
    public function updateAttributes($entityIds, $attrData, $storeId)
    {
        $this->tables->inTransaction(function () use ($entityIds, $attrData, $storeId): void {
            foreach ($attrData as $code => $value) {
                foreach ($entityIds as $entityId) {
                    $this->tables->writeValue($code, $entityId, $storeId, $value);
                }
            }
        });
        return $this;
    }
}
