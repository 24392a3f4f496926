-- name: live_leases
SELECT role, scope, owner
FROM {prefix}erp_lease
WHERE expires_at > NOW(6)
ORDER BY role, scope;

-- name: read_past
-- From the newest rows backwards: the first one that is old enough ends the walk.
SELECT GREATEST(
           COALESCE((SELECT id FROM {prefix}erp_outbox WHERE occurred_at_us <= :until_us ORDER BY id DESC LIMIT 1), 0),
           COALESCE((SELECT MAX(accounted_to) FROM {prefix}erp_cursor), 0)) AS after_id,
       COALESCE((SELECT entity_id FROM {prefix}sales_order WHERE created_at <= :until ORDER BY entity_id DESC LIMIT 1),
                0) AS after_entity;

-- name: first_new_order
-- Magento dates an order to the second, an event to the microsecond.
SELECT MIN(CAST(aggregate_id AS UNSIGNED)) AS entity_id
FROM {prefix}erp_outbox
WHERE id > :after_id AND type = 'OrderPlaced';

-- name: read_present
SELECT GREATEST(
           COALESCE((SELECT MAX(id) FROM {prefix}erp_outbox), 0),
           COALESCE((SELECT MAX(accounted_to) FROM {prefix}erp_cursor), 0)) AS after_id,
       COALESCE((SELECT MAX(entity_id) FROM {prefix}sales_order), 0) AS after_entity;

-- name: count_unfinished
-- Events that are not receipted, whether above the cursor or waiting in erp_delivery.
SELECT (SELECT COUNT(*)
        FROM {prefix}erp_outbox o
        LEFT JOIN {prefix}erp_receipt r ON r.destination = :destination AND r.outbox_id = o.id
        LEFT JOIN {prefix}erp_delivery d ON d.destination = :destination AND d.outbox_id = o.id
        WHERE o.id <= :after_id AND o.type NOT IN ('InventoryAdjusted', 'InventoryReserved')
          AND o.id > COALESCE((SELECT accounted_to
                               FROM {prefix}erp_cursor
                               WHERE destination = :destination AND stream = 'documents'), 0)
          AND r.outbox_id IS NULL AND d.outbox_id IS NULL)
       + (SELECT COUNT(*)
          FROM {prefix}erp_delivery w
          WHERE w.destination = :destination AND w.stream = 'documents' AND w.outbox_id <= :after_id) AS events,
       (SELECT COUNT(*)
        FROM {prefix}erp_stock_window s
        WHERE s.destination = :destination AND s.state IN ('frozen', 'sending', 'unknown')) AS windows;

-- name: raise_token
UPDATE {prefix}erp_cursor
SET token = GREATEST(token, :token) + 1, updated_at = NOW(6)
WHERE destination = :destination AND stream = :stream;

-- name: insert_epoch
INSERT INTO {prefix}erp_epoch
    (epoch, kind, after_id, after_entity, revision_shift, actor, reason)
VALUES
    (:epoch, :kind, :after_id, :after_entity, :revision_shift, :actor, :reason);

-- name: rename_instance
UPDATE {prefix}erp_instance
SET instance_id = :instance_id, name = :name, changed_at = NOW(6)
WHERE only_row = 1;

-- name: doubt_deliveries
-- What was about to be sent may have been sent since; parked and unknown heads are looked up anyway.
UPDATE {prefix}erp_delivery
SET attempts = 0, absents = 0, resubmitted = FALSE, revision = 0
WHERE stream = 'documents' AND state IN ('ready', 'retry', 'paused') AND outbox_id <= :after_id;

-- name: doubt_windows
UPDATE {prefix}erp_stock_window
SET state = 'unknown', next_attempt_at = NULL, absents = 0, resubmitted = FALSE
WHERE state = 'frozen';

-- name: doubt_lines
-- What a person has decided since, and what came of it, is lost: somebody decides again, knowing that.
UPDATE {prefix}erp_stock_window_line
SET state = 'parked', fault = CONCAT(:words, fault)
WHERE state IN ('parked', 'retrying', 'skipping');

-- name: pass_by_deltas
UPDATE {prefix}erp_cursor
SET accounted_to = GREATEST(accounted_to, :after_id), open_gaps = '[]', updated_at = NOW(6)
WHERE destination = :destination AND stream = 'stock';

-- name: pass_by_everything
UPDATE {prefix}erp_cursor
SET accounted_to = GREATEST(accounted_to, :after_id), open_gaps = '[]', intents = '[]', updated_at = NOW(6);

-- name: receipt_unread
INSERT INTO {prefix}erp_receipt
    (destination, outbox_id, outcome, actor, detail)
SELECT c.destination, o.id, 'unrouted', :actor, :detail
FROM {prefix}erp_cursor c
JOIN {prefix}erp_outbox o ON o.id > c.accounted_to AND o.id <= :after_id
LEFT JOIN {prefix}erp_receipt r ON r.destination = c.destination AND r.outbox_id = o.id
WHERE c.stream = 'documents' AND r.outbox_id IS NULL;

-- name: receipt_waiting
INSERT INTO {prefix}erp_receipt
    (destination, outbox_id, outcome, actor, detail)
SELECT d.destination, d.outbox_id, 'unrouted', :actor, :detail
FROM {prefix}erp_delivery d
LEFT JOIN {prefix}erp_receipt r ON r.destination = d.destination AND r.outbox_id = d.outbox_id
WHERE d.outbox_id <= :after_id AND r.outbox_id IS NULL;

-- name: drop_deliveries
DELETE FROM {prefix}erp_delivery
WHERE outbox_id <= :after_id;

-- name: skip_windows
UPDATE {prefix}erp_stock_window
SET state = 'skipped', settled_at = NOW(6)
WHERE state IN ('frozen', 'sending', 'unknown', 'parked', 'held');

-- name: skip_lines
UPDATE {prefix}erp_stock_window_line
SET state = 'skipped'
WHERE state IN ('open', 'parked', 'held', 'retrying', 'skipping');

-- name: record_declaration
INSERT INTO {prefix}erp_operator_action
    (action, actor, reason, destination)
VALUES
    (:action, :actor, :reason, '');
