-- name: quantities
SELECT sku, CAST(quantity AS CHAR) AS quantity
FROM {prefix}inventory_source_item
WHERE source_code = :source AND sku IN :skus;
