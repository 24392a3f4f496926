<?php

declare(strict_types=1);

namespace Magento\InventorySourceDeductionApi\Model;

use Magento\Framework\DataObject;
use Magento\InventorySalesApi\Api\Data\SalesEventInterface;

/**
 * What is to leave a source, and for which sale.
 */
interface SourceDeductionRequestInterface
{
    public function getSourceCode(): string;

    /** @return DataObject[] each with getSku() and getQty() */
    public function getItems(): array;

    public function getSalesEvent(): SalesEventInterface;
}
