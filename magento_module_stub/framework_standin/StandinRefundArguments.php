<?php

declare(strict_types=1);

use Magento\Sales\Api\Data\CreditmemoCreationArgumentsInterface;

/**
 * What a web API request says about a refund, and its extension attributes at once.
 */
class StandinRefundArguments implements CreditmemoCreationArgumentsInterface
{
    /** @param list<int|string> $returnToStockItems ids of order items */
    public function __construct(private readonly array $returnToStockItems)
    {
    }

    public function getExtensionAttributes()
    {
        return $this;
    }

    /** @return list<int|string> */
    public function getReturnToStockItems(): array
    {
        return $this->returnToStockItems;
    }
}
