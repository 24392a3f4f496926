<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\Product\Price;

use Magento\Catalog\Model\ResourceModel\Product\CatalogTables;

/**
 * Writes one price attribute of many products by SQL, in a transaction of its own.
 */
class PricePersistence
{
    public function __construct(private readonly CatalogTables $tables, private readonly string $attributeCode = 'price')
    {
    }

    /** @return void */
    public function update(array $prices)
    {
        $this->tables->inTransaction(function () use ($prices): void {
            foreach ($prices as $price) {
                $this->tables->writeValue($this->attributeCode, $price['entity_id'], $price['store_id'], $price['value']);
            }
        });
    }

    /** @return void */
    public function delete(array $skus)
    {
        $this->tables->inTransaction(
            fn () => $this->tables->deleteValues($this->attributeCode, $this->tables->idsOfSkus($skus))
        );
    }
}
