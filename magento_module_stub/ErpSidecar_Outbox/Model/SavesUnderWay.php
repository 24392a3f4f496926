<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DataObject;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Creditmemo;
use Magento\Sales\Model\Order\Invoice;
use Magento\Sales\Model\Order\Shipment;

/**
 * What this process is saving right now, and what was in the tables before.
 *
 * Magento saves an order's addresses, payment, history, transactions and, when it is paid at once, its invoice
 * within the save of the order, and a shipment's tracks within that of the shipment. Each fires its own events.
 * Only one who saw the outer save begin can tell a part of it from a change of its own.
 *
 * A save that fails never ends here. What it leaves goes with the object, and speaks of ids that no table has; and a
 * part that is saved alone afterwards is told by the level of its transaction, which lies within that of its order
 * only while the order is being saved.
 */
class SavesUnderWay
{
    /** @var \WeakMap<DataObject, bool> orders and documents that are being saved => whether they are new */
    private \WeakMap $begun;

    /** @var \WeakMap<DataObject, int> the transaction's level in which each of these saves runs */
    private \WeakMap $levels;

    /** @var \WeakMap<DataObject, true> what the tables held before this save, though it may never have been loaded */
    private \WeakMap $existing;

    /** @var \WeakMap<DataObject, true> what this process has written first, so that the model has every column */
    private \WeakMap $created;

    /** @var \WeakMap<Order, list<callable(): void>> what has to follow the event of an order that is being placed */
    private \WeakMap $waiting;

    public function __construct(private readonly ResourceConnection $resources)
    {
        $this->begun = new \WeakMap();
        $this->levels = new \WeakMap();
        $this->existing = new \WeakMap();
        $this->created = new \WeakMap();
        $this->waiting = new \WeakMap();
    }

    /**
     * Before the first row of an order, a document or a part is written; a new one has no id yet.
     *
     * An observer may save the model again within its save: that is the same save, and the model stays a new one.
     */
    public function begin(DataObject $model): void
    {
        if (isset($this->begun[$model])) {
            $this->levels[$model] = min($this->levels[$model], $this->level());
            return;
        }
        $isNew = $model->getId() === null;
        if (
            $model instanceof Order || $model instanceof Invoice || $model instanceof Shipment
            || $model instanceof Creditmemo
        ) {
            [$this->begun[$model], $this->levels[$model]] = [$isNew, $this->level()];
        }
        if (!$isNew) {
            $this->existing[$model] = true;
        }
    }

    /** After the last row is written: from now on the model is known, and what waited for an order follows. */
    public function end(DataObject $model): void
    {
        $waiting = $this->waiting[$model] ?? [];
        unset($this->begun[$model], $this->waiting[$model]);
        if (!isset($this->existing[$model])) {
            $this->existing[$model] = $this->created[$model] = true;
        }
        foreach ($waiting as $append) {
            $append();
        }
    }

    /**
     * Whether this save is the model's first. At *_process_relation Magento itself no longer says so: its
     * isObjectNew() is false by then, and a model saved twice in one request has no original data either time.
     */
    public function isFirst(DataObject $model, string $idField = 'entity_id'): bool
    {
        return !isset($this->existing[$model]) && $model->getOrigData($idField) === null;
    }

    /** An order or document made from a request's data and an id: only the table knows its other columns. */
    public function isPartial(DataObject $model): bool
    {
        return isset($this->existing[$model]) && !isset($this->created[$model])
            && $model->getOrigData('entity_id') === null;
    }

    /** The order of this id, if it is being placed: nobody else can see it yet, and its event is still to come. */
    public function placing(int $orderId): ?Order
    {
        return $this->newOne(Order::class, $orderId);
    }

    public function isCreatingShipment(int $shipmentId): bool
    {
        return $this->newOne(Shipment::class, $shipmentId) !== null;
    }

    /** Whether what is being saved now is saved within the order's save, in a transaction inside of its own. */
    public function isUnderWay(Order $order): bool
    {
        return isset($this->begun[$order]) && $this->level() > $this->levels[$order];
    }

    /** Whether the part is being saved within its order's own save, whose event will tell it. */
    public function isWithinItsOrder(DataObject $part): bool
    {
        if (count($this->begun) === 0) {
            return false;
        }
        $order = $part->getOrder();
        return $order instanceof Order && $this->isUnderWay($order);
    }

    /**
     * Appends an event of an order: at once, or after OrderPlaced when the order is just being placed.
     *
     * @param callable(): void $append
     */
    public function afterPlacing(int $orderId, callable $append): void
    {
        $order = $this->placing($orderId);
        if ($order === null) {
            $append();
        } else {
            $this->waiting[$order] = [...$this->waiting[$order] ?? [], $append];
        }
    }

    private function level(): int
    {
        return (int) $this->resources->getConnection(Outbox::RESOURCE)->getTransactionLevel();
    }

    /**
     * @template T of DataObject
     * @param class-string<T> $class
     * @return T|null
     */
    private function newOne(string $class, int $id): ?DataObject
    {
        foreach ($this->begun as $model => $isNew) {
            if ($isNew && $model instanceof $class && (int) $model->getId() === $id) {
                return $model;
            }
        }
        return null;
    }
}
