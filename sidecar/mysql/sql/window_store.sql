-- name: open_windows
-- Per warehouse the oldest window that is not done; one that was refused as a whole blocks its warehouse.
SELECT w.id, w.warehouse, w.sequence, w.epoch, w.state, w.after_id, w.upto_id, w.holes, w.late_ids, w.blueprint_version,
       w.attempts, TIMESTAMPDIFF(MICROSECOND, NOW(6), w.next_attempt_at) AS due_in_us, w.absents, w.resubmitted,
       w.fault, w.hint, w.kind, w.erp_number
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
SELECT window_id, sku, quantity, deltas, unit, told, expected, target
FROM {prefix}erp_stock_window_line
WHERE window_id IN :window_ids AND state = 'open'
ORDER BY window_id, line;

-- name: hold_lines
-- What is to be sent of SKUs of which an older line is parked. Those that are held behind it are not looked at: there
-- may be as many as there were windows since.
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
JOIN (
    SELECT DISTINCT s.sku
    FROM {prefix}erp_stock_window_line s
    JOIN {prefix}erp_stock_window e ON e.id = s.window_id
    WHERE s.state IN ('parked', 'retrying', 'skipping')
      AND e.destination = :destination AND e.warehouse = :warehouse AND e.kind = :kind AND e.sequence < :sequence
) standing ON standing.sku = l.sku
SET l.state = 'held'
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.state = 'open';

-- name: lines_to_send
SELECT l.window_id, l.line, l.sku, l.quantity, l.deltas, l.unit, l.told, l.expected, l.target
FROM {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.state = 'open'
ORDER BY l.line;

-- name: prepare_lines
-- An UPDATE of many rows in one round trip: each of them is there.
INSERT INTO {prefix}erp_stock_window_line
    (window_id, line, sku, quantity, deltas, state, fault, unit, told, expected, target)
VALUES
    (:window_id, :line, :sku, :quantity, :deltas, :state, :fault, :unit, :told, :expected, :target)
ON DUPLICATE KEY UPDATE
    state = VALUES(state), fault = VALUES(fault), unit = VALUES(unit), told = VALUES(told),
    expected = VALUES(expected), target = VALUES(target);

-- name: begin_window
UPDATE {prefix}erp_stock_window
SET state = 'sending', attempts = attempts + 1, next_attempt_at = NULL, erp_number = NULL
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence;

-- name: window_attempts
SELECT attempts
FROM {prefix}erp_stock_window
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence;

-- name: settle_window
UPDATE {prefix}erp_stock_window
SET state = :state, next_attempt_at = NOW(6) + INTERVAL :delay MICROSECOND, erp_number = COALESCE(:erp_number, erp_number),
    fault = :fault, hint = :hint, absents = :absents, resubmitted = :resubmitted,
    settled_at = IF(:state IN ('booked', 'held'), NOW(6), NULL)
WHERE destination = :destination AND warehouse = :warehouse AND sequence = :sequence;

-- name: park_line
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
SET l.state = 'parked', l.fault = :fault
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.sku = :sku
  AND l.state = 'open';

-- name: book_lines
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
SET l.state = 'booked'
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.state = 'open';

-- name: book_some
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
SET l.state = 'booked'
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.state = 'open'
  AND l.sku IN :skus;

-- name: undo_some
-- Lines that were certainly not done: what was expected of them is void, and they are counted anew.
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
SET l.expected = NULL
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.sequence = :sequence AND l.state = 'open'
  AND l.sku IN :skus;

-- name: decided_lines
-- What a person has decided about parked lines, and nobody has carried out.
SELECT w.warehouse, w.kind, l.sku
FROM {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
WHERE l.state IN ('retrying', 'skipping') AND w.destination = :destination
GROUP BY w.warehouse, w.kind, l.sku
ORDER BY w.warehouse, w.kind, l.sku
LIMIT :limit;

-- name: held_counts
SELECT l.sku, COUNT(*) AS held
FROM {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.kind = :kind AND l.sku IN :skus
  AND l.state = 'held'
GROUP BY l.sku;

-- name: lines_to_carry
-- Everything of these SKUs that stands, and what waits in windows that nobody has begun: so nothing overtakes it.
SELECT l.window_id, l.line, l.sku, l.quantity, l.deltas, l.members, l.state
FROM {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.kind = :kind AND l.sku IN :skus
  AND l.state IN ('open', 'parked', 'held', 'retrying', 'skipping')
  AND (l.state <> 'open' OR w.state = 'frozen' AND w.attempts = 0 AND NOT w.resubmitted)
ORDER BY l.sku, w.sequence
FOR UPDATE;

-- name: carry_line
UPDATE {prefix}erp_stock_window_line
SET state = :state, carried_to = :carried_to
WHERE window_id = :window_id AND line = :line;

-- name: forget_members
-- Of lines that hold some from before ids were kept.
UPDATE {prefix}erp_stock_window_line
SET members = NULL, deltas = :deltas
WHERE window_id = :window_id AND sku = :sku;

-- name: end_held_windows
-- A window of which nothing stands any more: what was left of it counts in others now, or was given up.
UPDATE {prefix}erp_stock_window w
SET w.state = IF(EXISTS (SELECT 1 FROM {prefix}erp_stock_window_line c WHERE c.window_id = w.id AND c.state = 'carried'),
                 'carried', 'skipped'),
    w.settled_at = COALESCE(w.settled_at, NOW(6))
WHERE w.id IN :window_ids AND w.state IN ('held', 'frozen')
  AND NOT EXISTS (SELECT 1 FROM {prefix}erp_stock_window_line l
                  WHERE l.window_id = w.id AND l.state IN ('open', 'parked', 'held', 'retrying', 'skipping'));

-- name: accounted_to
SELECT accounted_to
FROM {prefix}erp_cursor
WHERE destination = :destination AND stream = 'stock';
