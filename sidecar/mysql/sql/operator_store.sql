-- name: pause_lane
INSERT IGNORE INTO {prefix}erp_lane_pause
    (destination, lane, paused_by, reason)
VALUES
    (:destination, :lane, :actor, :reason);

-- name: resume_lane
DELETE FROM {prefix}erp_lane_pause
WHERE destination = :destination AND lane = :lane;

-- name: pauses
SELECT destination, lane, paused_by, reason, TIMESTAMPDIFF(MICROSECOND, paused_at, NOW(6)) AS paused_for_us
FROM {prefix}erp_lane_pause
ORDER BY paused_at
LIMIT :limit;

-- name: event
SELECT id, event_id, type, schema_version, lane, aggregate_id, store_id, occurred_at_us, trace_parent, origin, payload
FROM {prefix}erp_outbox
WHERE id = :event;

-- name: receipts_of
SELECT destination, outcome, erp_number, attempts, detail
FROM {prefix}erp_receipt
WHERE destination IN :destinations AND outbox_id = :event;

-- name: ranges_of
SELECT destination, outcome, detail, holes
FROM {prefix}erp_receipt_range
WHERE destination IN :destinations AND first_id <= :event AND last_id >= :event;

-- name: deliveries_of
SELECT destination, state, attempts, reason
FROM {prefix}erp_delivery
WHERE destination IN :destinations AND outbox_id = :event;

-- name: edits_of
SELECT destination, edited_by, edited_at, sha256_before, sha256_after, payload_after
FROM {prefix}erp_event_edit
WHERE destination IN :destinations AND outbox_id = :event
ORDER BY id;

-- name: actions_on
SELECT destination, action, actor, reason, COALESCE(detail, '') AS detail, acted_at
FROM {prefix}erp_operator_action
WHERE destination IN :destinations AND outbox_id = :event
ORDER BY id;

-- name: lock_event
SELECT stream, lane, state, attempts, fault, revision, resubmitted, 
       next_attempt_at IS NULL OR overdue AS awaits_a_person
FROM {prefix}erp_delivery
WHERE destination = :destination AND outbox_id = :event
FOR UPDATE;

-- name: receipt_of
SELECT outcome
FROM {prefix}erp_receipt
WHERE destination = :destination AND outbox_id = :event;

-- name: latest_edit
SELECT payload_after
FROM {prefix}erp_event_edit
WHERE destination = :destination AND outbox_id = :event
ORDER BY id DESC
LIMIT 1;

-- name: edit_event
INSERT INTO {prefix}erp_event_edit
    (destination, outbox_id, lane, payload_before, payload_after, sha256_before, sha256_after, edited_by)
VALUES
    (:destination, :event, :lane, :payload_before, :payload_after, :sha256_before, :sha256_after, :actor);

-- name: decide_event
UPDATE {prefix}erp_delivery
SET state = :state, next_attempt_at = NULL, reason = :reason
WHERE destination = :destination AND outbox_id = :event;

-- name: confirm_event
UPDATE {prefix}erp_delivery
SET state = 'confirming', next_attempt_at = NULL, reason = :reason, handle = :handle
WHERE destination = :destination AND outbox_id = :event;

-- name: document_of
SELECT erp_number
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = :entity_type AND entity_id = :entity_id;

-- name: entity_of_document
-- Reads all documents of a destination: a person asks for it now and then, and an index would cost every confirmation.
SELECT entity_id
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = :entity_type AND erp_number = :erp_number
  AND entity_id <> :entity_id
LIMIT 1;

-- name: record_decision
INSERT INTO {prefix}erp_operator_action
    (action, actor, reason, destination, outbox_id, lane, state_before, fault_before, detail)
VALUES
    (:action, :actor, :reason, :destination, :event, :lane, :state, :fault, :detail);

-- name: held_orders
-- Heads that the gate holds for another order's sake, not for their own release rule.
SELECT d.destination, d.outbox_id, d.reason, d.hint, COALESCE(o.increment_id, '') AS increment_id,
       COALESCE(o.order_currency_code, '') AS currency, CAST(COALESCE(o.grand_total, 0) AS CHAR) AS grand_total,
       TIMESTAMPDIFF(MICROSECOND, o.created_at, NOW(6)) AS age_us
FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
STRAIGHT_JOIN {prefix}sales_order o ON o.entity_id = CAST(SUBSTRING(d.lane, 7) AS UNSIGNED)
WHERE d.destination IN :destinations AND d.stream = 'documents' AND d.state = 'waiting' AND LEFT(d.lane, 6) = 'order:'
  AND d.reason LIKE CONCAT(:reason, '%')
ORDER BY o.entity_id, d.destination
LIMIT :limit;

-- name: rejected_orders
-- What the ERP refuses now, whether its orders in Magento say so already or not. Refused refunds are no refused orders.
SELECT d.destination, d.outbox_id, d.reason, d.fault, d.hint, d.attempts, COALESCE(o.increment_id, '') AS increment_id,
       COALESCE(o.state, '') AS state, COALESCE(o.status, '') AS status,
       r.resolved_at IS NULL AND r.projected_at IS NOT NULL AS is_shown,
       TIMESTAMPDIFF(MICROSECOND, d.changed_at, NOW(6)) AS age_us
FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
LEFT JOIN {prefix}sales_order o ON o.entity_id = CAST(SUBSTRING(d.lane, 7) AS UNSIGNED)
LEFT JOIN {prefix}erp_rejection r ON r.destination = d.destination AND r.outbox_id = d.outbox_id
WHERE d.destination IN :destinations AND d.stream = 'documents' AND d.state = 'parked' AND LEFT(d.lane, 6) = 'order:'
  AND d.reason IN :reasons
  AND NOT EXISTS (SELECT 1 FROM {prefix}erp_outbox e WHERE e.id = d.outbox_id AND e.type = 'CreditmemoCreated')
ORDER BY d.outbox_id, d.destination
LIMIT :limit;

-- name: orders_numbered
SELECT entity_id
FROM {prefix}sales_order
WHERE increment_id = :number;

-- name: lock_waiting
SELECT destination, outbox_id, lane, state, fault, reason
FROM {prefix}erp_delivery FORCE INDEX ({prefix}erp_delivery_heads)
WHERE destination IN :destinations AND stream = 'documents' AND state = 'waiting' AND lane IN :lanes
FOR UPDATE;
