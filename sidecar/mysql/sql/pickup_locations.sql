-- name: pickup_location
-- A table of Magento's in-store pickup, which a shop without it does not have: read for orders that are collected.
SELECT pickup_location_code
FROM {prefix}inventory_pickup_location_order
WHERE order_id = :entity_id;
