<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\Product\Price;

use Magento\Catalog\Model\ResourceModel\Product\CatalogTables;

/**
 * Writes tier prices of many products by SQL, in a transaction of its own.
 */
class TierPricePersistence
{
    public function __construct(private readonly CatalogTables $tables)
    {
    }

    /** @return void */
    public function update(array $prices)
    {
        $this->tables->inTransaction(fn () => $this->write($prices));
    }

    /** @return void */
    public function replace(array $prices, array $ids)
    {
        $this->tables->inTransaction(function () use ($prices, $ids): void {
            $this->tables->delete('catalog_product_entity_tier_price', 'entity_id', $ids);
            $this->write($prices);
        });
    }

    /** @return void */
    public function delete(array $ids)
    {
        $this->tables->inTransaction(
            fn () => $this->tables->delete('catalog_product_entity_tier_price', 'value_id', $ids)
        );
    }

    private function write(array $prices): void
    {
        foreach ($prices as $price) {
            $this->tables->insertOnDuplicate('catalog_product_entity_tier_price', $price, ['value', 'percentage_value']);
        }
    }
}
