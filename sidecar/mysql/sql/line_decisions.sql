-- name: standing_lines
-- A row for each SKU and kind that is kept back: its parked line, and what is held behind it. The longest first.
SELECT w.destination, w.warehouse, w.kind, l.sku,
       MIN(IF(l.state = 'held', NULL, w.sequence)) AS sequence,
       MAX(IF(l.state = 'held', '', l.state)) AS state,
       SUM(IF(l.state = 'held', 0, l.quantity)) AS quantity,
       SUM(l.state = 'held') AS held,
       SUM(IF(l.state = 'held', l.quantity, 0)) AS held_quantity,
       MAX(IF(l.state = 'held', '', l.fault)) AS fault,
       TIMESTAMPDIFF(MICROSECOND, MIN(COALESCE(w.settled_at, w.frozen_at)), NOW(6)) AS stands_for_us
FROM {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
WHERE l.state IN ('parked', 'held', 'retrying', 'skipping')
  AND (:everywhere OR w.destination = :destination AND w.warehouse = :warehouse) AND (:any_sku OR l.sku = :sku)
GROUP BY w.destination, w.warehouse, w.kind, l.sku
HAVING sequence IS NOT NULL
ORDER BY stands_for_us DESC, w.destination, w.warehouse, l.sku, w.kind
LIMIT :limit;

-- name: decide_line
UPDATE {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
SET l.state = :state
WHERE w.destination = :destination AND w.warehouse = :warehouse AND w.kind = :kind AND l.sku = :sku
  AND l.state = 'parked';

-- name: record_action
INSERT INTO {prefix}erp_operator_action
    (action, actor, reason, destination, lane, state_before, fault_before, detail)
VALUES
    (:action, :actor, :reason, :destination, :lane, :state, :fault, :detail);
