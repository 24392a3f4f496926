<?php

declare(strict_types=1);

namespace Magento\InventoryApi\Api\Data;

use Magento\Inventory\Model\SourceItem;

/**
 * Makes source items, as the factory does that Magento generates.
 */
class SourceItemInterfaceFactory
{
    public function create(): SourceItemInterface
    {
        return new SourceItem();
    }
}
