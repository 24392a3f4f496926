<?php

declare(strict_types=1);

/**
 * An order with its items as a request has them in memory, and what Magento allows to be done to it.
 */
class RestOrder
{
    private const SETTLED = ['canceled', 'complete', 'closed'];
    private const STUCK = ['payment_review', 'holded'];

    /** @var array<string, mixed> */
    public array $row;

    /** @var array<int, array<string, mixed>> by item id, options decoded */
    public array $items = [];

    /** @var array<string, mixed> */
    public array $payment;

    private function __construct(public readonly int $id)
    {
    }

    /** The order with this id; raises what Magento answers for one that is not there. */
    public static function of(RestShop $shop, int $id): self
    {
        if ($id === 0) {
            throw RestError::refused('An ID is needed. Set the ID and try again.');
        }
        $order = new self($id);
        $order->row = $shop->rows('sales_order', 'entity_id', $id)[0] ?? throw RestError::unknownEntity();
        $order->payment = $shop->rows('sales_order_payment', 'parent_id', $id)[0];
        foreach ($shop->rows('sales_order_item', 'order_id', $id) as $item) {
            $item['options'] = json_decode($item['product_options'] ?? '[]', true) ?: [];
            $order->items[(int) $item['item_id']] = $item;
        }
        ksort($order->items);
        return $order;
    }

    public function store(): int
    {
        return (int) $this->row['store_id'];
    }

    /** @return array<int, array<string, mixed>> */
    public function childrenOf(int $itemId): array
    {
        return array_filter($this->items, static fn (array $item): bool => (int) $item['parent_item_id'] === $itemId);
    }

    /** @return array<string, mixed>|null */
    public function parentOf(int $itemId): ?array
    {
        return $this->items[(int) $this->items[$itemId]['parent_item_id']] ?? null;
    }

    /**
     * What of the stock a line is: its own SKU, or those of its bundle's children.
     *
     * @return array<string, float|int> by SKU
     */
    public function stockOf(int $itemId, float|int $quantity): array
    {
        $bundled = array_filter(
            $this->childrenOf($itemId),
            static fn (array $child): bool => isset($child['options']['bundle_selection_attributes'])
        );
        if ($bundled === []) {
            return [$this->items[$itemId]['sku'] => $quantity];
        }
        $stock = [];
        foreach ($bundled as $child) {
            $of = self::cast($child, self::perBundle($child) * $quantity);
            $stock[$child['sku']] = ($stock[$child['sku']] ?? 0) + $of;
        }
        return $stock;
    }

    /** @param array<string, mixed> $child */
    public static function perBundle(array $child): float
    {
        $selection = json_decode($child['options']['bundle_selection_attributes'] ?? '[]', true);
        return (float) ($selection['qty'] ?? 1);
    }

    /**
     * Whole units, unless the product is sold by fractions.
     *
     * @param array<string, mixed> $item
     */
    public static function cast(array $item, float|int $quantity): float|int
    {
        return (int) $item['is_qty_decimal'] !== 0 ? (float) $quantity : (int) $quantity;
    }

    /** Whether a line only stands for others: a bundle for its children, or a child for its bundle. */
    public function isDummy(int $itemId, bool $toShip = false): bool
    {
        $key = $toShip ? 'shipment_type' : 'product_calculations';
        $separate = $toShip ? '1' : '0';
        $isSeparate = static fn (array $item): bool => (string) ($item['options'][$key] ?? '') === $separate;
        $parent = $this->parentOf($itemId);
        return match (true) {
            $this->childrenOf($itemId) !== [] => $isSeparate($this->items[$itemId]),
            $parent !== null => !$isSeparate($parent),
            default => false,
        };
    }

    public function toShip(int $itemId): float
    {
        return $this->isDummy($itemId, true) ? 0.0 : $this->simplyToShip($itemId);
    }

