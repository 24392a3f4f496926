<?php

declare(strict_types=1);

namespace Magento\InventorySourceDeductionApi\Model;

use Magento\Framework\App\ResourceConnection;
use Magento\Framework\Exception\LocalizedException;
use Magento\Inventory\Model\ResourceModel\SourceItem\DecrementQtyForMultipleSourceItem;
use Magento\Inventory\Model\SourceItem;

/**
 * Takes what a sale needs from a source, after an unlocked look whether it is there. A refund takes negative quantities.
 */
class SourceDeductionService implements SourceDeductionServiceInterface
{
    public function __construct(
        private readonly ResourceConnection $resourceConnection,
        private readonly DecrementQtyForMultipleSourceItem $decrement
    ) {
    }

    public function execute(SourceDeductionRequestInterface $sourceDeductionRequest): void
    {
        $connection = $this->resourceConnection->getConnection();
        $sourceCode = $sourceDeductionRequest->getSourceCode();
        $decrement = [];
        foreach ($sourceDeductionRequest->getItems() as $item) {
            $quantity = $connection->fetchOne(
                $connection->select()
                    ->from($this->resourceConnection->getTableName('inventory_source_item'), ['quantity'])
                    ->where('source_code = ?', $sourceCode)
                    ->where('sku = ?', $item->getSku())
            );
            if ($quantity === false) {
                throw new LocalizedException('Source item not found by source code and SKU.');
            }
            if ((float) $quantity - $item->getQty() < 0) {
                throw new LocalizedException('Not all of your products are available in the requested quantity.');
            }
            $decrement[] = [
                'source_item' => new SourceItem($sourceCode, $item->getSku(), (float) $quantity - $item->getQty()),
                'qty_to_decrement' => $item->getQty(),
            ];
        }
        $this->decrement->execute($decrement);
    }
}
