<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Model;

use ErpSidecar\Outbox\Model\Outbox;
use Magento\Framework\App\ResourceConnection;

/**
 * A write and its events together, or neither: in the caller's transaction, or in one of their own.
 */
class InventoryTransaction
{
    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /** Whether the caller has begun one already; it may have read before, so that plain reads show the past. */
    public function isOpen(): bool
    {
        return $this->resources->getConnection(Outbox::DEFAULT_RESOURCE)->getTransactionLevel() > 0;
    }

    /**
     * What the work throws is thrown on, after the rollback of this level and of those that the work left open (the
     * bulk transfer never rolls back). Magento has no savepoints: inside the caller's transaction this dooms it, as
     * it has to be, because half of the write may have happened without its events.
     *
     * @template T
     * @param callable(): T $work
     * @return T
     */
    public function run(callable $work): mixed
    {
        $connection = $this->resources->getConnection(Outbox::DEFAULT_RESOURCE);
        $level = $connection->getTransactionLevel();
        $isWhole = false;
        $connection->beginTransaction();
        try {
            $result = $work();
            $connection->commit();
            $isWhole = true;
            return $result;
        } finally {
            if (!$isWhole) {
                $this->rollBackTo($level);
            }
        }
    }

    private function rollBackTo(int $level): void
    {
        $connection = $this->resources->getConnection(Outbox::DEFAULT_RESOURCE);
        try {
            while ($connection->getTransactionLevel() > $level) {
                $connection->rollBack();
            }
        } catch (\Exception) {
            // The connection is lost, and with it the transaction. The error that told so is on its way to the caller.
            return;
        }
    }
}