    public function simplyToShip(int $itemId): float
    {
        return $this->left($itemId, 'qty_ordered', 'qty_shipped', 'qty_refunded', 'qty_canceled');
    }

    public function toInvoice(int $itemId): float
    {
        return $this->isDummy($itemId) ? 0.0 : $this->left($itemId, 'qty_ordered', 'qty_invoiced', 'qty_canceled');
    }

    public function toRefund(int $itemId): float
    {
        return $this->isDummy($itemId) ? 0.0 : $this->left($itemId, 'qty_invoiced', 'qty_refunded');
    }

    public function canShip(): bool
    {
        return !$this->is('canceled', ...self::STUCK) && (int) $this->row['is_virtual'] === 0
            && $this->any(fn (int $id, array $item): bool => $this->toShip($id) > 0 && (int) $item['is_virtual'] === 0
                && (int) $item['locked_do_ship'] === 0);
    }

    public function canInvoice(): bool
    {
        return !$this->is(...self::SETTLED, ...self::STUCK)
            && $this->any(fn (int $id, array $item): bool => $this->toInvoice($id) > 0
                && (int) $item['locked_do_invoice'] === 0);
    }

    public function canCreditmemo(): bool
    {
        return !$this->is('canceled', 'closed', ...self::STUCK) && !$this->isAllRefunded();
    }

    public function canCancel(): bool
    {
        return !$this->is(...self::SETTLED, ...self::STUCK)
            && $this->any(fn (int $id): bool => $this->toInvoice($id) > 0);
    }

    /** Nothing paid, or all of it given back. */
    public function isAllRefunded(): bool
    {
        return abs(round((float) $this->row['total_paid'], 2) - (float) $this->row['total_refunded']) < .0001;
    }

    public function is(string ...$states): bool
    {
        return in_array($this->row['state'], $states, true);
    }

    /** The state after a document, as the resolver and the check before the save settle it between them. */
    public function nextState(bool $isInProgress): string
    {
        $state = (string) $this->row['state'];
        $isDone = !$this->is('canceled', ...self::STUCK) && !$this->canInvoice() && !$this->canShip();
        return match (true) {
            $isDone && $this->canCreditmemo() => 'complete',
            $isDone && ((float) $this->row['total_refunded'] > 0) => 'closed',
            $state === 'new' && $isInProgress => 'processing',
            default => $state,
        };
    }

    /** @param array<string, float> $amounts to add, by column */
    public function add(array $amounts): void
    {
        foreach ($amounts as $column => $amount) {
            $this->row[$column] = self::decimal((float) ($this->row[$column] ?? 0) + $amount);
        }
    }

    /** @param array<string, float> $amounts to add, by column */
    public function addToItem(int $itemId, array $amounts): void
    {
        foreach ($amounts as $column => $amount) {
            $this->items[$itemId][$column] = self::decimal((float) ($this->items[$itemId][$column] ?? 0) + $amount);
        }
    }

    public static function decimal(float $value): string
    {
        return sprintf('%.4F', $value);
    }

    /** An amount in the base currency; the same where this order was written down without any. */
    public function base(array $row, string $column): float
    {
        $hasBase = ($this->row['base_subtotal'] ?? null) !== null;
        return (float) $row[($hasBase ? 'base_' : '') . $column];
    }

    /** From the base currency to the order's. */
    public function rate(): float
    {
        return (float) ($this->row['base_to_order_rate'] ?? 0) ?: 1.0;
    }

    private function left(int $itemId, string $of, string ...$less): float
    {
        $item = $this->items[$itemId];
        $gone = array_sum(array_map(static fn (string $column): float => (float) $item[$column], $less));
        return max(round((float) $item[$of] - $gone, 4), 0.0);
    }

    /** @param callable(int, array<string, mixed>): bool $is */
    private function any(callable $is): bool
    {
        foreach ($this->items as $id => $item) {
            if ($is($id, $item)) {
                return true;
            }
        }
        return false;
    }
}
