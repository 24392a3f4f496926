-- name: find_items
SELECT source_item_id, source_code, sku
FROM {prefix}inventory_source_item
WHERE source_code IN :sources AND sku IN :skus;

-- name: lock_items
-- A row that somebody else holds is left out: nobody is waited for.
SELECT source_item_id, source_code, sku, CAST(quantity AS CHAR) AS quantity, status
FROM {prefix}inventory_source_item
WHERE source_item_id IN :ids
ORDER BY source_item_id
FOR UPDATE SKIP LOCKED;

-- name: known_sources
SELECT source_code
FROM {prefix}inventory_source
WHERE source_code IN :sources;

-- name: legacy_items
-- What there was before there were sources; products without such a row have nothing to be kept alike.
SELECT i.item_id, p.sku
FROM {prefix}catalog_product_entity p
JOIN {prefix}cataloginventory_stock_item i ON i.product_id = p.entity_id AND i.website_id = 0
WHERE p.sku IN :skus AND p.type_id NOT IN ('configurable', 'bundle', 'grouped');

-- name: lock_legacy_items
SELECT item_id, product_id, CAST(qty AS CHAR) AS qty, is_in_stock, CAST(min_qty AS CHAR) AS min_qty,
    use_config_min_qty, backorders, use_config_backorders, manage_stock, use_config_manage_stock
FROM {prefix}cataloginventory_stock_item
WHERE item_id IN :ids
ORDER BY item_id
FOR UPDATE SKIP LOCKED;

-- name: set_item
UPDATE {prefix}inventory_source_item
SET quantity = :quantity, status = :status
WHERE source_item_id = :id;

-- name: add_item
-- One that somebody else has just added stays as it is: no row is matched then.
INSERT IGNORE INTO {prefix}inventory_source_item (source_code, sku, quantity, status)
VALUES (:source, :sku, :quantity, :status);

-- name: set_legacy_item
UPDATE {prefix}cataloginventory_stock_item
SET qty = :quantity, is_in_stock = :in_stock
WHERE item_id = :id;

-- name: set_legacy_status
UPDATE {prefix}cataloginventory_stock_status
SET qty = :quantity, stock_status = :in_stock
WHERE product_id = :product_id AND website_id = 0;

-- name: modes
SELECT view_id, mode, status
FROM {prefix}mview_state
WHERE view_id IN ('inventory', 'cataloginventory_stock');

-- name: noted_until
SELECT COALESCE(MAX(version_id), 0) AS version_id
FROM {prefix}inventory_cl;

-- name: noted
SELECT DISTINCT entity_id
FROM {prefix}inventory_cl
WHERE version_id > :after AND entity_id IN :ids;

-- name: legacy_noted_until
SELECT COALESCE(MAX(version_id), 0) AS version_id
FROM {prefix}cataloginventory_stock_cl;

-- name: legacy_noted
SELECT DISTINCT entity_id
FROM {prefix}cataloginventory_stock_cl
WHERE version_id > :after AND entity_id IN :ids;
