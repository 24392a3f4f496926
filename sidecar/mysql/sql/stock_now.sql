-- name: source_levels
SELECT i.source_code, CAST(i.quantity AS CHAR) AS quantity, i.status, s.enabled, i.sku
FROM {prefix}inventory_source_item i
JOIN {prefix}inventory_source s ON s.source_code = i.source_code
WHERE i.sku = :sku
ORDER BY i.source_code;

-- name: links_of_sources
SELECT source_code, stock_id
FROM {prefix}inventory_source_stock_link
WHERE source_code IN :sources
ORDER BY stock_id, priority;

-- name: reserved
SELECT stock_id, CAST(SUM(quantity) AS CHAR) AS quantity, COUNT(*) AS reservations
FROM {prefix}inventory_reservation
WHERE stock_id IN :stocks AND sku = :sku
GROUP BY stock_id
ORDER BY stock_id;

-- name: newest_reservations
SELECT stock_id, CAST(quantity AS CHAR) AS quantity, metadata
FROM {prefix}inventory_reservation
WHERE stock_id IN :stocks AND sku = :sku
ORDER BY reservation_id DESC
LIMIT :most;
