<?php

declare(strict_types=1);

/**
 * Builds outbox rows from the rows of a shop, one JSON line for each, with nothing but the payload core.
 *
 * An order is {"type": ..., "order": row, "items": rows, "addresses": rows, "payment": row, "taxes": rows,
 * "taxItems": rows, "statusHistory": rows, "store": ..., "actor": ...}; a stock change is
 * {"sku": ..., "sourceCode": ..., "quantity": ..., "reason": ..., "cause": ...}.
 */

require __DIR__ . '/../autoload.php';

use ErpSidecar\Outbox\Core\AsciiJson;
use ErpSidecar\Outbox\Core\OrderSnapshot;
use ErpSidecar\Outbox\Core\OutboxEvents;

$events = OutboxEvents::standard();

while (($line = fgets(STDIN)) !== false) {
    $given = json_decode($line, true, 64, JSON_THROW_ON_ERROR);
    if (isset($given['sku'])) {
        $row = $events->ofStock(...$given);
    } else {
        $type = $given['type'];
        unset($given['type']);
        $orderId = (int) $given['order']['entity_id'];
        $row = $events->ofOrder($type, $orderId, 1, static fn (): OrderSnapshot => new OrderSnapshot(...$given));
    }
    echo AsciiJson::encode($row->toArray()), "\n";
}
