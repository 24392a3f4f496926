<?php

declare(strict_types=1);

use ErpSidecar\Outbox\Api\CallerOriginInterface;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Framework\App\Request\Http;
use Magento\Framework\App\State;
use Magento\Framework\DataObject;
use Magento\Framework\Model\AbstractModel;
use Magento\Sales\Model\Order;

/**
 * The shop of one request: its connection, its tables, both modules' hooks, and the faults that a test has ordered.
 */
class RestShop
{
    /** As a fresh Magento names them; `new` alone has a name of its own. */
    private const USUAL_STATUS = ['new' => 'pending'];

    private readonly StandinFaultyAdapter $adapter;
    private readonly StandinShop $installed;
    private readonly StandinInventory $inventory;
    private readonly string $prefix;

    /** @var list<callable(): void> what Magento does once the transaction is committed */
    private array $afterCommit = [];

    /** @param array<string, mixed> $settings */
    public function __construct(
        private readonly array $settings,
        UserContextInterface $caller,
        private readonly RestDesk $desk,
        private readonly string $fault
    ) {
        $this->prefix = $settings['table_prefix'];
        $this->adapter = new StandinFaultyAdapter($settings['database']);
        $this->installed = new StandinShop($this->adapter, $this->prefix, $settings['config'], null, [
            UserContextInterface::class => $caller,
            State::class => new State('webapi_rest'),
            Http::class => new Http($_SERVER),
        ]);
        $this->inventory = new StandinInventory($this->installed);
    }

    /** What the module's own service answers. */
    public function origin(): string
    {
        return $this->installed->get(CallerOriginInterface::class)->get();
    }

    /** Where Magento's words say that one should look. */
    public function log(\Throwable $error): void
    {
        file_put_contents('php://stderr', "$error\n");
    }

    // --- Transactions -----------------------------------------------------------------------------

    /**
     * Work in one transaction that holds the order's row, as Magento's order mutex does; what fails rolls it back.
     *
     * @template T
     * @param callable(): T $work
     * @return T
     */
    public function withOrderLocked(int $orderId, callable $work): mixed
    {
        $this->adapter->beginTransaction();
        try {
            $table = $this->table('sales_order');
            $sql = "SELECT entity_id FROM $table WHERE entity_id = ? FOR UPDATE";
            $this->adapter->query($sql, [$orderId])->fetchAll();
            $result = $work();
            if ($this->fault === 'held' || $this->fault === 'rolled_back') {
                $this->desk->note(['moment' => 'held']);
                $this->desk->waitAtTheGate();
            }
            if ($this->fault === 'rolled_back') {
                throw new \RuntimeException('The database server went away.');
            }
            $this->adapter->commit();
        } catch (\Throwable $error) {
            $this->adapter->rollBack();
            $this->desk->note(['moment' => 'rolled back']);
            throw $error;
        }
        foreach ($this->afterCommit as $later) {
            $later();
        }
        return $result;
    }

    /** @param callable(): void $later */
    public function afterCommit(callable $later): void
    {
        $this->afterCommit[] = $later;
    }

    // --- The payment provider ---------------------------------------------------------------------

    public function isGateway(string $method): bool
    {
        return !in_array($method, $this->settings['offline_methods'], true);
    }

    /** Moves money, whatever becomes of the transaction; throws where the provider declines. */
    public function moveMoney(string $kind, int $orderId, float $amount): void
    {
        if ($this->fault === 'gateway_declines') {
            throw new \RuntimeException('The payment provider declined.');
        }
        $this->desk->moveMoney($kind, $orderId, $amount);
    }

    /** The test wants this save to fail after all that went before. */
    public function failIfTold(): void
    {
        if ($this->fault === 'save_fails') {
            throw new \RuntimeException('A save failed.');
        }
    }

    // --- Rows -------------------------------------------------------------------------------------

    /** @return list<array<string, string|null>> */
    public function rows(string $table, string $column, int|string $value): array
    {
        $sql = "SELECT * FROM {$this->table($table)} WHERE $column = ?";
        return $this->adapter->fetchAll($sql, [$value]);
    }

    /** @param array<string, mixed> $row */
    public function insert(string $table, array $row): int
    {
        $this->adapter->insert($this->table($table), $row);
        return (int) $this->adapter->lastInsertId();
    }

    /** @param array<string, mixed> $changes */
    public function update(string $table, array $changes, string $key, int $id): void
    {
        $this->adapter->update($this->table($table), $changes, ["$key = ?" => $id]);
    }

    /** The next number of a document in its store. */
    public function number(string $kind, int $storeId): string
    {
        $this->adapter->query('INSERT INTO ' . $this->table("sequence_{$kind}_$storeId") . ' VALUES ()');
        return sprintf('%s%09d', $storeId > 1 ? (string) $storeId : '', (int) $this->adapter->lastInsertId());
    }

    public function defaultStatus(string $state): string
    {
        foreach ($this->rows('sales_order_status_state', 'state', $state) as $row) {
            if ($row['is_default'] === '1') {
                return (string) $row['status'];
            }
        }
        return self::USUAL_STATUS[$state] ?? $state;
    }

