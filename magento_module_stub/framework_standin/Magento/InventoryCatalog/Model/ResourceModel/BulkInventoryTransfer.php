<?php

declare(strict_types=1);

namespace Magento\InventoryCatalog\Model\ResourceModel;

use Magento\Framework\App\ResourceConnection;

/**
 * Moves all stock of some SKUs from one source to another, as Magento does: in a transaction of its own that no
 * failure rolls back, with unlocked reads and absolute writes. Legacy stock and product types are left out.
 */
class BulkInventoryTransfer
{
    public function __construct(private readonly ResourceConnection $resourceConnection)
    {
    }

    /** @param string[] $skus */
    public function execute(
        array $skus,
        string $originSource,
        string $destinationSource,
        bool $unassignFromOrigin
    ): void {
        $connection = $this->resourceConnection->getConnection();
        $connection->beginTransaction();
        foreach ($skus as $sku) {
            $this->transfer((string) $sku, $originSource, $destinationSource);
        }
        $table = $this->resourceConnection->getTableName('inventory_source_item');
        $where = ['source_code=?' => $originSource, 'sku IN(?)' => $skus];
        if ($unassignFromOrigin) {
            $connection->delete($table, $where);
        } else {
            $connection->update($table, ['quantity' => 0, 'status' => 0], $where);
        }
        $connection->commit();
    }

    private function transfer(string $sku, string $originSource, string $destinationSource): void
    {
        $connection = $this->resourceConnection->getConnection();
        $table = $this->resourceConnection->getTableName('inventory_source_item');
        $origin = $this->row($sku, $originSource);
        $destination = $this->row($sku, $destinationSource);
        $update = [
            'quantity' => (float) ($origin['quantity'] ?? 0) + (float) ($destination['quantity'] ?? 0),
            'status' => (int) ($origin['status'] ?? $destination['status'] ?? 0),
        ];
        if ($destination === null) {
            $connection->insert($table, $update + ['source_code' => $destinationSource, 'sku' => $sku]);
        } elseif ($origin !== null) {
            $connection->update($table, $update, ['source_code=?' => $destinationSource, 'sku=?' => $sku]);
        }
    }

    /** @return array<string, string|null>|null */
    private function row(string $sku, string $sourceCode): ?array
    {
        $connection = $this->resourceConnection->getConnection();
        return $connection->fetchRow(
            $connection->select()
                ->from($this->resourceConnection->getTableName('inventory_source_item'))
                ->where('source_code = ?', $sourceCode)
                ->where('sku = ?', $sku)
        ) ?: null;
    }
}
