<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\OrderSnapshot;
use Magento\Framework\DataObject;
use Magento\Sales\Model\Order;

/**
 * Reads an order from the object graph that its save has just completed.
 */
class OrderReader
{
    public function __construct(
        private readonly ModelRow $modelRow,
        private readonly AppliedTaxes $appliedTaxes,
        private readonly StoredRows $storedRows,
        private readonly PickupLocation $pickupLocation,
        private readonly StoreCodes $stores
    ) {
    }

    /** Placing an order needs no query; a later change reads the order's tax rows. */
    public function read(Order $order, bool $isBeingPlaced): OrderSnapshot
    {
        $items = $this->rows('sales_order_item', $order->getAllItems());
        if ($isBeingPlaced) {
            $taxes = $this->told('sales_order_tax', $this->appliedTaxes->taxes($order));
            $taxItems = $this->told('sales_order_tax_item', $this->appliedTaxes->taxItems($order, $items));
        } else {
            $taxes = $this->storedRows->all('sales_order_tax', 'order_id', (int) $order->getId(), 'tax_id');
            $taxItems = $this->storedRows->all(
                'sales_order_tax_item',
                'tax_id',
                array_column($taxes, 'tax_id'),
                'tax_item_id'
            );
        }
        return new OrderSnapshot(
            order: $this->row($order, $isBeingPlaced),
            items: $items,
            addresses: $this->rows(
                'sales_order_address',
                array_filter([$order->getBillingAddress(), $order->getShippingAddress()])
            ),
            payment: $this->rows('sales_order_payment', array_filter([$order->getPayment()]))[0] ?? null,
            taxes: $taxes,
            taxItems: $taxItems,
            statusHistory: $this->rows('sales_order_status_history', $order->getStatusHistories() ?? []),
            store: $this->stores->of($order->getStoreId())
        );
    }

    /**
     * The order's row and, where it is collected in a store, which one: that is no column of the order, so it
     * travels under `extra`.
     *
     * @return array<string, mixed>
     */
    private function row(Order $order, bool $isBeingPlaced): array
    {
        $row = $this->modelRow->of('sales_order', $order->getData());
        $pickupLocation = $this->pickupLocation->of($order, $isBeingPlaced);
        return $pickupLocation === null ? $row : $row + ['pickup_location_code' => $pickupLocation];
    }

    /**
     * @param iterable<DataObject> $models
     * @return list<array<string, mixed>>
     */
    private function rows(string $table, iterable $models): array
    {
        $rows = [];
        foreach ($models as $model) {
            $rows[] = $model->getData();
        }
        return $this->told($table, $rows);
    }

    /**
     * @param list<array<string, mixed>> $rows
     * @return list<array<string, mixed>>
     */
    private function told(string $table, array $rows): array
    {
        return array_map(fn (array $row): array => $this->modelRow->of($table, $row), $rows);
    }
}