    // --- Models and hooks -------------------------------------------------------------------------

    /** The order as a repository loads it. */
    public function loaded(int $orderId): Order
    {
        return $this->installed->order($orderId, $this->rows('sales_order', 'entity_id', $orderId)[0]);
    }

    /** @param array<string, mixed> $data */
    public function document(string $kind, array $data, Order $order): DataObject
    {
        return $this->installed->sales()->model($kind, $data, null, $order);
    }

    /** @param list<int> $backToStock ids of order items */
    public function requestedCreditmemo(Order $order, array $backToStock): DataObject
    {
        return $this->installed->requestedCreditmemo($order, $backToStock);
    }

    public function refresh(DataObject $model): void
    {
        $this->installed->sales()->refresh($model);
    }

    public function hook(string $event, DataObject $subject): void
    {
        $this->installed->dispatch($event, $subject);
        if ($subject instanceof AbstractModel) {
            $this->inventory->dispatch($event, $subject);
        }
    }

    /**
     * Saves a part by itself, with its hooks, in a transaction inside of the one that is open.
     *
     * @param array<string, mixed> $row
     */
    public function savePart(string $kind, string $table, string $prefix, array $row, ?Order $order): int
    {
        $part = $this->installed->sales()->model($kind, $row, null, $order);
        $this->adapter->beginTransaction();
        $this->hook($prefix . '_save_before', $part);
        $id = $this->insert($table, $row);
        $part->setData($kind === 'transaction' ? 'transaction_id' : 'entity_id', $id);
        $this->hook($prefix . '_save_after', $part);
        $this->adapter->commit();
        return $id;
    }

    // --- Stock ------------------------------------------------------------------------------------

    /** A shop whose inventory modules were removed has no sources. */
    public function hasSources(): bool
    {
        return $this->sources() !== [];
    }

    /** The source that is meant where none is named: there must be only one. */
    public function onlySource(): ?string
    {
        $sources = $this->sources();
        return count($sources) === 1 ? $sources[0] : null;
    }

    /** The source that a refund of what never left takes from. */
    public function firstSource(int $storeId): string
    {
        $links = $this->rows('inventory_source_stock_link', 'stock_id', $this->stock($storeId));
        usort($links, static fn (array $one, array $other): int => $one['priority'] <=> $other['priority']);
        return (string) ($links[0]['source_code'] ?? $this->sources()[0]);
    }

    /** @param array<string, float|int> $quantities by SKU; negative ones come back */
    public function deduct(string $source, array $quantities, string $event, int $orderId): void
    {
        $items = array_map(null, array_map(strval(...), array_keys($quantities)), array_values($quantities));
        $this->inventory->deduct($source, $items, $event, (string) $orderId);
    }

    /**
     * What the third module's service answers; Magento itself holds the request to its limit of a list, where it is on.
     *
     * @param array<string, mixed> $given
     * @return list<array<string, mixed>>
     */
    public function applyStock(array $given, int $limit): array
    {
        if (!isset($given['changes'])) {
            throw RestError::refused('"%fieldName" is required. Enter and try again.', fieldName: 'changes');
        }
        if ($limit > 0 && count($given['changes']) > $limit) {
            throw RestError::refused('Maximum items of type "%type" is %max', type: 'changes', max: (string) $limit);
        }
        return $this->inventory->apply($given['changes']);
    }

    /** @param array<string, float|int> $quantities by SKU */
    public function reserve(array $quantities, string $event, Order $order): void
    {
        $metadata = json_encode([
            'event_type' => $event,
            'object_type' => 'order',
            'object_id' => (string) $order->getId(),
            'object_increment_id' => (string) $order->getData('increment_id'),
        ], JSON_THROW_ON_ERROR);
        $stock = $this->stock((int) $order->getData('store_id'));
        $reservations = [];
        foreach ($quantities as $sku => $quantity) {
            $reservations[] = [$stock, (string) $sku, $quantity, $metadata];
        }
        if ($reservations !== []) {
            $this->inventory->reserve($reservations);
        }
    }

    /** @return list<string> */
    private function sources(): array
    {
        $sql = "SELECT source_code FROM {$this->table('inventory_source')} ORDER BY source_code";
        return array_column($this->adapter->fetchAll($sql), 'source_code');
    }

    /** The stock that the store's website sells from; the default one where nothing is linked. */
    private function stock(int $storeId): int
    {
        $sql = "SELECT c.stock_id FROM {$this->table('store')} s"
            . " JOIN {$this->table('store_website')} w ON w.website_id = s.website_id"
            . " JOIN {$this->table('inventory_stock_sales_channel')} c ON c.type = 'website' AND c.code = w.code"
            . ' WHERE s.store_id = ?';
        return (int) ($this->adapter->fetchOne($sql, [$storeId]) ?: 1);
    }

    private function table(string $name): string
    {
        return $this->prefix . $name;
    }
}
