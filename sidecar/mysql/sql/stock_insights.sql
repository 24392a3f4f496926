-- name: now
SELECT NOW(6) AS now;

-- name: windows_below
SELECT id, destination, warehouse, sequence, state, attempts, frozen_at,
       TIMESTAMPDIFF(MICROSECOND, frozen_at, NOW(6)) AS age_us
FROM {prefix}erp_stock_window
WHERE :below IS NULL OR id < :below
ORDER BY id DESC
LIMIT :limit;

-- name: line_sums
SELECT window_id, SUM(deltas) AS deltas, SUM(quantity <> 0) AS sent
FROM {prefix}erp_stock_window_line
WHERE window_id IN :window_ids
GROUP BY window_id;

-- name: oldest_unfinished
SELECT destination, TIMESTAMPDIFF(MICROSECOND, MIN(frozen_at), NOW(6)) AS age_us
FROM {prefix}erp_stock_window
WHERE state IN ('frozen', 'sending', 'unknown', 'parked')
GROUP BY destination;
