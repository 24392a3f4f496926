<?php

declare(strict_types=1);

/**
 * Builds outbox rows from the rows of a shop, one JSON line for each, with nothing but the payload core.
 *
 * An order is {"type": ..., "order": row, "items": rows, "addresses": rows, "payment": row, "taxes": rows,
 * "taxItems": rows, "statusHistory": rows, "store": ..., "actor": ...}; a stock change is
 * {"sku": ..., "sourceCode": ..., "quantity": ..., "reason": ..., "cause": ...}, or has before and after, each a pair
 * of quantity and status or null, in place of quantity; a reservation is {"stockId": ..., "sku": ..., "quantity": ...,
 * "metadata": ...}; an account is {"customer": row,
 * "addresses": rows, "subscriptions": rows, "group": row, "attributes": ..., "store": ..., "websiteCode": ...}, or,
 * when it was deleted, {"deletedCustomer": row}; a product is {"before": snapshot or null, "after": snapshot}, where
 * a snapshot is {"product": row, "values": ..., "websiteIds": ..., "tierPrices": ...}. What belongs to an order is
 * {"kind": "invoice", ...} with the arguments of that kind's payload class by their names, and `snapshot` with
 * DocumentSnapshot's for a document.
 */

require __DIR__ . '/../autoload.php';

use ErpSidecar\Outbox\Core\AsciiJson;
use ErpSidecar\Outbox\Core\Cause;
use ErpSidecar\Outbox\Core\CommentPayload;
use ErpSidecar\Outbox\Core\CreditmemoPayload;
use ErpSidecar\Outbox\Core\CustomerPayload;
use ErpSidecar\Outbox\Core\CustomerSnapshot;
use ErpSidecar\Outbox\Core\DocumentSnapshot;
use ErpSidecar\Outbox\Core\InventoryAdjustedPayload;
use ErpSidecar\Outbox\Core\InventoryReservedPayload;
use ErpSidecar\Outbox\Core\InvoicePayload;
use ErpSidecar\Outbox\Core\OrderPayload;
use ErpSidecar\Outbox\Core\OrderSnapshot;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\ProductChange;
use ErpSidecar\Outbox\Core\ProductPayload;
use ErpSidecar\Outbox\Core\ProductSnapshot;
use ErpSidecar\Outbox\Core\ShipmentPayload;
use ErpSidecar\Outbox\Core\StockLevel;
use ErpSidecar\Outbox\Core\Subject;
use ErpSidecar\Outbox\Core\TrackPayload;
use ErpSidecar\Outbox\Core\TransactionPayload;

$events = OutboxEvents::standard();

$stockChange = static fn (array $given) => $events->event(
    InventoryAdjustedPayload::TYPE,
    Subject::sku($given['sku']),
    new Cause(),
    static fn (): array => isset($given['quantity'])
        ? (new InventoryAdjustedPayload())->facts(...$given)
        : (new InventoryAdjustedPayload())->change(...array_map(
            static fn (mixed $value): mixed => is_array($value) && array_is_list($value)
                ? new StockLevel(...$value)
                : $value,
            $given
        ))
);
$reservation = static fn (array $given) => $events->event(
    InventoryReservedPayload::TYPE,
    Subject::sku($given['sku']),
    new Cause(),
    static fn (): array => (new InventoryReservedPayload())->facts(...$given)
);
$order = static function (array $given) use ($events) {
    ['type' => $type, 'actor' => $actor] = $given;
    unset($given['type'], $given['actor']);
    return $events->event(
        $type,
        Subject::order((int) $given['order']['entity_id'], 1),
        new Cause('rest', $actor),
        static fn (): array => OrderPayload::standard()->facts(new OrderSnapshot(...$given))
    );
};
$customer = static function (array $given) use ($events) {
    ['store' => $store, 'websiteCode' => $websiteCode] = $given;
    unset($given['store'], $given['websiteCode']);
    return $events->event(
        CustomerPayload::SAVED,
        Subject::customer((int) $given['customer']['entity_id'], 1),
        new Cause(),
        static fn (): array => (new CustomerPayload())->saved(new CustomerSnapshot(...$given), $store, $websiteCode)
    );
};
$deletedCustomer = static fn (array $given) => $events->event(
    CustomerPayload::DELETED,
    Subject::customer((int) $given['deletedCustomer']['entity_id'], 1),
    new Cause(),
    static fn (): array => (new CustomerPayload())->deleted($given['deletedCustomer'])
);
$product = static fn (array $given) => $events->event(
    ProductPayload::UPDATED,
    Subject::product((int) $given['after']['product']['entity_id']),
    new Cause(),
    static fn (): array => (new ProductPayload())->updated($given['after']['product'], ProductChange::between(
        $given['before'] === null ? null : new ProductSnapshot(...$given['before']),
        new ProductSnapshot(...$given['after'])
    ))
);

$payloads = [
    'invoice' => InvoicePayload::standard(),
    'shipment' => new ShipmentPayload(),
    'creditmemo' => CreditmemoPayload::standard(),
    'track' => new TrackPayload(),
    'transaction' => TransactionPayload::standard(),
    'comment' => new CommentPayload(),
];
$ofAnOrder = static function (array $given) use ($events, $payloads) {
    ['kind' => $kind, 'type' => $type] = $given;
    unset($given['kind'], $given['type']);
    if (isset($given['snapshot'])) {
        $given['snapshot'] = new DocumentSnapshot(...$given['snapshot']);
    }
    $orderId = (int) (isset($given['snapshot']) ? $given['snapshot']->order : $given['order'])['entity_id'];
    $facts = static fn (): array => $payloads[$kind]->facts(...$given);
    return $events->event($type, Subject::order($orderId, 1), new Cause('rest'), $facts);
};

while (($line = fgets(STDIN)) !== false) {
    $given = json_decode($line, true, 64, JSON_THROW_ON_ERROR);
    $row = match (true) {
        isset($given['sku'], $given['sourceCode']) => $stockChange($given),
        isset($given['customer']) => $customer($given),
        isset($given['after']) => $product($given),
        isset($given['deletedCustomer']) => $deletedCustomer($given),
        isset($given['kind']) => $ofAnOrder($given),
        isset($given['stockId']) => $reservation($given),
        default => $order($given),
    };
    echo AsciiJson::encode($row->toArray()), "\n";
}
