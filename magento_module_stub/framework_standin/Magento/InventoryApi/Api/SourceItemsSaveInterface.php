<?php

declare(strict_types=1);

namespace Magento\InventoryApi\Api;

use Magento\InventoryApi\Api\Data\SourceItemInterface;

/**
 * Sets source items: what POST /V1/inventory/source-items calls.
 */
interface SourceItemsSaveInterface
{
    /** @param SourceItemInterface[] $sourceItems */
    public function execute(array $sourceItems): void;
}
