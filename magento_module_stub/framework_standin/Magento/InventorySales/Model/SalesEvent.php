<?php

declare(strict_types=1);

namespace Magento\InventorySales\Model;

use Magento\InventorySalesApi\Api\Data\SalesEventInterface;

/**
 * What of a sale changes the stock; the object is always the order.
 */
class SalesEvent implements SalesEventInterface
{
    public function __construct(private readonly string $type, private readonly string $objectId)
    {
    }

    public function getType(): string
    {
        return $this->type;
    }

    public function getObjectType(): string
    {
        return 'order';
    }

    public function getObjectId(): string
    {
        return $this->objectId;
    }
}
