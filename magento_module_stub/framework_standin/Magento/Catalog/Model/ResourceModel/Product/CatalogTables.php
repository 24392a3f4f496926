<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\ResourceModel\Product;

use Magento\Eav\Model\Config;
use Magento\Framework\App\ResourceConnection;

/**
 * What the stand-ins of Magento's catalog writers share: its SQL. Magento itself has no such class.
 */
class CatalogTables
{
    public function __construct(private readonly ResourceConnection $resources, private readonly Config $eav)
    {
    }

    /** Magento rolls its own level back and throws on, in each of these writers. */
    public function inTransaction(callable $write): void
    {
        $connection = $this->resources->getConnection('catalog');
        $connection->beginTransaction();
        try {
            $write();
            $connection->commit();
        } catch (\Exception $error) {
            $connection->rollBack();
            throw $error;
        }
    }

    public function writeValue(string $code, int|string $entityId, int|string $storeId, mixed $value): void
    {
        $attribute = $this->eav->getAttribute('catalog_product', $code);
        $this->insertOnDuplicate((string) $attribute->getBackendTable(), [
            'attribute_id' => $attribute->getAttributeId(),
            'entity_id' => $entityId,
            'store_id' => $attribute->isScopeGlobal() ? 0 : $storeId,
            'value' => $value,
        ], ['value']);
    }

    public function deleteValues(string $code, array $entityIds, ?int $storeId = null): void
    {
        $attribute = $this->eav->getAttribute('catalog_product', $code);
        foreach ($entityIds as $entityId) {
            $sql = "DELETE FROM {$attribute->getBackendTable()} WHERE attribute_id = ? AND entity_id = ?"
                . ($storeId === null ? '' : " AND store_id = $storeId");
            $this->resources->getConnection('catalog')->query($sql, [$attribute->getAttributeId(), $entityId]);
        }
    }

    public function delete(string $table, string $column, array $ids, array $websiteIds = []): void
    {
        foreach ($ids as $id) {
            $sql = "DELETE FROM {$this->resources->getTableName($table)} WHERE $column = ?"
                . ($websiteIds === [] ? '' : ' AND website_id IN (' . implode(', ', $websiteIds) . ')');
            $this->resources->getConnection('catalog')->query($sql, [$id]);
        }
    }

    /** @param list<string> $fields updated where the row is there already */
    public function insertOnDuplicate(string $table, array $row, array $fields): void
    {
        $name = $this->resources->getTableName($table);
        $sql = "INSERT INTO $name (" . implode(', ', array_keys($row)) . ') VALUES ('
            . implode(', ', array_fill(0, count($row), '?')) . ') ON DUPLICATE KEY UPDATE '
            . implode(', ', array_map(static fn (string $field): string => "$field = VALUES($field)", $fields));
        $this->resources->getConnection('catalog')->query($sql, array_values($row));
    }

    /** @return list<string> */
    public function idsOfSkus(array $skus): array
    {
        $select = $this->resources->getConnection('catalog')->select()
            ->from($this->resources->getTableName('catalog_product_entity'), ['entity_id'])
            ->where('sku IN (?)', $skus);
        return array_column($this->resources->getConnection('catalog')->fetchAll($select), 'entity_id');
    }
}
