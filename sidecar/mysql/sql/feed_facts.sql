-- name: websites
-- Which of Magento's stocks each store view sells from.
SELECT s.store_id, c.stock_id
FROM {prefix}store s
JOIN {prefix}store_website w ON w.website_id = s.website_id
JOIN {prefix}inventory_stock_sales_channel c ON c.type = 'website' AND c.code = w.code;

-- name: products
-- What stock can be kept of; a configurable, a bundle and a group have none of their own.
SELECT sku
FROM {prefix}catalog_product_entity
WHERE sku IN :skus AND type_id NOT IN ('configurable', 'bundle', 'grouped');

-- name: orders_that_bear
-- Those of which something is open, and those that were saved since: what was shipped to its end was. Each half has an
-- index of Magento's own.
SELECT entity_id
FROM {prefix}sales_order
WHERE state NOT IN ('complete', 'closed', 'canceled')
UNION
SELECT entity_id
FROM {prefix}sales_order
WHERE updated_at >= :since;

-- name: orders
SELECT o.entity_id, o.store_id, o.created_at, MIN(r.confirmed_at) AS confirmed_at
FROM {prefix}sales_order o
LEFT JOIN {prefix}erp_document_revision r
    ON r.destination = :destination AND r.entity_type = 'order' AND r.entity_id = o.entity_id
WHERE o.entity_id IN :orders
GROUP BY o.entity_id, o.store_id, o.created_at;

-- name: named
-- Which SKUs stand in which orders; most orders have none of those that are asked for, and their rows are not read.
SELECT i.order_id, COALESCE(p.sku, i.sku) AS sku
FROM {prefix}sales_order_item i
LEFT JOIN {prefix}catalog_product_entity p ON p.entity_id = i.product_id
WHERE i.order_id IN :orders;

-- name: items
SELECT i.order_id, i.item_id, i.parent_item_id, i.product_type,
       IF(i.product_type = 'bundle', i.product_options, NULL) AS product_options,
       COALESCE(p.sku, i.sku) AS sku, i.is_virtual,
       CAST(COALESCE(i.qty_ordered, 0) AS CHAR) AS ordered,
       CAST(COALESCE(i.qty_shipped, 0) AS CHAR) AS shipped,
       CAST(COALESCE(i.qty_invoiced, 0) AS CHAR) AS invoiced,
       CAST(COALESCE(i.qty_refunded, 0) AS CHAR) AS refunded,
       CAST(COALESCE(i.qty_canceled, 0) AS CHAR) AS canceled
FROM {prefix}sales_order_item i
LEFT JOIN {prefix}catalog_product_entity p ON p.entity_id = i.product_id
WHERE i.order_id IN :orders
ORDER BY i.order_id, i.item_id;

-- name: lanes_in_doubt
-- Orders of which an attempt was made whose outcome is not known yet; a refusal takes the revision back.
SELECT lane
FROM {prefix}erp_delivery
WHERE destination = :destination AND stream = 'documents' AND revision > 0;

-- name: inbound_on_the_way
SELECT id, kind, erp_id, erp_number, version, entity_id, document, state, first_seen_at
FROM {prefix}erp_inbound_document FORCE INDEX ({prefix}erp_inbound_document_states)
WHERE destination = :destination AND state IN ('new', 'retry', 'calling', 'unknown', 'parked', 'waiting')
  AND kind <> 'invoice';

-- name: inbound_of_late
-- Ids grow with the time of reading: whoever asks goes back page by page until it is too early.
SELECT id, kind, erp_id, erp_number, version, entity_id, document, state, first_seen_at
FROM {prefix}erp_inbound_document
WHERE destination = :destination AND id < :before AND kind = 'delivery'
ORDER BY id DESC
LIMIT :limit;

-- name: windows_on_the_way
-- Where levels are told one by one, a line may be booked before its window is.
SELECT w.warehouse, l.sku, l.quantity, w.attempts, w.frozen_at
FROM {prefix}erp_stock_window w
JOIN {prefix}erp_stock_window_line l ON l.window_id = w.id
WHERE w.destination = :destination AND w.state IN ('frozen', 'sending', 'unknown', 'parked')
  AND w.kind = 'movement' AND l.state IN ('open', 'booked');

-- name: standing_lines
SELECT w.warehouse, l.sku, l.quantity
FROM {prefix}erp_stock_window_line l
JOIN {prefix}erp_stock_window w ON w.id = l.window_id
WHERE l.state IN ('parked', 'held', 'retrying', 'skipping') AND w.destination = :destination AND w.kind = 'movement';

-- name: windows_of_late
SELECT w.warehouse, l.sku, l.quantity, w.frozen_at, w.settled_at
FROM {prefix}erp_stock_window w
JOIN {prefix}erp_stock_window_line l ON l.window_id = w.id
WHERE w.destination = :destination AND w.settled_at >= :since AND w.kind = 'movement' AND l.state = 'booked';

-- name: stock_cursor
SELECT accounted_to, open_gaps
FROM {prefix}erp_cursor
WHERE destination = :destination AND stream = 'stock';

-- name: document_intents
SELECT intents
FROM {prefix}erp_cursor
WHERE destination = :destination AND stream = 'documents';

-- name: changes_after
SELECT id, event_id, type, schema_version, origin, payload
FROM {prefix}erp_outbox
WHERE id BETWEEN :first AND :last AND type = 'InventoryAdjusted'
ORDER BY id
LIMIT :limit;

-- name: changes_that_wait
SELECT o.id, o.event_id, o.type, o.schema_version, o.origin,
       COALESCE((SELECT e.payload_after
                 FROM {prefix}erp_event_edit e
                 WHERE e.destination = d.destination AND e.outbox_id = d.outbox_id
                 ORDER BY e.id DESC
                 LIMIT 1), o.payload) AS payload
FROM {prefix}erp_delivery d
JOIN {prefix}erp_outbox o ON o.id = d.outbox_id
WHERE d.destination = :destination AND d.stream = 'stock' AND o.type = 'InventoryAdjusted';

-- name: deliveries_position
SELECT position, read_at
FROM {prefix}erp_changes_cursor
WHERE destination = :destination AND kind = 'deliveries';

-- name: kept_documents
SELECT erp_id, version
FROM {prefix}erp_inbound_document
WHERE destination = :destination AND kind = 'delivery' AND erp_id IN :erp_ids;
