-- name: siblings
-- Both sides by primary key or by the index on quote_id; what shares a quote id and is older is left out at once.
SELECT o.entity_id, s.entity_id AS sibling
FROM {prefix}sales_order o
STRAIGHT_JOIN {prefix}sales_order s ON s.quote_id = o.quote_id AND s.entity_id <> o.entity_id
WHERE o.entity_id IN :entity_ids AND o.quote_id > 0
  AND ABS(TIMESTAMPDIFF(SECOND, o.created_at, s.created_at)) <= :window_s
ORDER BY o.entity_id, s.entity_id;

-- name: purchases
SELECT o.entity_id, o.increment_id, o.quote_id, o.customer_id, a.quote_address_id, a.customer_address_id,
       o.order_currency_code, CAST(COALESCE(o.grand_total, 0) AS CHAR) AS grand_total, o.created_at
FROM {prefix}sales_order o
LEFT JOIN {prefix}sales_order_address a ON a.parent_id = o.entity_id AND a.address_type = 'shipping'
WHERE o.entity_id IN :entity_ids
ORDER BY o.entity_id, a.entity_id;

-- name: purchased_lines
SELECT order_id, COALESCE(sku, '') AS sku, CAST(COALESCE(qty_ordered, 0) AS CHAR) AS quantity,
       CAST(row_total AS CHAR) AS row_total
FROM {prefix}sales_order_item
WHERE order_id IN :entity_ids
ORDER BY order_id, item_id;

-- name: predecessors
SELECT entity_id, COALESCE(increment_id, '') AS increment_id, COALESCE(state, '') AS state,
       COALESCE(base_total_invoiced, 0) > 0 AS is_invoiced, relation_parent_id
FROM {prefix}sales_order
WHERE entity_id IN :entity_ids;

-- name: cancelled_there
-- The revision of a document is the event whose content the ERP holds: a cancellation, where it confirmed one.
SELECT d.entity_id
FROM {prefix}erp_document d
STRAIGHT_JOIN {prefix}erp_outbox e ON e.id = d.revision
WHERE d.destination = :destination AND d.entity_type = 'order' AND d.entity_id IN :entity_ids
  AND e.type = 'OrderCancelled';

-- name: let_go
SELECT DISTINCT outbox_id
FROM {prefix}erp_operator_action
WHERE destination = :destination AND outbox_id IN :events AND action = 'release';
