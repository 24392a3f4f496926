-- name: lock_whole_order
-- The root's row first, as every producer does: within an order, ids are then in the order of their commits.
SELECT *
FROM {prefix}sales_order
WHERE entity_id = :entity_id
FOR UPDATE;

-- name: placed_since
SELECT id
FROM {prefix}erp_outbox
WHERE id > :walked_to AND lane = :lane AND type = 'OrderPlaced'
LIMIT 1;

-- name: read_now
SELECT NOW(6) AS now;

-- name: insert_event
INSERT INTO {prefix}erp_outbox
    (event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id, occurred_at_us, origin,
     payload_bytes, payload)
VALUES
    (:event_id, 'OrderPlaced', 1, :lane, 'order', :aggregate_id, :store_id, :occurred_at_us, :origin,
     :payload_bytes, :payload);

-- name: close_finding
UPDATE {prefix}erp_finding
SET state = 'repaired'
WHERE fingerprint = :fingerprint AND state = 'open';
