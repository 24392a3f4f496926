<?php

declare(strict_types=1);

use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DataObject;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Sales\Model\AbstractModel;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Address;
use Magento\Sales\Model\Order\Creditmemo;
use Magento\Sales\Model\Order\Invoice;
use Magento\Sales\Model\Order\Payment;
use Magento\Sales\Model\Order\Payment\Transaction;
use Magento\Sales\Model\Order\Shipment;
use Magento\Sales\Model\Order\Shipment\Track;
use Magento\Sales\Model\Order\Status\History;

/**
 * Makes the models of sales out of rows, as a request has them in memory when it has saved them.
 */
class StandinSales
{
    private const KINDS = [
        'order' => Order::class,
        'invoice' => Invoice::class,
        'shipment' => Shipment::class,
        'creditmemo' => Creditmemo::class,
        'track' => Track::class,
        'address' => Address::class,
        'payment' => Payment::class,
        'history' => History::class,
        'transaction' => Transaction::class,
    ];

    private const DOCUMENTS = [
        Invoice::class => 'sales_invoice',
        Shipment::class => 'sales_shipment',
        Creditmemo::class => 'sales_creditmemo',
    ];

    public function __construct(
        private readonly AdapterInterface $adapter,
        private readonly ResourceConnection $resources
    ) {
    }

    /**
     * The order as its rows stand in this transaction.
     *
     * @param array<string, mixed>|null $origData what the order was loaded with; null: it is being placed
     * @param array<string, mixed> $set what the request has put on top of the rows
     */
    public function order(int $orderId, ?array $origData, array $set = []): Order
    {
        $addresses = array_column($this->rows('sales_order_address', 'parent_id', $orderId), null, 'address_type');
        $payment = $this->rows('sales_order_payment', 'parent_id', $orderId)[0] ?? null;
        return new Order(
            $set + $this->rows('sales_order', 'entity_id', $orderId)[0],
            $origData,
            $this->models(DataObject::class, $this->rows('sales_order_item', 'order_id', $orderId)),
            isset($addresses['billing']) ? new Address($addresses['billing']) : null,
            isset($addresses['shipping']) ? new Address($addresses['shipping']) : null,
            $payment === null ? null : new Payment($payment),
            $this->models(History::class, $this->rows('sales_order_status_history', 'parent_id', $orderId))
        );
    }

    /**
     * A model that a request has just made or loaded.
     *
     * @param string $kind one of KINDS
     * @param array<string, mixed> $data
     * @param array<string, mixed>|null $origData what was loaded; null for a new model, or one made from a request
     */
    public function model(string $kind, array $data, ?array $origData, ?Order $order): DataObject
    {
        $class = self::KINDS[$kind];
        $model = new $class($this->withExtension($data), $origData);
        if ($order !== null) {
            $model->setOrder($order);
        }
        return $model;
    }

    /** Lets the model hold what its save has written: its own id and those of its parts. */
    public function refresh(DataObject $model): void
    {
        if ($model instanceof Order) {
            $model->nowHolds($this->order((int) $model->getId(), null));
            return;
        }
        $table = self::DOCUMENTS[$model::class];
        $id = (int) $model->getId();
        foreach ($this->rows($table, 'entity_id', $id)[0] as $column => $value) {
            $model->setData($column, $model->getData($column) ?? $value);
        }
        $parts = ['items' => $table . '_item', 'comments' => $table . '_comment'];
        foreach ($parts + ($model instanceof Shipment ? ['tracks' => 'sales_shipment_track'] : []) as $key => $part) {
            $model->setData($key, $this->models(AbstractModel::class, $this->rows($part, 'parent_id', $id)));
        }
    }

    /** @return list<array<string, string|null>> */
    private function rows(string $table, string $column, int $value): array
    {
        $select = $this->adapter->select()
            ->from($this->resources->getTableName($table))
            ->where("$column = ?", $value);
        return $this->adapter->fetchAll($select);
    }

    /**
     * @param array<string, mixed> $data
     * @return array<string, mixed>
     */
    private function withExtension(array $data): array
    {
        $attributes = $data['extension_attributes'] ?? null;
        return $attributes === null ? $data : ['extension_attributes' => new StandinExtension(...$attributes)] + $data;
    }

    /**
     * @template T of DataObject
     * @param class-string<T> $class
     * @param list<array<string, mixed>> $rows
     * @return list<T>
     */
    private function models(string $class, array $rows): array
    {
        return array_map(static fn (array $row): DataObject => new $class($row), $rows);
    }
}
