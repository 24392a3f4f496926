-- name: whole_order
SELECT *
FROM {prefix}sales_order
WHERE entity_id = :entity_id;

-- name: items
SELECT *
FROM {prefix}sales_order_item
WHERE order_id = :entity_id
ORDER BY item_id;

-- name: addresses
SELECT *
FROM {prefix}sales_order_address
WHERE parent_id = :entity_id
ORDER BY entity_id;

-- name: payments
SELECT entity_id, parent_id, quote_payment_id, method, po_number, last_trans_id, cc_trans_id, cc_type, cc_last_4,
       cc_approval, cc_avs_status, protection_eligibility, amount_ordered, base_amount_ordered, amount_authorized,
       base_amount_authorized, amount_paid, base_amount_paid, base_amount_paid_online, amount_refunded,
       base_amount_refunded, base_amount_refunded_online, amount_canceled, base_amount_canceled, shipping_amount,
       base_shipping_amount, shipping_captured, base_shipping_captured, shipping_refunded, base_shipping_refunded,
       additional_information
FROM {prefix}sales_order_payment
WHERE parent_id = :entity_id
ORDER BY entity_id;

-- name: taxes
SELECT *
FROM {prefix}sales_order_tax
WHERE order_id = :entity_id
ORDER BY tax_id;

-- name: tax_items
SELECT i.*
FROM {prefix}sales_order_tax t
JOIN {prefix}sales_order_tax_item i ON i.tax_id = t.tax_id
WHERE t.order_id = :entity_id
ORDER BY i.tax_item_id;

-- name: status_history
SELECT *
FROM {prefix}sales_order_status_history
WHERE parent_id = :entity_id
ORDER BY entity_id;

-- name: store
SELECT s.store_id, s.code AS store_code, w.code AS website_code, g.code AS group_code
FROM {prefix}store s
JOIN {prefix}store_website w ON w.website_id = s.website_id
JOIN {prefix}store_group g ON g.group_id = s.group_id
WHERE s.store_id = :store_id;

-- name: read_room
SELECT @@max_allowed_packet AS packet;
