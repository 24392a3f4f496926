<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\Cause;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Core\ProductChange;
use ErpSidecar\Outbox\Core\ProductPayload;
use ErpSidecar\Outbox\Core\ProductSnapshot;
use ErpSidecar\Outbox\Core\Subject;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;

/**
 * Tells the products that a transaction changes: each once, as its last words, and only where there is news.
 */
class ProductChanges
{
    private const NAME = 'products';

    public function __construct(
        private readonly Families $families,
        private readonly ResourceConnection $resources,
        private readonly ProductReader $reader,
        private readonly ProductPayload $payload,
        private readonly OutboxEvents $events,
        private readonly CurrentCause $cause,
        private readonly Outbox $outbox,
        private readonly BeforeCommit $beforeCommit
    ) {
    }

    /**
     * Does what changes products in a transaction that tells them. What the caller does in a transaction of its own
     * becomes a part of it, as transactions nest in Magento.
     *
     * @template T
     * @param callable(): list<int> $productIds asked inside the transaction
     * @param callable(): T $change
     * @return T
     */
    public function around(callable $productIds, callable $change): mixed
    {
        if (!$this->families->isOn(Families::CATALOG)) {
            return $change();
        }
        $connection = $this->connection();
        $connection->beginTransaction();
        try {
            $this->watch($productIds());
            $result = $change();
            $connection->commit();
        } catch (\Exception $error) {
            $connection->rollBack();
            throw $error;
        }
        return $result;
    }

    /**
     * Call before anything of the products is written, inside the transaction.
     *
     * @param list<int> $productIds
     */
    public function watch(array $productIds): void
    {
        if (!$this->families->isOn(Families::CATALOG) || $this->connection()->getTransactionLevel() === 0) {
            return;
        }
        $watched = $this->watched();
        $new = array_values(array_diff($productIds, array_keys($watched->before)));
        $watched->before += $this->reader->read($new) + array_fill_keys($new, null);
    }

    /** Call after a product is written that had no id before. */
    public function begin(int $productId): void
    {
        if ($this->families->isOn(Families::CATALOG)) {
            $this->watched()->before += [$productId => null];
        }
    }

    /**
     * Tells all that is exported of products that an import has written, without a transaction around it.
     *
     * @param callable(): list<int> $productIds
     */
    public function tellImported(callable $productIds): void
    {
        if ($this->families->isOn(Families::CATALOG)) {
            $this->around(static fn (): array => [], function () use ($productIds): void {
                $this->watched()->before += array_fill_keys($productIds(), null);
            });
        }
    }

    /**
     * Tells products whose rows are gone already.
     *
     * @param array<int, string|null> $skus by product id
     */
    public function tellDeleted(array $skus): void
    {
        if (!$this->families->isOn(Families::CATALOG)) {
            return;
        }
        $rows = [];
        $cause = $this->cause->of(null);
        foreach ($skus as $id => $sku) {
            $rows[] = $this->deleted($id, ['entity_id' => $id, 'sku' => $sku], $cause);
        }
        $this->outbox->appendAll($rows, ProductReader::RESOURCE);
    }

    private function watched(): WatchedProducts
    {
        $connection = $this->connection();
        $watched = $this->beforeCommit->find($connection, self::NAME);
        if (!$watched instanceof WatchedProducts) {
            $watched = new WatchedProducts($this->tell(...));
            $this->beforeCommit->add($connection, self::NAME, $watched);
        }
        return $watched;
    }

    /** @param array<int, ProductSnapshot|null> $before */
    private function tell(array $before): void
    {
        $after = $this->reader->read(array_keys($before));
        $cause = $this->cause->of(null);
        ksort($before);
        $rows = [];
        foreach ($before as $id => $was) {
            $is = $after[$id] ?? null;
            if ($is !== null) {
                $change = ProductChange::between($was, $is);
                $rows[] = $change->isNone() ? null : $this->updated($id, $is, $change, $cause);
            } elseif ($was !== null) {
                $rows[] = $this->deleted($id, $was->product, $cause);
            }
        }
        $this->outbox->appendAll(array_values(array_filter($rows)), ProductReader::RESOURCE);
    }

    private function updated(int $productId, ProductSnapshot $is, ProductChange $change, Cause $cause): OutboxRow
    {
        return $this->events->event(
            ProductPayload::UPDATED,
            Subject::product($productId),
            $cause,
            fn (): array => $this->payload->updated($is->product, $change)
        );
    }

    /** @param array<string, mixed> $was */
    private function deleted(int $productId, array $was, Cause $cause): OutboxRow
    {
        return $this->events->event(
            ProductPayload::DELETED,
            Subject::product($productId),
            $cause,
            fn (): array => $this->payload->deleted($was)
        );
    }

    private function connection(): AdapterInterface
    {
        return $this->resources->getConnection(ProductReader::RESOURCE);
    }
}
