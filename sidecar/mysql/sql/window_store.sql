-- name: open_windows
-- Per warehouse the oldest window that is not done; one that was refused as a whole blocks its warehouse.
SELECT w.id, w.warehouse, w.sequence, w.epoch, w.state, w.after_id, w.upto_id, w.holes, w.late_ids, w.blueprint_version,
       w.attempts, TIMESTAMPDIFF(MICROSECOND, NOW(6), w.next_attempt_at) AS due_in_us, w.absents, w.resubmitted,
       w.fault, w.hint, w.kind
FROM {prefix}erp_stock_window w
JOIN (
    SELECT warehouse, MIN(sequence) AS sequence
    FROM {prefix}erp_stock_window
    WHERE destination = :destination AND state IN ('frozen', 'sending', 'unknown', 'parked')
    GROUP BY warehouse
) oldest ON oldest.warehouse = w.warehouse AND oldest.sequence = w.sequence
WHERE w.destination = :destination AND w.state <> 'parked'
ORDER BY w.warehouse;

-- name: window_lines
SELECT window_id, sku, quantity, deltas
FROM {prefix}erp_stock_window_line
WHERE window_id IN :window_ids
ORDER BY window_id, line;

-- name: begin_window
UPDATE {prefix}erp_stock_window
SET state = 'sending', attempts = attempts + 1, next_attempt_at = NULL
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence;

-- name: window_attempts
SELECT attempts
FROM {prefix}erp_stock_window
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence;

-- name: settle_window
UPDATE {prefix}erp_stock_window
SET state = :state, next_attempt_at = NOW(6) + INTERVAL :delay MICROSECOND, erp_number = :erp_number,
    fault = :fault, hint = :hint, absents = :absents, resubmitted = :resubmitted,
    settled_at = IF(:state = 'booked', NOW(6), NULL)
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence;

-- name: park_line
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
SET l.state = 'parked', l.fault = :fault
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.sku = :sku;

-- name: book_lines
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
SET l.state = 'booked'
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.state = 'open';
