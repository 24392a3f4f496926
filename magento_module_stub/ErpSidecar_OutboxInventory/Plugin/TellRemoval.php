<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\StockReasons;
use Magento\InventoryCatalog\Model\DeleteSourceItemsBySkus;

/**
 * Tells that products lose their source items because of what becomes of the products.
 */
class TellRemoval
{
    public function __construct(private readonly StockReasons $reasons)
    {
    }

    /**
     * @param string[] $skus
     * @return mixed
     */
    public function aroundExecute(DeleteSourceItemsBySkus $subject, callable $proceed, array $skus)
    {
        return $this->reasons->within(
            $this->reasons->ofRemoval(array_map(strval(...), array_values($skus))),
            static fn (): mixed => $proceed($skus)
        );
    }
}
