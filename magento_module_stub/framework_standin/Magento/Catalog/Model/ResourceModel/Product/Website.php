<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\ResourceModel\Product;

/**
 * Puts many products into websites, or takes them out, by SQL, in a transaction of its own.
 */
class Website
{
    public function __construct(private readonly CatalogTables $tables)
    {
    }

    /**
     * @param array $websiteIds
     * @param array $productIds
     * @return $this
     */
    public function addProducts($websiteIds, $productIds)
    {
        if (!is_array($websiteIds) || !is_array($productIds)) {
            return $this;
        }
        $this->tables->inTransaction(function () use ($websiteIds, $productIds): void {
            foreach ($websiteIds as $websiteId) {
                foreach ($productIds as $productId) {
                    $row = ['product_id' => $productId, 'website_id' => $websiteId];
                    $this->tables->insertOnDuplicate('catalog_product_website', $row, ['website_id']);
                }
            }
        });
        return $this;
    }

    /**
     * @param array $websiteIds
     * @param array $productIds
     * @return $this
     */
    public function removeProducts($websiteIds, $productIds)
    {
        $this->tables->inTransaction(
            fn () => $this->tables->delete('catalog_product_website', 'product_id', $productIds, $websiteIds)
        );
        return $this;
    }
}
