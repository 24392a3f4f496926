-- name: keep_hydrated
-- What the sidecar has built in the place of a payload that Magento could not tell, kept before it is sent.
INSERT INTO {prefix}erp_event_edit
    (destination, outbox_id, lane, payload_before, payload_after, sha256_before, sha256_after, edited_by)
VALUES
    (:destination, :event, :lane, :payload_before, :payload_after, :sha256_before, :sha256_after, :edited_by);

-- name: receipted_above
SELECT outbox_id
FROM {prefix}erp_receipt
WHERE destination = :destination AND outbox_id > :after;

-- name: receipted_among
SELECT outbox_id
FROM {prefix}erp_receipt
WHERE destination = :destination AND outbox_id IN :ids;

-- name: ranges_above
SELECT first_id, last_id, holes
FROM {prefix}erp_receipt_range
WHERE destination = :destination AND last_id > :after;

-- name: ranges_among
SELECT first_id, last_id, holes
FROM {prefix}erp_receipt_range
WHERE destination = :destination AND last_id >= :first AND first_id <= :last;

-- name: delivery_ids_among
SELECT outbox_id
FROM {prefix}erp_delivery
WHERE destination = :destination AND outbox_id IN :ids;

-- name: delivery_ids_above
SELECT outbox_id
FROM {prefix}erp_delivery
WHERE destination = :destination AND outbox_id > :after AND stream = 'documents';

-- name: load_heads
-- The index is named because a lane may hold a million followers, and the order asked for is that of the primary key.
SELECT outbox_id, lane, state, attempts, TIMESTAMPDIFF(MICROSECOND, NOW(6), next_attempt_at) AS due_in_us, reason,
       fault, hint, absents, resubmitted, handle, revision,
       TIMESTAMPDIFF(MICROSECOND, pending_since, NOW(6)) AS pending_for_us, overdue, missing, mapping
FROM {prefix}erp_delivery FORCE INDEX ({prefix}erp_delivery_heads)
WHERE destination = :destination AND stream = 'documents'
  AND state IN ('ready', 'waiting', 'retry', 'pending', 'unknown', 'parked', 'paused', 'retrying', 'skipping', 'confirming')
ORDER BY outbox_id;

-- name: load_ready
-- A paused head goes on when its lane is not paused any more; the pause may have ended before the head was held.
SELECT d.outbox_id, d.lane, d.state, d.attempts, TIMESTAMPDIFF(MICROSECOND, NOW(6), d.next_attempt_at) AS due_in_us,
       d.reason, d.fault, d.hint, d.absents, d.resubmitted, d.handle, d.revision,
       TIMESTAMPDIFF(MICROSECOND, d.pending_since, NOW(6)) AS pending_for_us, d.overdue, d.missing, d.mapping
FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
WHERE d.destination = :destination AND d.stream = 'documents'
  AND d.state IN ('ready', 'paused', 'retrying', 'skipping', 'confirming')
  AND (d.state <> 'paused' OR NOT EXISTS (
      SELECT 1
      FROM {prefix}erp_lane_pause p
      WHERE p.destination = :destination AND p.lane = d.lane
  ))
ORDER BY d.outbox_id;

-- name: load_pauses
SELECT lane, paused_by, reason
FROM {prefix}erp_lane_pause
WHERE destination = :destination;

-- name: load_lane
SELECT o.id, o.event_id, o.type, o.schema_version, COALESCE(o.lane, CONCAT('#', o.id)), o.aggregate_id, o.store_id,
       o.occurred_at_us, o.trace_parent, o.origin, o.aggregate_type, NULL
FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_lanes)
STRAIGHT_JOIN {prefix}erp_outbox o ON o.id = d.outbox_id
WHERE d.destination = :destination AND d.lane = :lane AND d.outbox_id > :after
ORDER BY d.outbox_id
LIMIT :limit;

-- name: known_documents
SELECT entity_id, external_ref, erp_id, erp_number, revision, payload_sha256, erp_status,
       TIMESTAMPDIFF(MICROSECOND, confirmed_at, NOW(6)) AS confirmed_age_us
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = :entity_type AND entity_id IN :entity_ids;

-- name: count_documents
SELECT COUNT(*) AS documents
FROM {prefix}erp_document
WHERE destination = :destination AND blueprint_version = :blueprint_version AND entity_type = :entity_type;
