<?php

declare(strict_types=1);

namespace ErpSidecar\StockFeed\Model;

use ErpSidecar\Outbox\Core\DatabaseFailure;
use ErpSidecar\OutboxInventory\Model\InventoryTransaction;
use ErpSidecar\OutboxInventory\Model\SourceItem;
use ErpSidecar\OutboxInventory\Model\SourceItems;
use ErpSidecar\StockFeed\Api\SourceItemChangesInterface;
use Magento\Framework\Webapi\Exception as WebapiException;
use Magento\InventoryApi\Api\Data\SourceItemInterfaceFactory;
use Magento\InventoryApi\Api\SourceItemsSaveInterface;

/**
 * Compares and sets under the locks of the rows, and lets Magento's own service do the saving.
 *
 * That service sets what it is told, whatever a shipment has taken since the caller looked. Here nothing is read in
 * the transaction before the rows are locked, by primary key and in its order, as everybody's are whose writes become
 * events: so a shipment either is seen, or waits. What is saved goes through all that hangs on Magento's service:
 * validation, the tables of the default source, indexers, caches, and the event.
 */
class SourceItemChanges implements SourceItemChangesInterface
{
    private const BUSY = 503;

    public function __construct(
        private readonly InventoryTransaction $transaction,
        private readonly SourceItems $items,
        private readonly SourceItemsSaveInterface $sourceItemsSave,
        private readonly SourceItemInterfaceFactory $sourceItemFactory
    ) {
    }

    public function apply(array $changes): array
    {
        $checked = new CheckedChanges($changes);
        if ($changes === []) {
            return [];
        }
        $there = $this->items->find($checked->keys());
        return $this->transaction->run(fn (): array => $this->orBusy(
            fn (): array => $this->compareAndSet($checked, $this->locked($checked, $there))
        ));
    }

    /**
     * Also those that were added since the first look.
     *
     * @param array<int, SourceItem> $there
     * @return array<int, SourceItem>
     */
    private function locked(CheckedChanges $checked, array $there): array
    {
        $locked = $this->items->lock($there);
        return $locked + $this->items->lock(array_diff_key($this->items->find($checked->keys()), $locked));
    }

    /**
     * @param array<int, SourceItem> $rows
     * @return list<SourceItemResult>
     */
    private function compareAndSet(CheckedChanges $checked, array $rows): array
    {
        $results = [];
        $due = [];
        foreach ($checked->beside($rows) as [$change, $expected, $wanted, $row]) {
            if ($row?->level->quantity !== $expected) {
                $results[] = SourceItemResult::moved($change, $row?->level->quantity);
                continue;
            }
            $results[] = SourceItemResult::written($change);
            if ($row === null || !$row->level->equals($wanted)) {
                $item = $this->sourceItemFactory->create();
                $item->setSourceCode($change->getSourceCode());
                $item->setSku($change->getSku());
                $item->setQuantity((float) $wanted->quantity);
                $item->setStatus($wanted->status);
                $due[] = $item;
            }
        }
        if ($due !== []) {
            $this->sourceItemsSave->execute($due);
        }
        return $results;
    }

    /**
     * A lock that was not to be had is no refusal. All is undone by then, and may go well another time.
     *
     * @template T
     * @param callable(): T $work
     * @return T
     */
    private function orBusy(callable $work): mixed
    {
        try {
            return $work();
        } catch (\Exception $error) {
            if (!DatabaseFailure::isPassing($error)) {
                throw $error;
            }
            throw new WebapiException(
                __('The stock is being changed by others at this moment. Nothing was written.'),
                0,
                self::BUSY
            );
        }
    }
}
