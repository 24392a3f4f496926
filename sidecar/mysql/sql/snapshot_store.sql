-- name: newest_token
SELECT MAX(token) AS token
FROM {prefix}erp_stock_snapshot
WHERE destination = :destination;

-- name: abandon
UPDATE {prefix}erp_stock_snapshot
SET state = 'abandoned', settled_at = NOW(6), why = 'its reader ended before it was read to its end'
WHERE destination = :destination AND state = 'reading';

-- name: begin
INSERT INTO {prefix}erp_stock_snapshot
    (destination, token, state, skew_us)
VALUES
    (:destination, :token, 'reading', :skew_us);

-- name: turn_page
-- The first statement of every page: a reader that was abandoned matches no row, and writes nothing.
UPDATE {prefix}erp_stock_snapshot
SET pages = pages + 1, levels = levels + :levels,
    read_first = IF(:read_at IS NULL, read_first, LEAST(COALESCE(read_first, :read_at), :read_at)),
    read_last = IF(:read_at IS NULL, read_last, GREATEST(COALESCE(read_last, :read_at), :read_at))
WHERE number = :number AND token = :token AND state = 'reading';

-- name: put_levels
-- A level that was told already stays as it was: the count of levels shows that a page came twice.
INSERT INTO {prefix}erp_stock_level
    (snapshot, sku, warehouse, unit, quantity, read_at)
VALUES
    (:snapshot, :sku, :warehouse, :unit, :quantity, :read_at)
ON DUPLICATE KEY UPDATE quantity = quantity;

-- name: count_levels
SELECT COUNT(*) AS levels
FROM {prefix}erp_stock_level
WHERE snapshot = :number;

-- name: warehouses
SELECT DISTINCT warehouse
FROM {prefix}erp_stock_level
WHERE snapshot = :number;

-- name: finish
UPDATE {prefix}erp_stock_snapshot
SET state = :state, why = :why, finished_at = NOW(6)
WHERE number = :number AND token = :token AND state = 'reading';

-- name: settle
UPDATE {prefix}erp_stock_snapshot
SET state = :state, why = :why, written = :written, settled_at = NOW(6)
WHERE number = :number AND state IN ('complete', 'accepted');

-- name: newest
SELECT number, state, read_first, read_last, pages, levels, why,
       TIMESTAMPDIFF(MICROSECOND, read_first, NOW(6)) AS age_us,
       TIMESTAMPDIFF(MICROSECOND, started_at, NOW(6)) AS started_us
FROM {prefix}erp_stock_snapshot
WHERE destination = :destination AND state IN :states
ORDER BY number DESC
LIMIT 1;

-- name: levels_page
SELECT sku, warehouse, unit, quantity, read_at
FROM {prefix}erp_stock_level
WHERE snapshot = :number AND sku > :after
ORDER BY sku, warehouse, unit
LIMIT :limit;

-- name: levels_of
SELECT sku, warehouse, unit, quantity, read_at
FROM {prefix}erp_stock_level
WHERE snapshot = :number AND sku IN :skus
ORDER BY sku, warehouse, unit;

-- name: lock_snapshot
SELECT number, destination, state, levels
FROM {prefix}erp_stock_snapshot
WHERE number = :number
FOR UPDATE;

-- name: accept_snapshot
UPDATE {prefix}erp_stock_snapshot
SET state = 'accepted', accepted_by = :actor
WHERE number = :number AND state = 'complete';

-- name: accept_jump
INSERT INTO {prefix}erp_stock_acceptance
    (destination, sku, quantity, accepted_by)
VALUES
    (:destination, :sku, :quantity, :actor)
ON DUPLICATE KEY UPDATE quantity = VALUES(quantity), accepted_by = VALUES(accepted_by), accepted_at = NOW(6);

-- name: acceptances
SELECT sku, quantity
FROM {prefix}erp_stock_acceptance
WHERE destination = :destination;

-- name: spend_acceptances
DELETE FROM {prefix}erp_stock_acceptance
WHERE destination = :destination AND sku IN :skus;

-- name: record_decision
INSERT INTO {prefix}erp_operator_action
    (action, actor, reason, destination, lane, state_before, fault_before, detail)
VALUES
    (:action, :actor, :reason, :destination, :lane, :state, :fault, :detail);

-- name: outdated
-- One that a person has taken is kept until it is written.
SELECT s.number
FROM {prefix}erp_stock_snapshot s
WHERE s.destination = :destination AND s.number < :number AND s.state <> 'accepted'
  AND EXISTS (SELECT 1 FROM {prefix}erp_stock_level l WHERE l.snapshot = s.number)
ORDER BY s.number
LIMIT 1;

-- name: delete_levels
DELETE FROM {prefix}erp_stock_level
WHERE snapshot = :number
LIMIT :limit;

-- name: open_findings
SELECT fingerprint, subject
FROM {prefix}erp_finding
WHERE state = 'open' AND destination = :destination AND source = :source;
