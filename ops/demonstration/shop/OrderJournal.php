<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

use ErpSidecar\Outbox\Core\Cause;
use ErpSidecar\Outbox\Core\InventoryAdjustedPayload;
use ErpSidecar\Outbox\Core\InventoryReservedPayload;
use ErpSidecar\Outbox\Core\OrderChange;
use ErpSidecar\Outbox\Core\OrderPayload;
use ErpSidecar\Outbox\Core\OrderSnapshot;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Core\StockLevel;
use ErpSidecar\Outbox\Core\Subject;

/**
 * What the module adds to the shop's transactions: the events, made by the module's own payload core.
 */
class OrderJournal
{
    private const STOCK_ID = 2;

    /** @var array<int, array{store_id: int, store_code: string, website_code: string, group_code: string}> */
    private array $stores = [];

    /** @param bool $tellsReservations whether reservations are events, too: nobody takes them in most scenes */
    public function __construct(private readonly Database $database, private readonly bool $tellsReservations = false)
    {
    }

    /** Ends the save of an order: its grid row now, its event as the transaction's last rows. */
    public function saved(int $orderId, ?string $stateBefore, string $actor): void
    {
        $this->database->refreshGrid($orderId);
        $this->database->announce(function () use ($orderId, $stateBefore, $actor): OutboxRow {
            $order = $this->database->row('sales_order', 'entity_id', $orderId)
                ?? throw new \LogicException('The order is gone.');
            $storeId = (int) $order['store_id'];
            $type = OrderChange::type($stateBefore, $order['state']);
            return $this->database->events()->event(
                $type,
                Subject::order($orderId, $storeId),
                new Cause($actor === 'admin' ? 'admin' : 'web', ['type' => $actor, 'id' => $actor === 'admin' ? 1 : null]),
                fn (): array => OrderPayload::standard()->facts($this->snapshot($order, $orderId, $storeId))
            );
        });
    }

    /**
     * Moves stock in the open transaction and tells it, with what the source held before and after.
     *
     * @param array{type: string, id: string} $cause
     */
    public function moved(string $source, string $sku, int $quantity, string $reason, array $cause): void
    {
        [$before, $after] = $this->database->moveStock($source, $sku, $quantity);
        $this->database->announce(
            fn (): OutboxRow => $this->database->events()->event(
                InventoryAdjustedPayload::TYPE,
                Subject::sku($sku),
                new Cause(),
                static fn (): array => (new InventoryAdjustedPayload())->change(
                    $sku,
                    $source,
                    new StockLevel(Amount::text($before), 1),
                    new StockLevel(Amount::text($after), 1),
                    $reason,
                    $cause
                )
            )
        );
    }

    /** Reserves in the open transaction, or gives back. */
    public function reserve(string $sku, int $quantity, string $event, string $objectId, string $incrementId): void
    {
        $metadata = json_encode([
            'event_type' => $event,
            'object_type' => 'order',
            'object_id' => $objectId,
            'object_increment_id' => $incrementId,
        ], JSON_THROW_ON_ERROR);
        $row = ['stock_id' => self::STOCK_ID, 'sku' => $sku, 'quantity' => Amount::text($quantity)];
        $this->database->insert('inventory_reservation', $row + ['metadata' => $metadata]);
        if ($this->tellsReservations) {
            $this->database->announce(fn (): OutboxRow => $this->database->events()->event(
                InventoryReservedPayload::TYPE,
                Subject::sku($sku),
                new Cause(),
                static fn (): array => (new InventoryReservedPayload())
                    ->facts(self::STOCK_ID, $sku, Amount::text($quantity), $metadata)
            ));
        }
    }

    /**
     * The same outside of the order's transaction, where Magento does it when an order is placed or cancelled.
     *
     * @param callable(): void $reservations
     */
    public function reserveApart(callable $reservations): void
    {
        if ($this->tellsReservations) {
            $this->database->transaction($reservations);
        } else {
            $reservations();
        }
    }

    /** @param array<string, string|null> $order */
    private function snapshot(array $order, int $orderId, int $storeId): OrderSnapshot
    {
        $taxes = $this->database->rows('sales_order_tax', 'order_id', $orderId);
        $taxItems = array_map(
            fn (array $tax): array => $this->database->rows('sales_order_tax_item', 'tax_id', (int) $tax['tax_id']),
            $taxes
        );
        return new OrderSnapshot(
            order: $order,
            items: $this->database->rows('sales_order_item', 'order_id', $orderId),
            addresses: $this->database->rows('sales_order_address', 'parent_id', $orderId),
            payment: $this->database->row('sales_order_payment', 'parent_id', $orderId),
            taxes: $taxes,
            taxItems: array_merge(...$taxItems),
            statusHistory: $this->database->rows('sales_order_status_history', 'parent_id', $orderId),
            store: $this->stores[$storeId] ??= $this->store($storeId)
        );
    }

    /** @return array{store_id: int, store_code: string, website_code: string, group_code: string} */
    private function store(int $storeId): array
    {
        $store = $this->database->row('store', 'store_id', $storeId) ?? [];
        $website = $this->database->row('store_website', 'website_id', (int) $store['website_id']) ?? [];
        $group = $this->database->row('store_group', 'group_id', (int) $store['group_id']) ?? [];
        return [
            'store_id' => $storeId,
            'store_code' => (string) $store['code'],
            'website_code' => (string) $website['code'],
            'group_code' => (string) $group['code'],
        ];
    }
}
