<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Framework\DB\Adapter\AdapterInterface;

/**
 * What is still to be written on a connection before its transaction commits.
 *
 * One request may save one entity many times in one transaction. Here each entity has one place, so that the last
 * state is told, once, as the transaction's last words. A rollback forgets it all, as the database does.
 */
class BeforeCommit
{
    /** @var \WeakMap<AdapterInterface, array<string, callable(): void>> */
    private \WeakMap $pending;
    private int $rollbacks = 0;

    public function __construct()
    {
        $this->pending = new \WeakMap();
    }

    /** @param callable(): void $write takes the place of what was to be written under this name */
    public function add(AdapterInterface $connection, string $name, callable $write): void
    {
        $this->pending[$connection] = [...($this->pending[$connection] ?? []), $name => $write];
    }

    /** What will be written under this name in the transaction that is open; null where nothing will. */
    public function find(AdapterInterface $connection, string $name): ?callable
    {
        return $this->pending[$connection][$name] ?? null;
    }

    /**
     * Writes everything, in the order in which it was first named; whatever is raised is the caller's, whose
     * transaction then fails.
     */
    public function run(AdapterInterface $connection): void
    {
        $writes = $this->pending[$connection] ?? [];
        unset($this->pending[$connection]);
        foreach ($writes as $write) {
            $write();
        }
    }

    /** Call after a rollback. */
    public function forget(AdapterInterface $connection): void
    {
        unset($this->pending[$connection]);
        $this->rollbacks++;
    }

    /**
     * How many transactions of this process were rolled back: as long as it stands still, what was written is there.
     */
    public function rollbacks(): int
    {
        return $this->rollbacks;
    }
}
