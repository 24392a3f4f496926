<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\ResourceModel\Product\Price;

use Magento\Catalog\Model\ResourceModel\Product\CatalogTables;

/**
 * Writes special prices of many products by SQL; deleting takes a transaction for each store.
 */
class SpecialPrice
{
    public function __construct(private readonly CatalogTables $tables)
    {
    }

    /** @return bool */
    public function update(array $prices)
    {
        $this->tables->inTransaction(function () use ($prices): void {
            foreach ($prices as $price) {
                foreach ($this->tables->idsOfSkus([$price->getSku()]) as $id) {
                    $this->tables->writeValue('special_price', $id, $price->getStoreId(), $price->getPrice());
                }
            }
        });
        return true;
    }

    /** @return bool */
    public function delete(array $prices)
    {
        foreach ($prices as $price) {
            $this->tables->inTransaction(fn () => $this->tables->deleteValues(
                'special_price',
                $this->tables->idsOfSkus([$price->getSku()]),
                $price->getStoreId()
            ));
        }
        return true;
    }
}
