-- name: release_facts
SELECT o.entity_id, o.state, o.status, p.method,
       CAST(COALESCE(o.base_grand_total, 0) AS CHAR) AS grand_total,
       CAST(COALESCE(o.base_total_paid, 0) AS CHAR) AS paid,
       CAST(COALESCE(p.base_amount_authorized, 0) AS CHAR) AS authorized,
       CAST(COALESCE(o.base_total_canceled, 0) AS CHAR) AS canceled,
       TIMESTAMPDIFF(MICROSECOND, o.created_at, NOW(6)) AS age_us, o.relation_parent_id,
       o.quote_id > 0 AND EXISTS (
           SELECT 1 FROM {prefix}sales_order s WHERE s.quote_id = o.quote_id AND s.entity_id <> o.entity_id
       ) AS has_siblings
FROM {prefix}sales_order o
LEFT JOIN {prefix}sales_order_payment p ON p.parent_id = o.entity_id
WHERE o.entity_id IN :entity_ids
ORDER BY o.entity_id, p.entity_id DESC;

-- name: order_headers
SELECT entity_id, increment_id, order_currency_code, state,
       CAST(subtotal AS CHAR) AS subtotal,
       CAST(discount_amount AS CHAR) AS discount_amount,
       CAST(discount_tax_compensation_amount AS CHAR) AS discount_tax_compensation_amount,
       CAST(shipping_discount_tax_compensation_amount AS CHAR) AS shipping_discount_tax_compensation_amount,
       CAST(shipping_amount AS CHAR) AS shipping_amount,
       CAST(tax_amount AS CHAR) AS tax_amount,
       CAST(grand_total AS CHAR) AS grand_total
FROM {prefix}sales_order
WHERE entity_id IN :entity_ids;

-- name: order_items
SELECT order_id, item_id, parent_item_id, product_type, product_options, sku, name,
       CAST(qty_ordered AS CHAR) AS qty_ordered,
       CAST(price AS CHAR) AS price,
       CAST(row_total AS CHAR) AS row_total,
       CAST(discount_amount AS CHAR) AS discount_amount,
       CAST(tax_amount AS CHAR) AS tax_amount,
       CAST(tax_percent AS CHAR) AS tax_percent
FROM {prefix}sales_order_item
WHERE order_id IN :entity_ids
ORDER BY order_id, item_id;
