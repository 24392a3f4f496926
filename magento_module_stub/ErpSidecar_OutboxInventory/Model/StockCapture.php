<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Model;

use ErpSidecar\Outbox\Core\InventoryAdjustedPayload;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Core\Subject;
use ErpSidecar\Outbox\Model\CurrentCause;
use ErpSidecar\Outbox\Model\Outbox;

/**
 * Runs a write of source items and appends one InventoryAdjusted for each row that it changed, in its transaction.
 *
 * The rows are locked before the write, so that what they held before is exact and the deltas of all writers add up
 * to what the table holds. With a transaction of its own nothing is read in it before the locks are held: Magento's
 * bulk writers, which read without a lock and then write absolute quantities, so see what a shipment has just
 * committed, and no longer erase it.
 */
class StockCapture
{
    public function __construct(
        private readonly InventoryTransaction $transaction,
        private readonly SourceItems $items,
        private readonly StockReasons $reasons,
        private readonly CurrentCause $cause,
        private readonly InventoryAdjustedPayload $payload,
        private readonly OutboxEvents $events,
        private readonly Outbox $outbox
    ) {
    }

    /**
     * A write that may also add or remove rows.
     *
     * @template T
     * @param callable(): T $write
     * @param string|null $reason where the writer can have one only
     * @return T what the write returns
     */
    public function ofAny(SourceItemKeys $keys, callable $write, ?string $reason = null): mixed
    {
        $isNested = $this->transaction->isOpen();
        $there = $this->items->find($keys);
        return $this->transaction->run(function () use ($keys, $there, $isNested, $write, $reason): mixed {
            $before = $this->items->lock($there);
            // Of rows that were locked only after this transaction first looked, a plain read may show the past.
            $blurred = $isNested ? $before : $this->lockLatecomers($keys, $before);
            $before += $blurred;
            $result = $write();
            $gone = array_diff_key($there, $before);
            $after = array_diff_key($this->items->find($keys), $gone);
            $after = $this->items->lock(array_intersect_key($after, $blurred)) + $after;
            $this->append($before, $after, $reason);
            return $result;
        });
    }

    /**
     * A write that neither adds nor removes rows, all of which the caller has loaded.
     *
     * @template T
     * @param callable(): T $write
     * @return T what the write returns
     */
    public function ofPresent(SourceItemKeys $keys, callable $write): mixed
    {
        $there = $this->items->find($keys);
        return $this->transaction->run(function () use ($there, $write): mixed {
            $before = $this->items->lock($there);
            $result = $write();
            $this->append($before, $this->items->lock($before), null);
            return $result;
        });
    }

    /**
     * Rows that were added since the first look: from this read on, none can come up any more that is not ours.
     *
     * @param array<int, SourceItem> $locked
     * @return array<int, SourceItem>
     */
    private function lockLatecomers(SourceItemKeys $keys, array $locked): array
    {
        return $this->items->lock(array_diff_key($this->items->find($keys), $locked));
    }

    /**
     * @param array<int, SourceItem> $before
     * @param array<int, SourceItem> $after
     */
    private function append(array $before, array $after, ?string $reason): void
    {
        $changed = array_filter(
            $before + $after,
            static fn (int $id): bool => !isset($before[$id], $after[$id])
                || !$before[$id]->level->equals($after[$id]->level),
            ARRAY_FILTER_USE_KEY
        );
        if ($changed === []) {
            return;
        }
        $who = $this->cause->of(null);
        $why = $this->reasons->of(array_column($changed, 'sku'), $reason, $who);
        $rows = array_map(fn (SourceItem $item): OutboxRow => $this->events->event(
            InventoryAdjustedPayload::TYPE,
            Subject::sku($item->sku),
            $who,
            fn (): array => $this->payload->change(
                $item->sku,
                $item->sourceCode,
                ($before[$item->id] ?? null)?->level,
                ($after[$item->id] ?? null)?->level,
                $why->reason,
                $why->cause
            ),
            ['source_code' => $item->sourceCode, 'source_item_id' => $item->id]
        ), array_values($changed));
        $this->outbox->appendAll($rows, Outbox::DEFAULT_RESOURCE);
    }
}
