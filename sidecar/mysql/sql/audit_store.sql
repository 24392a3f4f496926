-- name: oldest_event
SELECT o.occurred_at_us, COALESCE(f.floor_id, 0) AS floor_id
FROM {prefix}erp_outbox o
LEFT JOIN {prefix}erp_outbox_floor f ON f.name = 'outbox'
ORDER BY o.id
LIMIT 1;

-- name: events_page
SELECT id, type, aggregate_id
FROM {prefix}erp_outbox
WHERE id > :after
ORDER BY id
LIMIT :limit;

-- name: orders_page
-- In the order of Magento's index on created_at: a page touches its own rows.
SELECT entity_id, created_at
FROM {prefix}sales_order
WHERE created_at >= :since AND (created_at > :since OR entity_id > :after)
ORDER BY created_at, entity_id
LIMIT :limit;

-- name: with_document
SELECT DISTINCT entity_id
FROM {prefix}erp_document
WHERE entity_type = 'order' AND entity_id IN :entity_ids;

-- name: still_there
SELECT entity_id
FROM {prefix}sales_order
WHERE entity_id IN :entity_ids;

-- name: delivery_rows
SELECT outbox_id
FROM {prefix}erp_delivery
WHERE destination = :destination AND outbox_id IN :ids;

-- name: windows_page
SELECT id, holes, late_ids
FROM {prefix}erp_stock_window
WHERE destination = :destination AND id > :after
ORDER BY id
LIMIT :limit;

-- name: deltas_in_hole
SELECT o.id, o.event_id, o.type, o.lane, o.origin, o.payload
FROM {prefix}erp_outbox o
LEFT JOIN {prefix}erp_receipt r ON r.destination = :destination AND r.outbox_id = o.id
LEFT JOIN {prefix}erp_delivery d ON d.destination = :destination AND d.outbox_id = o.id
WHERE o.id BETWEEN :first AND :last AND o.type IN :types
  AND r.outbox_id IS NULL AND d.outbox_id IS NULL
ORDER BY o.id
LIMIT :limit;

-- name: close_findings
UPDATE {prefix}erp_finding
SET state = 'repaired'
WHERE fingerprint IN :fingerprints AND state = 'open';
