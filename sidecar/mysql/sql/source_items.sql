-- name: items_page
-- One source at a time: a list of sources with one order over all of them would be sorted anew for every page. And as
-- a range: for an equality MariaDB walks the whole source up to the page, each time.
SELECT source_code, sku, CAST(quantity AS CHAR) AS quantity, status
FROM {prefix}inventory_source_item
WHERE source_code >= :source AND source_code <= :source AND sku > :after
ORDER BY source_code, sku
LIMIT :limit;

-- name: items_of
SELECT source_code, sku, CAST(quantity AS CHAR) AS quantity, status
FROM {prefix}inventory_source_item
WHERE source_code IN :sources AND sku IN :skus;

-- name: links
-- Which stocks sell from a source, and how early each is taken from.
SELECT l.stock_id, l.source_code, l.priority, s.enabled
FROM {prefix}inventory_source_stock_link l
JOIN {prefix}inventory_source s ON s.source_code = l.source_code
WHERE l.source_code IN :sources
ORDER BY l.stock_id, l.priority, l.source_code;

-- name: sources
SELECT source_code, enabled
FROM {prefix}inventory_source
WHERE source_code IN :sources;
