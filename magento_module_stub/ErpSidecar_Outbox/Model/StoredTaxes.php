<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Framework\App\ResourceConnection;

/**
 * The tax rows of an order that was placed earlier; no model of the order carries them, so they are read.
 */
class StoredTaxes
{
    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /** @return list<array<string, mixed>> rows of sales_order_tax */
    public function taxes(int $orderId): array
    {
        return $this->rows('sales_order_tax', 'order_id = ?', $orderId, 'tax_id');
    }

    /**
     * @param list<array<string, mixed>> $taxes rows of sales_order_tax
     * @return list<array<string, mixed>> rows of sales_order_tax_item
     */
    public function taxItems(array $taxes): array
    {
        $ids = array_column($taxes, 'tax_id');
        return $ids === [] ? [] : $this->rows('sales_order_tax_item', 'tax_id IN (?)', $ids, 'tax_item_id');
    }

    /** @return list<array<string, mixed>> */
    private function rows(string $table, string $condition, mixed $value, string $order): array
    {
        $connection = $this->resources->getConnection(Outbox::RESOURCE);
        $select = $connection->select()
            ->from($this->resources->getTableName($table, Outbox::RESOURCE))
            ->where($condition, $value)
            ->order($order);
        return $connection->fetchAll($select);
    }
}
