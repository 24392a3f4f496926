<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\DatabaseFailure;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Core\PayloadLimit;
use Magento\Framework\App\ResourceConnection;
use Psr\Log\LoggerInterface;

/**
 * Appends events to erp_outbox on the connection, and so in the transaction, of what they tell.
 *
 * Magento maps each entity to a resource (sales, checkout, default) and each resource to a connection. In
 * nearly every shop that is one connection and one table. In a shop with split databases the event goes to
 * the erp_outbox of the entity's own database, because an event in another one would be another transaction.
 * setup:upgrade makes that table in the sales database only; where it is missing, the log says so.
 *
 * Which failures may be swallowed? Only one. After a deadlock (1213), a failed certification (1047), a
 * changed row (1020) or a lost connection (2006, 2013) the server has undone the whole transaction while
 * Magento still believes in it: going on would commit half an order. After a lock wait (1205), and after
 * any error not known here, nobody can say that the order would be complete; and an order without its
 * event is the one loss that this module exists to prevent. A missing table (1146) is different: it is
 * the normal state between a deployment's code and its setup:upgrade, the server notices it before it
 * changes anything, and the log names each entity whose event is missing. So checkout stays open, and the
 * sidecar's audit finds the orders that have no event and writes it.
 */
class Outbox
{
    /** The resource, and so the connection, that Magento's sales models are saved on. */
    public const RESOURCE = 'sales';

    /** The resource of customers, catalog and inventory. */
    public const DEFAULT_RESOURCE = ResourceConnection::DEFAULT_CONNECTION;

    /** An INSERT of more rows than that gains nothing, and its placeholders have a limit. */
    private const ROWS_AT_ONCE = 500;

    private int $missed = 0;

    public function __construct(
        private readonly ResourceConnection $resources,
        private readonly LoggerInterface $logger
    ) {
    }

    /**
     * Inserts the event; it becomes visible when the caller's transaction commits.
     *
     * @param string $resource the resource that the entity is saved on
     * @throws \Exception whatever the database raised, except that the table does not exist
     */
    public function append(OutboxRow $row, string $resource = self::RESOURCE): void
    {
        $this->insert([$row], $resource);
    }

    /**
     * Inserts events in the order given, with as few statements as the server's packet limit allows: one, nearly
     * always.
     *
     * @param list<OutboxRow> $rows
     * @param string $resource the resource that all these entities are saved on
     * @throws \Exception as append
     */
    public function appendAll(array $rows, string $resource = self::RESOURCE): void
    {
        foreach (self::insertable($rows) as $together) {
            $this->insert($together, $resource);
        }
    }

    /**
     * @param list<OutboxRow> $rows
     * @return iterable<non-empty-list<OutboxRow>>
     */
    private static function insertable(array $rows): iterable
    {
        [$together, $bytes] = [[], 0];
        foreach ($rows as $row) {
            $bytes += strlen($row->payload);
            if ($together !== [] && ($bytes > PayloadLimit::ALWAYS_FITS || count($together) === self::ROWS_AT_ONCE)) {
                yield $together;
                [$together, $bytes] = [[], strlen($row->payload)];
            }
            $together[] = $row;
        }
        if ($together !== []) {
            yield $together;
        }
    }

    /** @param non-empty-list<OutboxRow> $rows */
    private function insert(array $rows, string $resource): void
    {
        $table = $this->resources->getTableName(OutboxRow::TABLE, $resource);
        $connection = $this->resources->getConnection($resource);
        try {
            if (count($rows) === 1) {
                $connection->insert($table, $rows[0]->toArray());
            } else {
                $connection->insertMultiple(
                    $table,
                    array_map(static fn (OutboxRow $row): array => $row->toArray(), $rows)
                );
            }
        } catch (\Exception $error) {
            if (!DatabaseFailure::isMissingTable($error)) {
                throw $error;
            }
            $this->logMissed($table, $resource, $rows);
        }
    }

    /** @param non-empty-list<OutboxRow> $rows */
    private function logMissed(string $table, string $resource, array $rows): void
    {
        $isSplit = $this->resources->getConnection($resource) !== $this->resources->getConnection(self::RESOURCE);
        foreach ($rows as $row) {
            $this->missed++;
            $this->logger->critical('ERP outbox: the table is missing, so an event was not written.', [
                'table' => $table,
                'resource' => $resource,
                'type' => $row->type,
                'aggregate' => $row->subject->type . ':' . $row->subject->id,
                'missed_in_this_process' => $this->missed,
                'what_to_do' => $isSplit
                    ? "Split databases: create $table on the connection of the resource $resource too, as in the "
                        . 'sales database, and run a sidecar on it; or switch this family of events off.'
                    : 'Run bin/magento setup:upgrade. The sidecar\'s audit then finds orders that have no event.',
            ]);
        }
    }
}
