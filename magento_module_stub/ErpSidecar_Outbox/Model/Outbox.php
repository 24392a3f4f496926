<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\DatabaseFailure;
use ErpSidecar\Outbox\Core\OutboxRow;
use Magento\Framework\App\ResourceConnection;
use Psr\Log\LoggerInterface;

/**
 * Appends events to erp_outbox on the connection, and so in the transaction, of the sales tables.
 *
 * Which failures may be swallowed? Only one. After a deadlock (1213), a failed certification (1047), a
 * changed row (1020) or a lost connection (2006, 2013) the server has undone the whole transaction while
 * Magento still believes in it: going on would commit half an order. After a lock wait (1205), and after
 * any error not known here, nobody can say that the order would be complete; and an order without its
 * event is the one loss that this module exists to prevent. A missing table (1146) is different: it is
 * the normal state between a deployment's code and its setup:upgrade, the server notices it before it
 * changes anything, and the log names each order that has to be saved again. So checkout stays open.
 */
class Outbox
{
    /** The resource, and so the connection, that Magento's sales models are saved on. */
    public const RESOURCE = 'sales';

    private int $missed = 0;

    public function __construct(
        private readonly ResourceConnection $resources,
        private readonly LoggerInterface $logger
    ) {
    }

    /**
     * Inserts the event; it becomes visible when the caller's transaction commits.
     *
     * @throws \Exception whatever the database raised, except that the table does not exist
     */
    public function append(OutboxRow $row): void
    {
        $table = $this->resources->getTableName(OutboxRow::TABLE, self::RESOURCE);
        try {
            $this->resources->getConnection(self::RESOURCE)->insert($table, $row->toArray());
        } catch (\Exception $error) {
            if (!DatabaseFailure::isMissingTable($error)) {
                throw $error;
            }
            $this->missed++;
            $this->logger->critical('ERP outbox: the table is missing, so an event was not written.', [
                'table' => $table,
                'type' => $row->type,
                'aggregate' => $row->subject->type . ':' . $row->subject->id,
                'missed_in_this_process' => $this->missed,
                'what_to_do' => 'Run bin/magento setup:upgrade, then save the order again.',
            ]);
        }
    }
}
