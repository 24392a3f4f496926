-- name: now
SELECT NOW(6) AS now;

-- name: destinations
SELECT DISTINCT destination
FROM {prefix}erp_stock_window;

-- name: windows_since
-- A line that was carried counts where it went; what was held or carried unsent did not come out of this window.
SELECT w.destination, w.warehouse, w.sequence, w.kind, w.state, w.attempts, w.frozen_at,
       COALESCE(SUM(IF(l.state = 'carried', 0, l.deltas)), 0) AS deltas,
       COALESCE(SUM(l.quantity <> 0 AND l.state NOT IN ('held', 'carried')), 0) AS sent
FROM {prefix}erp_stock_window w
LEFT JOIN {prefix}erp_stock_window_line l ON l.window_id = w.id
WHERE w.destination = :destination AND w.frozen_at >= NOW(6) - INTERVAL :since MICROSECOND
GROUP BY w.id
ORDER BY w.frozen_at, w.id;

-- name: oldest_unfinished
SELECT destination, TIMESTAMPDIFF(MICROSECOND, MIN(frozen_at), NOW(6)) AS age_us
FROM {prefix}erp_stock_window
WHERE state IN ('frozen', 'sending', 'unknown', 'parked')
GROUP BY destination;

-- name: stream
SELECT accounted_to, started_after, open_gaps
FROM {prefix}erp_cursor
WHERE destination = :destination AND stream = 'stock';

-- name: window
SELECT id, kind, state, frozen_at, settled_at, blueprint_version, attempts, COALESCE(erp_number, '') AS erp_number,
       fault, hint
FROM {prefix}erp_stock_window
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence;

-- name: lines_of_window
SELECT w.destination, w.warehouse, w.sequence, w.kind, w.state AS window_state,
       COALESCE(w.erp_number, '') AS erp_number, w.after_id, w.upto_id, w.holes, w.late_ids, l.line, l.sku, l.quantity,
       l.deltas, l.state, l.fault, l.members, c.sequence AS carried_to
FROM {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
LEFT JOIN {prefix}erp_stock_window c ON c.id = l.carried_to
WHERE l.window_id = :window_id
ORDER BY l.line;

-- name: lines_of_skus
SELECT w.destination, w.warehouse, w.sequence, w.kind, w.state AS window_state,
       COALESCE(w.erp_number, '') AS erp_number, w.after_id, w.upto_id, w.holes, w.late_ids, l.line, l.sku, l.quantity,
       l.deltas, l.state, l.fault, l.members, c.sequence AS carried_to
FROM {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
LEFT JOIN {prefix}erp_stock_window c ON c.id = l.carried_to
WHERE l.sku IN :skus AND w.destination = :destination AND (w.upto_id >= :after OR w.settled_at IS NULL)
ORDER BY w.id, l.line;

-- name: parked
SELECT outbox_id, state, reason, fault
FROM {prefix}erp_delivery
WHERE destination = :destination AND stream = 'stock' AND outbox_id IN :ids;

-- name: skipped
SELECT outbox_id, actor, detail
FROM {prefix}erp_receipt
WHERE destination = :destination AND outcome = 'skipped' AND outbox_id IN :ids;

-- name: ends
SELECT (SELECT COALESCE(MAX(floor_id), 0) FROM {prefix}erp_outbox_floor) AS floor,
       (SELECT COALESCE(MAX(id), 0) FROM {prefix}erp_outbox) AS newest,
       NOW(6) AS now;

-- name: event_from
SELECT id, occurred_at_us
FROM {prefix}erp_outbox
WHERE id >= :id
ORDER BY id
LIMIT 1;

-- name: events_of_sku
-- The outbox has no index but its key: a stretch of ids is looked through.
SELECT id, event_id, type, schema_version, COALESCE(lane, CONCAT('#', id)), aggregate_id, store_id, occurred_at_us,
       trace_parent, origin, aggregate_type, payload
FROM {prefix}erp_outbox
WHERE id > :after AND id <= :upto AND aggregate_type = 'sku' AND aggregate_id = :sku
  AND type IN ('InventoryAdjusted', 'InventoryReserved')
ORDER BY id;

-- name: stock_above
-- The first events of the stock stream above the cursor, of so many of any kind.
SELECT id, event_id, type, schema_version, COALESCE(lane, CONCAT('#', id)), aggregate_id, store_id, occurred_at_us,
       trace_parent, origin, aggregate_type, payload
FROM (
    SELECT *
    FROM {prefix}erp_outbox
    WHERE id > :after
    ORDER BY id
    LIMIT :most
) newest
WHERE type IN ('InventoryAdjusted', 'InventoryReserved')
ORDER BY id;

-- name: order_numbers
SELECT entity_id, increment_id
FROM {prefix}sales_order
WHERE entity_id IN :ids;
