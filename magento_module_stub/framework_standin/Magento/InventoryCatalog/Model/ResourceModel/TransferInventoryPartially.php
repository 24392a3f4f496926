<?php

declare(strict_types=1);

namespace Magento\InventoryCatalog\Model\ResourceModel;

use Magento\Framework\App\ResourceConnection;
use Magento\InventoryCatalogApi\Api\Data\PartialInventoryTransferItemInterface;

/**
 * Moves a part of one SKU's stock, as Magento does: in a transaction of its own, with unlocked reads and absolute
 * writes. Legacy stock is left out.
 */
class TransferInventoryPartially
{
    public function __construct(private readonly ResourceConnection $resourceConnection)
    {
    }

    public function execute(
        PartialInventoryTransferItemInterface $transfer,
        string $originSourceCode,
        string $destinationSourceCode
    ): void {
        $connection = $this->resourceConnection->getConnection();
        $connection->beginTransaction();
        $origin = $this->quantity($transfer->getSku(), $originSourceCode);
        $destination = $this->quantity($transfer->getSku(), $destinationSourceCode);
        $this->update($transfer->getSku(), $originSourceCode, [
            'quantity' => $origin === null ? 0.0 : $origin - $transfer->getQty(),
        ]);
        $this->update($transfer->getSku(), $destinationSourceCode, [
            'quantity' => $destination === null ? 0.0 : $destination + $transfer->getQty(),
            'status' => 1,
        ]);
        $connection->commit();
    }

    private function quantity(string $sku, string $sourceCode): ?float
    {
        $connection = $this->resourceConnection->getConnection();
        $found = $connection->fetchOne(
            $connection->select()
                ->from($this->resourceConnection->getTableName('inventory_source_item'), ['quantity'])
                ->where('source_code = ?', $sourceCode)
                ->where('sku = ?', $sku)
        );
        return $found === false ? null : (float) $found;
    }

    /** @param array<string, mixed> $values */
    private function update(string $sku, string $sourceCode, array $values): void
    {
        $this->resourceConnection->getConnection()->update(
            $this->resourceConnection->getTableName('inventory_source_item'),
            $values,
            ['source_code=?' => $sourceCode, 'sku=?' => $sku]
        );
    }
}
