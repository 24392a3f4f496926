<?php

declare(strict_types=1);

/**
 * POST /V1/order/:orderId/ship and /V1/shipment/track.
 */
class RestShipping
{
    private readonly RestOrderSave $save;

    public function __construct(private readonly RestShop $shop)
    {
        $this->save = new RestOrderSave($shop);
    }

    /** @param array<string, mixed> $given */
    public function ship(int $orderId, array $given): string
    {
        return $this->shop->withOrderLocked($orderId, function () use ($orderId, $given): string {
            $order = RestOrder::of($this->shop, $orderId);
            $quantities = $this->quantities($order, $given['items'] ?? []);
            $this->validate($order, $quantities, $given['tracks'] ?? []);
            try {
                return (string) $this->write($order, $quantities, $given);
            } catch (\Exception $error) {
                $this->shop->log($error);
                throw RestError::refused('Could not save a shipment, see error log for details');
            }
        });
    }

    /** @param array<string, mixed> $given */
    public function addTrack(array $given): array
    {
        $track = $given['entity'] ?? throw new RestError(
            400,
            '"%fieldName" is required. Enter and try again.',
            ['fieldName' => 'entity']
        );
        $orderId = (int) ($track['order_id'] ?? 0);
        return $this->shop->withOrderLocked($orderId, function () use ($orderId, $track): array {
            $shipment = $this->shop->rows('sales_shipment', 'entity_id', (int) ($track['parent_id'] ?? 0))[0] ?? null;
            if ($shipment === null || (int) $shipment['order_id'] !== $orderId) {
                throw RestError::refused('Could not save the shipment tracking.');
            }
            $row = array_intersect_key($track, array_flip(
                ['order_id', 'parent_id', 'track_number', 'title', 'carrier_code', 'weight', 'qty', 'description']
            ));
            $id = $this->shop->savePart('track', 'sales_shipment_track', 'sales_order_shipment_track', $row, null);
            return $this->shop->rows('sales_shipment_track', 'entity_id', $id)[0];
        });
    }

    /**
     * What leaves, by order item: never more than is left, whatever was asked for, and whole units where the product
     * is not sold by fractions. Without items in the request: everything.
     *
     * @param list<array<string, mixed>> $items
     * @return array<int, float|int>
     */
    private function quantities(RestOrder $order, array $items): array
    {
        $asked = array_map(floatval(...), array_column($items, 'qty', 'order_item_id'));
        $quantities = [];
        foreach ($order->items as $id => $item) {
            if ((int) $item['is_virtual'] !== 0 || (int) $item['locked_do_ship'] !== 0) {
                continue;
            }
            $quantity = match (true) {
                $order->isDummy($id, true) => null,
                $items === [] => $order->toShip($id),
                isset($asked[$id]) => min($asked[$id], $order->toShip($id)),
                default => null,
            };
            if ($quantity !== null && $order->toShip($id) > 0) {
                $quantities[$id] = RestOrder::cast($item, $quantity);
            }
        }
        return $quantities;
    }

    /**
     * @param array<int, float|int> $quantities
     * @param list<array<string, mixed>> $tracks
     */
    private function validate(RestOrder $order, array $quantities, array $tracks): void
    {
        $messages = [];
        if ($order->is('payment_review', 'holded', 'canceled') || (int) $order->row['is_virtual'] !== 0) {
            $messages[] = "A shipment cannot be created when an order has a status of {$order->row['status']}";
        } elseif (!$order->canShip()) {
            $messages[] = 'The order does not allow a shipment to be created.';
        }
        if (array_sum($quantities) <= 0) {
            $messages[] = "You can't create a shipment without products.";
        }
        foreach ($tracks as $track) {
            if (($track['track_number'] ?? '') === '') {
                $messages[] = 'Please enter a tracking number.';
            }
        }
        if ($messages !== []) {
            throw RestError::invalid('Shipment', $messages);
        }
    }

    /**
     * @param array<int, float|int> $quantities
     * @param array<string, mixed> $given
     */
    private function write(RestOrder $order, array $quantities, array $given): int
    {
        $source = $given['arguments']['extension_attributes']['source_code'] ?? $this->shop->onlySource();
        $model = $this->shop->loaded($order->id);
        $header = [
            'store_id' => $order->row['store_id'],
            'order_id' => $order->id,
            'total_qty' => array_sum($quantities),
            'customer_id' => $order->row['customer_id'],
            'shipping_address_id' => $order->row['shipping_address_id'],
            'billing_address_id' => $order->row['billing_address_id'],
        ];
        $header['increment_id'] = $this->shop->number('shipment', $order->store());
        $more = $source === null ? [] : ['extension_attributes' => ['sourceCode' => $source]];
        $shipment = $this->shop->document('shipment', $header + $more, $model);
        $this->shop->hook('sales_order_shipment_save_before', $shipment);
        $items = [];
        foreach ($quantities as $id => $quantity) {
            $order->addToItem($id, ['qty_shipped' => (float) $quantity]);
            $item = $order->items[$id];
            $items[] = ['order_item_id' => $id, 'qty' => $quantity, 'product_id' => $item['product_id'],
                'sku' => $item['sku'], 'name' => $item['name'], 'price' => $item['price'], 'weight' => $item['weight']];
        }
        $leave = function () use ($order, $quantities, $source, $model): void {
            if ($this->shop->hasSources()) {
                $gone = $this->stockOf($order, $quantities);
                $this->shop->deduct($source, $gone, 'shipment_created', $order->id);
                $this->shop->reserve($gone, 'shipment_created', $model);
            }
        };
        $tracks = array_map(static fn (array $track): array => array_intersect_key(
            $track,
            array_flip(['track_number', 'title', 'carrier_code'])
        ), $given['tracks'] ?? []);
        $shipmentId = $this->save->document('shipment', $shipment, $header, $items, $given, $leave, $tracks);
        if ($source !== null) {
            $this->shop->insert('inventory_shipment_source', ['shipment_id' => $shipmentId, 'source_code' => $source]);
        }
        $this->shop->failIfTold();
        $order->row['state'] = $order->nextState(true);
        $order->row['status'] = $this->shop->defaultStatus($order->row['state']);
        $this->save->save($order, $model);
        return $shipmentId;
    }

    /**
     * @param array<int, float|int> $quantities
     * @return array<string, float|int> by SKU
     */
    private function stockOf(RestOrder $order, array $quantities): array
    {
        $gone = [];
        foreach ($quantities as $id => $quantity) {
            foreach ($order->stockOf($id, $quantity) as $sku => $of) {
                $gone[$sku] = ($gone[$sku] ?? 0) + $of;
            }
        }
        return $gone;
    }
}
