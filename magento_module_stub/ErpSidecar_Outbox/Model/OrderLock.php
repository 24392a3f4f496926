<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Framework\App\ResourceConnection;

/**
 * Holds an order's row until the transaction ends, so that the order's events commit in the order of their ids.
 *
 * It must come before the transaction's first row that refers to the order. Later is too late: that
 * row's foreign key already holds a shared lock, and two parcels of one order would deadlock.
 */
class OrderLock
{
    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /** Waits for the row as long as the server allows. Again in the same transaction it costs one quick query. */
    public function acquire(int $orderId): void
    {
        $connection = $this->resources->getConnection(Outbox::RESOURCE);
        if ($connection->getTransactionLevel() === 0) {
            return;
        }
        $select = $connection->select()
            ->from($this->resources->getTableName('sales_order', Outbox::RESOURCE), ['entity_id'])
            ->where('entity_id = ?', $orderId)
            ->forUpdate(true);
        $connection->fetchOne($select);
    }
}
