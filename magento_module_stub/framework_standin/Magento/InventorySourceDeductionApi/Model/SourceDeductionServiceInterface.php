<?php

declare(strict_types=1);

namespace Magento\InventorySourceDeductionApi\Model;

/**
 * Takes what a sale needs from a source.
 */
interface SourceDeductionServiceInterface
{
    public function execute(SourceDeductionRequestInterface $sourceDeductionRequest): void;
}
