-- name: cursors
SELECT c.destination, c.accounted_to, JSON_LENGTH(c.open_gaps) AS open_gaps, JSON_LENGTH(c.intents) AS intents,
       c.held_because,
       COALESCE((SELECT MAX(id) FROM {prefix}erp_outbox), 0) AS newest
FROM {prefix}erp_cursor c
WHERE c.stream = 'documents'
ORDER BY c.destination;

-- name: destinations
SELECT DISTINCT destination
FROM {prefix}erp_cursor;

-- name: delivery_states
-- What is held behind heads may be a million rows: it is counted up to a bound. The others are few, and an index away.
SELECT state, COUNT(*) AS events
FROM {prefix}erp_delivery FORCE INDEX ({prefix}erp_delivery_heads)
WHERE destination = :destination AND stream IN ('documents', 'stock')
  AND state IN ('ready', 'waiting', 'retry', 'pending', 'unknown', 'parked', 'paused', 'retrying', 'skipping',
                'confirming')
GROUP BY state
UNION ALL
SELECT 'held', COUNT(*)
FROM (
    SELECT 1
    FROM {prefix}erp_delivery FORCE INDEX ({prefix}erp_delivery_heads)
    WHERE destination = :destination AND stream = 'documents' AND state = 'held'
    LIMIT :most
) counted
HAVING COUNT(*) > 0;

-- name: waiting_events
-- One destination at a time, so that the index passes by what is held behind a head, however much that is; and that
-- is counted only where it is not much.
SELECT d.destination, d.outbox_id, d.lane, d.state, d.attempts,
       TIMESTAMPDIFF(MICROSECOND, NOW(6), d.next_attempt_at) AS due_in_us, d.reason, d.fault, d.hint, d.absents,
       d.resubmitted, d.handle, d.revision, TIMESTAMPDIFF(MICROSECOND, d.pending_since, NOW(6)) AS pending_for_us,
       d.overdue, d.missing, d.mapping, COALESCE(o.type, '') AS type, COALESCE(o.aggregate_id, '') AS aggregate_id,
       CASE WHEN (SELECT 1
                  FROM {prefix}erp_delivery f FORCE INDEX ({prefix}erp_delivery_heads)
                  WHERE f.destination = d.destination AND f.stream = 'documents' AND f.state = 'held' AND f.lane = d.lane
                  LIMIT 1 OFFSET :most) IS NULL
            THEN (SELECT COUNT(*)
                  FROM {prefix}erp_delivery f FORCE INDEX ({prefix}erp_delivery_heads)
                  WHERE f.destination = d.destination AND f.stream = 'documents' AND f.state = 'held' AND f.lane = d.lane)
            ELSE :most + 1 END AS followers
FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
LEFT JOIN {prefix}erp_outbox o ON o.id = d.outbox_id
WHERE d.destination = :destination AND d.stream IN ('documents', 'stock')
  AND d.state IN ('parked', 'unknown', 'ready', 'waiting', 'retry', 'pending', 'paused', 'retrying', 'skipping',
                  'confirming')
ORDER BY d.state = 'parked' DESC, d.state = 'unknown' DESC, d.overdue DESC, d.outbox_id
LIMIT :limit;

-- name: waiting_orders
SELECT d.destination, d.outbox_id, d.reason, o.entity_id, o.increment_id, o.state, o.status, p.method,
       CAST(COALESCE(o.base_grand_total, 0) AS CHAR) AS grand_total,
       CAST(COALESCE(o.base_total_paid, 0) AS CHAR) AS paid,
       CAST(COALESCE(p.base_amount_authorized, 0) AS CHAR) AS authorized,
       CAST(COALESCE(o.base_total_canceled, 0) AS CHAR) AS canceled,
       TIMESTAMPDIFF(MICROSECOND, o.created_at, NOW(6)) AS age_us
FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
STRAIGHT_JOIN {prefix}sales_order o ON o.entity_id = CAST(SUBSTRING(d.lane, 7) AS UNSIGNED)
LEFT JOIN {prefix}sales_order_payment p ON p.entity_id = (
    SELECT MIN(q.entity_id)
    FROM {prefix}sales_order_payment q
    WHERE q.parent_id = o.entity_id
)
WHERE d.destination = :destination AND d.stream = 'documents' AND d.state = 'waiting' AND LEFT(d.lane, 6) = 'order:'
ORDER BY d.outbox_id
LIMIT :limit;

-- name: open_findings
SELECT destination, kind, subject, path, magento_value, erp_value, source, state, seen_count
FROM {prefix}erp_finding
WHERE state = 'open'
ORDER BY last_seen_at DESC, id DESC
LIMIT :limit;

-- name: lock_delivery
SELECT stream, lane, state, attempts, fault
FROM {prefix}erp_delivery
WHERE destination = :destination AND outbox_id = :event
  AND (state = 'parked' OR state = :or_state OR state = 'unknown' AND next_attempt_at IS NULL
       OR state = 'pending' AND overdue)
FOR UPDATE;

-- name: decide
UPDATE {prefix}erp_delivery
SET state = :state, next_attempt_at = NULL, reason = :reason
WHERE destination = :destination AND outbox_id = :event;

-- name: record_action
INSERT INTO {prefix}erp_operator_action
    (action, actor, reason, destination, outbox_id, lane, state_before, fault_before)
VALUES
    (:action, :actor, :reason, :destination, :event, :lane, :state, :fault);

-- name: unfinished_windows
SELECT w.destination, w.warehouse, w.sequence, w.state,
       (SELECT COUNT(*) FROM {prefix}erp_stock_window_line l WHERE l.window_id = w.id) AS `lines`,
       w.attempts, w.fault, w.hint
FROM {prefix}erp_stock_window w
WHERE w.state IN ('frozen', 'sending', 'unknown', 'parked')
ORDER BY w.state = 'parked' DESC, w.destination, w.warehouse, w.sequence
LIMIT :limit;

-- name: lock_window
SELECT state, fault
FROM {prefix}erp_stock_window
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence AND state = 'parked'
FOR UPDATE;

-- name: decide_window
UPDATE {prefix}erp_stock_window
SET state = :state, next_attempt_at = NULL, absents = 0, resubmitted = FALSE,
    settled_at = IF(:state = 'skipped', NOW(6), NULL)
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence;

-- name: skip_lines
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
SET l.state = 'skipped'
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.state = 'open';
