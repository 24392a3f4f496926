<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\OutboxRow;
use Magento\Framework\DB\Adapter\Pdo\Mysql;

/**
 * The shop's database: rows by table and key, and transactions shaped like Magento's.
 *
 * In a transaction the outbox rows are inserted last. Some transactions are slow to commit, and some are
 * rolled back at the last moment and done again, so that ids are burnt and become visible out of order.
 */
class Database
{
    private const ROLLED_BACK_PERCENT = 6;
    private const SLOWEST_COMMIT_US = 4_000;
    private const STALL_US = 1_000_000;
    private const BETWEEN_STALLS = 400;
    private const TRIES = 5;
    private const DEADLOCK = 1213;
    private const LOCK_WAIT_TIMEOUT = 1205;

    private readonly OutboxEvents $events;
    private readonly Mysql $adapter;
    private readonly string $prefix;
    private int $stallsAt;
    private int $transactions = 0;

    /** @var list<callable(): OutboxRow> what the open transaction will tell, in order */
    private array $announced = [];

    /** @param array{host: string, port: int, dbname: string, username: string, password: string, prefix: string} $config */
    public function __construct(array $config, private readonly Dice $dice)
    {
        $this->prefix = $config['prefix'];
        $this->adapter = new Mysql($config);
        $this->events = OutboxEvents::standard();
        $this->stallsAt = $dice->between(15, 40);
    }

    public function events(): OutboxEvents
    {
        return $this->events;
    }

    /** @return array<string, string|null>|null */
    public function row(string $table, string $column, int|string $value, bool $lock = false): ?array
    {
        $sql = "SELECT * FROM {$this->table($table)} WHERE $column = ?" . ($lock ? ' FOR UPDATE' : '');
        return $this->adapter->fetchRow($sql, [$value]) ?: null;
    }

    /** @return list<array<string, string|null>> in the order of their ids */
    public function rows(string $table, string $column, int|string $value): array
    {
        return $this->adapter->fetchAll("SELECT * FROM {$this->table($table)} WHERE $column = ? ORDER BY 1", [$value]);
    }

    /**
     * Inserts what the table has columns for, and leaves the rest out: documents copy an order's figures,
     * and not each of their tables keeps all of them.
     *
     * @param array<string, int|string|null> $row
     */
    public function insert(string $table, array $row): int
    {
        $columns = $this->adapter->describeTable($this->prefix . $table);
        $this->adapter->insert($this->prefix . $table, array_intersect_key($row, $columns));
        return (int) $this->adapter->lastInsertId();
    }

    /** @param array<string, int|string|null> $changes none: nothing is written, as Magento does */
    public function update(string $table, string $key, int|string $value, array $changes): void
    {
        if ($changes === []) {
            return;
        }
        $this->adapter->update($this->prefix . $table, $changes, ["$key = ?" => $value]);
    }

    /**
     * Adds to one source's stock of a SKU, or takes from it.
     *
     * @return array{0: int, 1: int} what it held before and after
     */
    public function moveStock(string $source, string $sku, int $quantity): array
    {
        $before = $this->inSource($source, $sku, isLocked: true);
        $this->adapter->query(
            "UPDATE {$this->table('inventory_source_item')} SET quantity = ? WHERE source_code = ? AND sku = ?",
            [Amount::text($before + $quantity), $source, $sku]
        );
        return [$before, $before + $quantity];
    }

    /** What a source holds of a SKU. */
    public function inSource(string $source, string $sku, bool $isLocked = false): int
    {
        $sql = "SELECT quantity FROM {$this->table('inventory_source_item')} WHERE source_code = ? AND sku = ?"
            . ($isLocked ? ' FOR UPDATE' : '');
        return Amount::of($this->adapter->fetchRow($sql, [$source, $sku])['quantity'] ?? null);
    }

    /** Writes the grid's copy of an order, the ERP's number included, as Magento does on every save. */
    public function refreshGrid(int $orderId): void
    {
        $order = $this->row('sales_order', 'entity_id', $orderId) ?? throw new \LogicException('The order is gone.');
        $payment = $this->row('sales_order_payment', 'parent_id', $orderId);
        $name = "{$order['customer_firstname']} {$order['customer_lastname']}";
        $row = array_intersect_key($order, $this->adapter->describeTable($this->prefix . 'sales_order_grid')) + [
            'billing_name' => $name,
            'shipping_name' => $order['is_virtual'] === '1' ? null : $name,
            'customer_name' => $name,
            'shipping_information' => $order['shipping_description'],
            'shipping_and_handling' => $order['shipping_amount'],
            'payment_method' => $payment['method'] ?? null,
        ];
        $names = implode(', ', array_keys($row));
        $marks = implode(', ', array_fill(0, count($row), '?'));
        $again = implode(', ', array_map(static fn (string $n): string => "$n = VALUES($n)", array_keys($row)));
        $this->adapter->query(
            "INSERT INTO {$this->table('sales_order_grid')} ($names) VALUES ($marks) ON DUPLICATE KEY UPDATE $again",
            array_values($row)
        );
    }

    /** @param callable(): OutboxRow $row made when all other rows of the transaction are written */
    public function announce(callable $row): void
    {
        $this->announced[] = $row;
    }

    /**
     * Runs the work in a transaction of its own, the outbox last; again when it had to be rolled back.
     *
     * @template T
     * @param callable(): T $work
     * @return T
     */
    public function transaction(callable $work): mixed
    {
        $changesItsMind = $this->dice->chance(self::ROLLED_BACK_PERCENT);
        for ($try = 1;; $try++) {
            $this->announced = [];
            $this->adapter->beginTransaction();
            try {
                $result = $work();
                $eventIds = $this->insertEvents();
                $this->linger();
                if ($changesItsMind) {
                    $changesItsMind = false;
                    $this->adapter->rollBack();
                    continue;
                }
                $this->adapter->commit();
                $this->stamp($eventIds);
                return $result;
            } catch (\Zend_Db_Statement_Exception $error) {
                $this->adapter->rollBack();
                if ($try >= self::TRIES || !self::isTransient($error)) {
                    throw $error;
                }
            }
        }
    }

    /** @return list<string> */
    private function insertEvents(): array
    {
        $ids = [];
        foreach ($this->announced as $announced) {
            $row = $announced()->toArray();
            $this->adapter->insert($this->prefix . OutboxRow::TABLE, $row);
            $ids[] = (string) $row['event_id'];
        }
        return $ids;
    }

    private function linger(): void
    {
        $stalls = ++$this->transactions % self::BETWEEN_STALLS === $this->stallsAt;
        usleep($stalls ? self::STALL_US : $this->dice->between(0, self::SLOWEST_COMMIT_US));
    }

    /**
     * Notes when COMMIT returned: the moment from which delivery is timed.
     *
     * @param list<string> $eventIds
     */
    private function stamp(array $eventIds): void
    {
        $now = (new \DateTimeImmutable())->format('Uu');
        foreach ($eventIds as $eventId) {
            $this->adapter->insert($this->prefix . 'demo_commit', ['event_id' => $eventId, 'committed_at_us' => $now]);
        }
    }

    private static function isTransient(\Zend_Db_Statement_Exception $error): bool
    {
        $cause = $error->getPrevious();
        $code = $cause instanceof \PDOException ? $cause->errorInfo[1] ?? null : null;
        return $code === self::DEADLOCK || $code === self::LOCK_WAIT_TIMEOUT;
    }

    private function table(string $name): string
    {
        return $this->adapter->quoteIdentifier($this->prefix . $name);
    }
}
