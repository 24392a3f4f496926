<?php

declare(strict_types=1);

namespace Magento\InventorySourceDeductionApi\Model;

use Magento\InventorySalesApi\Api\Data\SalesEventInterface;

/**
 * What is to leave a source, and for which sale.
 */
class SourceDeductionRequest implements SourceDeductionRequestInterface
{
    /** @param \Magento\Framework\DataObject[] $items */
    public function __construct(
        private readonly string $sourceCode,
        private readonly array $items,
        private readonly SalesEventInterface $salesEvent
    ) {
    }

    public function getSourceCode(): string
    {
        return $this->sourceCode;
    }

    public function getItems(): array
    {
        return $this->items;
    }

    public function getSalesEvent(): SalesEventInterface
    {
        return $this->salesEvent;
    }
}
