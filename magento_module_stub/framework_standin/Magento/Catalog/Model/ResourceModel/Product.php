<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\ResourceModel;

use Magento\Catalog\Model\ResourceModel\Product\CatalogTables;
use Magento\Framework\DataObject;

/**
 * Writes products; here only one attribute alone.
 */
class Product
{
    public function __construct(private readonly CatalogTables $tables)
    {
    }

    /**
     * @param string $attributeCode
     * @return $this
     */
    public function saveAttribute(DataObject $object, $attributeCode)
    {
        $value = $object->getData($attributeCode);
        $this->tables->inTransaction(
            fn () => $this->tables->writeValue($attributeCode, $object->getData('entity_id'), 0, $value)
        );
        return $this;
    }
}
