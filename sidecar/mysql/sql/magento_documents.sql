-- name: order_header
SELECT o.entity_id, o.increment_id, o.state, o.order_currency_code, o.base_currency_code,
       CAST(COALESCE(o.base_shipping_invoiced, 0) - COALESCE(o.base_shipping_refunded, 0) AS CHAR) AS shipping_to_refund,
       p.method
FROM {prefix}sales_order o
LEFT JOIN {prefix}sales_order_payment p ON p.parent_id = o.entity_id
WHERE o.entity_id = :entity_id
ORDER BY p.entity_id
LIMIT 1;

-- name: order_items
SELECT item_id, parent_item_id, product_type, product_options, sku, is_virtual, is_qty_decimal,
       CAST(COALESCE(qty_ordered, 0) AS CHAR) AS ordered,
       CAST(COALESCE(qty_shipped, 0) AS CHAR) AS shipped,
       CAST(COALESCE(qty_invoiced, 0) AS CHAR) AS invoiced,
       CAST(COALESCE(qty_refunded, 0) AS CHAR) AS refunded,
       CAST(COALESCE(qty_canceled, 0) AS CHAR) AS canceled,
       CAST(row_total - COALESCE(discount_amount, 0) + COALESCE(tax_amount, 0)
            + COALESCE(discount_tax_compensation_amount, 0) AS CHAR) AS amount
FROM {prefix}sales_order_item
WHERE order_id = :entity_id
ORDER BY item_id;

-- name: shipments
SELECT entity_id, increment_id, TIMESTAMPDIFF(MICROSECOND, created_at, NOW(6)) AS age_us
FROM {prefix}sales_shipment
WHERE order_id = :entity_id
ORDER BY entity_id;

-- name: shipment_lines
SELECT parent_id, order_item_id, CAST(SUM(qty) AS CHAR) AS quantity
FROM {prefix}sales_shipment_item
WHERE parent_id IN :parents
GROUP BY parent_id, order_item_id;

-- name: shipment_comments
SELECT parent_id, comment
FROM {prefix}sales_shipment_comment
WHERE parent_id IN :parents;

-- name: shipment_tracks
SELECT parent_id, track_number
FROM {prefix}sales_shipment_track
WHERE parent_id IN :parents;

-- name: invoices
-- State 2 is paid. A transaction is there only where a payment provider was asked.
SELECT entity_id, increment_id, TIMESTAMPDIFF(MICROSECOND, created_at, NOW(6)) AS age_us,
       state, transaction_id, CAST(grand_total AS CHAR) AS grand_total
FROM {prefix}sales_invoice
WHERE order_id = :entity_id AND (state IS NULL OR state <> 3)
ORDER BY entity_id;

-- name: invoice_lines
SELECT parent_id, order_item_id, CAST(SUM(qty) AS CHAR) AS quantity
FROM {prefix}sales_invoice_item
WHERE parent_id IN :parents
GROUP BY parent_id, order_item_id;

-- name: invoice_comments
SELECT parent_id, comment
FROM {prefix}sales_invoice_comment
WHERE parent_id IN :parents;

-- name: creditmemos
SELECT entity_id, increment_id, TIMESTAMPDIFF(MICROSECOND, created_at, NOW(6)) AS age_us,
       CAST(grand_total AS CHAR) AS grand_total
FROM {prefix}sales_creditmemo
WHERE order_id = :entity_id
ORDER BY entity_id;

-- name: creditmemo_lines
SELECT parent_id, order_item_id, CAST(SUM(qty) AS CHAR) AS quantity
FROM {prefix}sales_creditmemo_item
WHERE parent_id IN :parents
GROUP BY parent_id, order_item_id;

-- name: creditmemo_comments
SELECT parent_id, comment
FROM {prefix}sales_creditmemo_comment
WHERE parent_id IN :parents;
