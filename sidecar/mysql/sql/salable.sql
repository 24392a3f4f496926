-- name: stocks
SELECT DISTINCT stock_id
FROM {prefix}inventory_source_stock_link
WHERE source_code IN :sources
ORDER BY stock_id;

-- name: on_hand
SELECT i.sku, CAST(SUM(IF(i.status = 1, i.quantity, 0)) AS CHAR) AS on_hand,
    CAST(SUM(IF(i.status = 1, 0, i.quantity)) AS CHAR) AS hidden
FROM {prefix}inventory_source_item i
JOIN {prefix}inventory_source_stock_link l ON l.source_code = i.source_code AND l.stock_id = :stock_id
JOIN {prefix}inventory_source s ON s.source_code = i.source_code AND s.enabled = 1
WHERE i.sku IN :skus
GROUP BY i.sku;

-- name: reserved
SELECT sku, CAST(SUM(quantity) AS CHAR) AS reserved
FROM {prefix}inventory_reservation
WHERE stock_id = :stock_id AND sku IN :skus
GROUP BY sku;

-- name: configured
SELECT p.sku, CAST(i.min_qty AS CHAR) AS min_qty, i.use_config_min_qty, i.backorders, i.use_config_backorders,
    i.manage_stock, i.use_config_manage_stock
FROM {prefix}catalog_product_entity p
JOIN {prefix}cataloginventory_stock_item i ON i.product_id = p.entity_id AND i.website_id = 0
WHERE p.sku IN :skus;

-- name: indexed
SELECT sku, CAST(quantity AS CHAR) AS quantity, is_salable
FROM {prefix}inventory_stock_{stock}
WHERE sku IN :skus;

-- name: open_findings
SELECT fingerprint, subject
FROM {prefix}erp_finding
WHERE state = 'open' AND destination = :destination AND kind IN :kinds
LIMIT :limit;

-- name: open_findings_of
SELECT fingerprint
FROM {prefix}erp_finding
WHERE state = 'open' AND destination = :destination AND kind IN :kinds AND subject IN :subjects;
