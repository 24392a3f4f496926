-- name: read_now
SELECT NOW(6) AS now;

-- name: put_deliveries
-- What a person has decided while the ERP was asked for a pending document stands. The state is assigned last, because
-- each assignment sees those before it; a pending document keeps the instant at which it was first pending.
INSERT INTO {prefix}erp_delivery
    (destination, outbox_id, stream, lane, state, attempts, next_attempt_at, reason, fault, hint, absents,
     resubmitted, handle, revision, pending_since, overdue, missing, mapping)
VALUES
    (:destination, :outbox_id, :stream, :lane, :state, :attempts, :next_attempt_at, :reason, :fault, :hint, :absents,
     :resubmitted, :handle, :revision, :pending_since, :overdue, :missing, :mapping)
ON DUPLICATE KEY UPDATE
    lane = VALUES(lane), attempts = VALUES(attempts), fault = VALUES(fault), hint = VALUES(hint),
    absents = VALUES(absents), resubmitted = VALUES(resubmitted), revision = VALUES(revision),
    overdue = VALUES(overdue), missing = VALUES(missing), mapping = VALUES(mapping),
    pending_since = IF(VALUES(pending_since) IS NULL, NULL, COALESCE(pending_since, VALUES(pending_since))),
    next_attempt_at = IF(VALUES(state) = 'pending' AND state IN ('retrying', 'skipping', 'confirming'),
                         next_attempt_at, VALUES(next_attempt_at)),
    reason = IF(VALUES(state) = 'pending' AND state IN ('retrying', 'skipping', 'confirming'),
                reason, VALUES(reason)),
    handle = IF(VALUES(state) = 'pending' AND state IN ('retrying', 'skipping', 'confirming'),
                handle, VALUES(handle)),
    state = IF(VALUES(state) = 'pending' AND state IN ('retrying', 'skipping', 'confirming'), state, VALUES(state));

-- name: settle_deliveries
DELETE FROM {prefix}erp_delivery
WHERE destination = :destination AND outbox_id IN :ids;

-- name: promote_lane
-- Does nothing where the lane has a head already: a lane has at most one row that is not held.
UPDATE {prefix}erp_delivery d
JOIN (
    SELECT outbox_id
    FROM {prefix}erp_delivery FORCE INDEX ({prefix}erp_delivery_lanes)
    WHERE destination = :destination AND lane = :lane AND state = 'held'
      AND NOT EXISTS (
          SELECT 1
          FROM {prefix}erp_delivery FORCE INDEX ({prefix}erp_delivery_heads)
          WHERE destination = :destination AND stream = 'documents' AND lane = :lane
            AND state IN ('ready', 'waiting', 'retry', 'pending', 'unknown', 'parked', 'paused', 'retrying', 'skipping',
                          'confirming')
      )
    ORDER BY outbox_id
    LIMIT 1
) oldest ON d.outbox_id = oldest.outbox_id
SET d.state = 'ready', d.next_attempt_at = NULL
WHERE d.destination = :destination;

-- name: put_receipts
INSERT INTO {prefix}erp_receipt
    (destination, outbox_id, outcome, erp_number, attempts, call_ms, actor, detail)
VALUES
    (:destination, :outbox_id, :outcome, :erp_number, :attempts, :call_ms, :actor, :detail);

-- name: put_receipt_ranges
INSERT INTO {prefix}erp_receipt_range
    (destination, first_id, last_id, holes, events, outcome, actor, detail)
VALUES
    (:destination, :first_id, :last_id, :holes, :events, :outcome, :actor, :detail);
