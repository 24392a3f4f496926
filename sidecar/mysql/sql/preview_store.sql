-- name: orders_numbered
-- Several stores may give the same number.
SELECT entity_id, increment_id
FROM {prefix}sales_order
WHERE increment_id = :number
ORDER BY entity_id;

-- name: order_with_id
SELECT entity_id, increment_id
FROM {prefix}sales_order
WHERE entity_id = :entity_id;

-- name: newest_events
-- The outbox has no index on lanes: its newest rows are looked through, and what the sidecar knows of older ones.
SELECT id AS outbox_id
FROM (
    SELECT id, type, lane
    FROM {prefix}erp_outbox
    ORDER BY id DESC
    LIMIT :most
) newest
WHERE lane = :lane AND type IN :types
ORDER BY id DESC
LIMIT 1;

-- name: standing_event
SELECT d.outbox_id
FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_lanes)
STRAIGHT_JOIN {prefix}erp_outbox o ON o.id = d.outbox_id
WHERE d.destination IN :destinations AND d.lane = :lane AND o.type IN :types
ORDER BY d.outbox_id DESC
LIMIT 1;

-- name: confirmed_event
SELECT d.revision AS outbox_id
FROM {prefix}erp_document d
STRAIGHT_JOIN {prefix}erp_outbox o ON o.id = d.revision
WHERE d.destination IN :destinations AND d.entity_type = 'order' AND d.entity_id = :entity_id
ORDER BY d.revision DESC
LIMIT 1;
