-- name: read_floor
SELECT floor_id
FROM {prefix}erp_outbox_floor
WHERE name = 'outbox';

-- name: make_floor
INSERT IGNORE INTO {prefix}erp_outbox_floor
    (name)
VALUES
    ('outbox');

-- name: raise_floor
-- Quotes the floor that the page was chosen above: of two purges at once, one writes nothing.
UPDATE {prefix}erp_outbox_floor
SET floor_id = :last, purged = purged + :events, raised_at = NOW(6)
WHERE name = 'outbox' AND floor_id = :first - 1;

-- name: purge_page
-- At READ COMMITTED this locks the rows that it deletes and no gap: an INSERT never waits for it. The limit is their
-- number: without it the server looks at the row behind the range too, and waits for whoever is writing that.
DELETE FROM {prefix}erp_outbox
WHERE id BETWEEN :first AND :last
ORDER BY id
LIMIT :events;

-- name: oldest_delivery
SELECT outbox_id, lane, state
FROM {prefix}erp_delivery
WHERE destination = :destination
ORDER BY outbox_id
LIMIT 1;

-- name: unsettled_windows
SELECT warehouse, sequence, state, after_id, late_ids
FROM {prefix}erp_stock_window
WHERE destination = :destination AND state IN ('frozen', 'sending', 'unknown', 'parked');

-- name: aged_events
SELECT id, payload_bytes,
       occurred_at_us < (UNIX_TIMESTAMP(NOW(6)) * 1000000 - :age_us) AS is_over
FROM {prefix}erp_outbox
WHERE id > :after AND id <= :upto
ORDER BY id
LIMIT :limit;

-- name: whole_events
SELECT id, event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id, occurred_at_us, origin,
       trace_parent, payload_bytes, payload
FROM {prefix}erp_outbox
WHERE id BETWEEN :first AND :last
ORDER BY id;

-- name: threads_running
SHOW GLOBAL STATUS LIKE 'Threads_running';

-- name: history_length
SELECT `count` AS entries
FROM information_schema.innodb_metrics
WHERE name = 'trx_rseg_history_len';

-- name: relay_backlog
SELECT CAST(COALESCE((SELECT MAX(id) FROM {prefix}erp_outbox), 0) AS SIGNED)
       - CAST(COALESCE(MIN(accounted_to), 0) AS SIGNED) AS events
FROM {prefix}erp_cursor
WHERE stream = 'documents';

-- name: old_receipts
SELECT outbox_id AS id, receipted_at < NOW(6) - INTERVAL :age_us MICROSECOND AS is_over
FROM {prefix}erp_receipt
WHERE destination = :destination AND outbox_id <= :floor
ORDER BY outbox_id
LIMIT :limit;

-- name: trim_receipts
DELETE FROM {prefix}erp_receipt
WHERE destination = :destination AND outbox_id BETWEEN :first AND :last
ORDER BY outbox_id
LIMIT :rows;

-- name: old_ranges
SELECT first_id AS id, receipted_at < NOW(6) - INTERVAL :age_us MICROSECOND AND last_id <= :floor AS is_over
FROM {prefix}erp_receipt_range
WHERE destination = :destination
ORDER BY first_id
LIMIT :limit;

-- name: trim_ranges
DELETE FROM {prefix}erp_receipt_range
WHERE destination = :destination AND first_id BETWEEN :first AND :last
ORDER BY first_id
LIMIT :rows;

-- name: old_revisions
SELECT id, confirmed_at < NOW(6) - INTERVAL :age_us MICROSECOND AS is_over
FROM {prefix}erp_document_revision
ORDER BY id
LIMIT :limit;

-- name: trim_revisions
DELETE FROM {prefix}erp_document_revision
WHERE id BETWEEN :first AND :last
ORDER BY id
LIMIT :rows;

-- name: old_runs
SELECT id, finished_at < NOW(6) - INTERVAL :age_us MICROSECOND AS is_over
FROM {prefix}erp_reconciliation_run
ORDER BY id
LIMIT :limit;

-- name: trim_runs
DELETE FROM {prefix}erp_reconciliation_run
WHERE id BETWEEN :first AND :last
ORDER BY id
LIMIT :rows;

-- name: old_actions
SELECT id, acted_at < NOW(6) - INTERVAL :age_us MICROSECOND AS is_over
FROM {prefix}erp_operator_action
ORDER BY id
LIMIT :limit;

-- name: trim_actions
DELETE FROM {prefix}erp_operator_action
WHERE id BETWEEN :first AND :last
ORDER BY id
LIMIT :rows;

-- name: old_windows
-- A warehouse's newest window stays for ever: the next one counts on from its number, which is part of the key sent.
SELECT w.id,
       COALESCE(w.settled_at, w.frozen_at) < NOW(6) - INTERVAL :age_us MICROSECOND AS is_over,
       w.state IN ('booked', 'net_zero', 'held', 'carried', 'skipped') AND w.upto_id <= :floor
       AND EXISTS (SELECT 1 FROM {prefix}erp_stock_window n
                   WHERE n.destination = w.destination AND n.warehouse = w.warehouse AND n.sequence > w.sequence)
       AND NOT EXISTS (SELECT 1 FROM {prefix}erp_stock_window_line l
                       WHERE l.window_id = w.id AND l.state IN ('parked', 'held', 'retrying', 'skipping')) AS is_done
FROM {prefix}erp_stock_window w
WHERE w.id > :after
ORDER BY w.id
LIMIT :limit;

-- name: trim_window_lines
DELETE FROM {prefix}erp_stock_window_line
WHERE window_id IN :ids;

-- name: trim_windows
DELETE FROM {prefix}erp_stock_window
WHERE id IN :ids;

-- name: record_run
INSERT INTO {prefix}erp_reconciliation_run
    (check_name, destination, compared, excused, findings, complete)
VALUES
    (:check, :destination, :compared, :excused, :findings, :complete);
