<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model\Status;

use ErpSidecar\Outbox\Core\Occurrence;
use ErpSidecar\Outbox\Core\OutboxRow;

/**
 * The events of one order, with what became of each.
 *
 * The outbox has no index but its primary key, because any other would cost each checkout. So events are looked for
 * where they are likely: just after the order was placed, among the newest, and wherever a sidecar's table names one.
 * A look everywhere would read the whole table, which is nothing for a page.
 */
class OrderEvents
{
    /** How many ids are looked through at either place; some ten milliseconds. */
    public const SPAN = 20_000;

    /** Clocks of web servers and of the database may differ by so much. */
    private const CLOCK_SKEW_US = 60_000_000;

    private const COLUMNS = ['id', 'type', 'occurred_at_us', 'origin'];

    public function __construct(private readonly SidecarTables $tables, private readonly DeliveryStates $states)
    {
    }

    /** @return list<array{id: int, type: string, occurred_at: string, origin: string, states: array<string, string>}> */
    public function of(int $orderId): array
    {
        $placedAt = $this->placedAtUs($orderId);
        if ($placedAt === null || !$this->tables->exists(OutboxRow::TABLE)) {
            return [];
        }
        $events = $this->found("order:$orderId", $placedAt);
        ksort($events);
        $states = $this->states->of(array_keys($events));
        return array_values(array_map(
            static fn (array $event): array => [
                'id' => (int) $event['id'],
                'type' => (string) $event['type'],
                'occurred_at' => (new Occurrence('', (int) $event['occurred_at_us']))->isoTime(),
                'origin' => (string) $event['origin'],
                'states' => $states[(int) $event['id']],
            ],
            $events
        ));
    }

    /** @return array<int, array<string, string|null>> by outbox id */
    private function found(string $lane, int $placedAt): array
    {
        $newest = $this->newestId();
        $first = $this->firstIdSince($placedAt - self::CLOCK_SKEW_US, $newest);
        $found = $this->within($lane, $first, $first + self::SPAN - 1)
            + $this->within($lane, max($newest - self::SPAN, $first + self::SPAN - 1) + 1, $newest);
        $named = array_values(array_diff($this->states->unfinished($lane), array_keys($found)));
        if ($named === []) {
            return $found;
        }
        $select = $this->tables->select(OutboxRow::TABLE, self::COLUMNS)->where('id IN (?)', $named);
        return $found + array_column($this->tables->rows($select), null, 'id');
    }

    /** @return array<int, array<string, string|null>> */
    private function within(string $lane, int $first, int $last): array
    {
        if ($first > $last) {
            return [];
        }
        $select = $this->tables->select(OutboxRow::TABLE, self::COLUMNS)
            ->where('id >= ?', $first)
            ->where('id <= ?', $last)
            ->where('lane = ?', $lane);
        return array_column($this->tables->rows($select), null, 'id');
    }

    /** The first id of an event that is not older, found by halving: times grow with ids, nearly. */
    private function firstIdSince(int $sinceUs, int $newest): int
    {
        [$low, $high, $first] = [1, $newest + 1, $newest + 1];
        while ($low < $high) {
            $middle = intdiv($low + $high, 2);
            $select = $this->tables->select(OutboxRow::TABLE, ['id', 'occurred_at_us'])
                ->where('id >= ?', $middle)
                ->order('id')
                ->limit(1);
            $event = $this->tables->row($select);
            if ($event === [] || (int) $event['occurred_at_us'] >= $sinceUs) {
                [$high, $first] = [$middle, (int) ($event['id'] ?? $first)];
            } else {
                $low = (int) $event['id'] + 1;
            }
        }
        return $first;
    }

    private function newestId(): int
    {
        return (int) ($this->tables->row($this->tables->select(OutboxRow::TABLE, ['id' => 'MAX(id)']))['id'] ?? 0);
    }

    private function placedAtUs(int $orderId): ?int
    {
        $select = $this->tables->select('sales_order', ['created_at'])->where('entity_id = ?', $orderId);
        $createdAt = $this->tables->row($select)['created_at'] ?? null;
        return $createdAt === null ? null : (int) strtotime($createdAt . ' UTC') * 1_000_000;
    }
}
