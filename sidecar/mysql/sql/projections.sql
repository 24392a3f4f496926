-- name: shown
SELECT o.entity_id, o.state, o.status, o.ext_order_id, o.hold_before_state, o.hold_before_status,
       g.entity_id AS grid_id, g.status AS grid_status, g.ext_order_id AS grid_number
FROM {prefix}sales_order o
LEFT JOIN {prefix}sales_order_grid g ON g.entity_id = o.entity_id
WHERE o.entity_id IN :entity_ids;

-- name: lock_order
-- The order first, then its row of the list, as Magento's own saves do; whoever holds either is not waited for. Whoever
-- showed a newer change has held the order's row: looked at with the row in hand, and by a read that locks nothing, it
-- cannot be missed.
SELECT o.entity_id, o.state, o.status, o.ext_order_id, o.hold_before_state, o.hold_before_status,
       g.entity_id AS grid_id, g.status AS grid_status, g.ext_order_id AS grid_number,
       (SELECT d.change_count
        FROM {prefix}erp_document d
        WHERE d.destination = :destination AND d.entity_type = 'order' AND d.entity_id = o.entity_id) AS newest_change
FROM {prefix}sales_order o
LEFT JOIN {prefix}sales_order_grid g ON g.entity_id = o.entity_id
WHERE o.entity_id = :entity_id
FOR UPDATE NOWAIT;

-- name: lines
SELECT order_id, item_id, ext_order_item_id
FROM {prefix}sales_order_item
WHERE order_id IN :entity_ids;

-- name: lock_lines
SELECT item_id
FROM {prefix}sales_order_item
WHERE item_id IN :item_ids
ORDER BY item_id
FOR UPDATE NOWAIT;

-- name: statuses
SELECT state, status, is_default
FROM {prefix}sales_order_status_state;

-- name: holders
SELECT o.ext_order_id, o.entity_id, d.erp_number
FROM {prefix}sales_order o
LEFT JOIN {prefix}erp_document d
    ON d.destination = :destination AND d.entity_type = 'order' AND d.entity_id = o.entity_id
WHERE o.ext_order_id IN :numbers;

-- name: last_events
-- There is no index on lanes, and no checkout pays for one: the newest ids are looked through.
SELECT id, lane, type, origin, occurred_at_us
FROM {prefix}erp_outbox
WHERE id > (SELECT COALESCE(MAX(newest.id), 0) FROM {prefix}erp_outbox newest) - CAST(:depth AS SIGNED)
  AND lane IN :lanes
ORDER BY id;

-- name: last_comments
SELECT h.parent_id, h.created_at, h.entity_name, h.status
FROM {prefix}sales_order_status_history h
WHERE h.entity_id IN (
    SELECT MAX(n.entity_id) FROM {prefix}sales_order_status_history n WHERE n.parent_id IN :entity_ids GROUP BY n.parent_id
);

-- name: show_number_and_status
-- The row is ours and as it was read: nothing of what Magento wrote meanwhile is touched.
UPDATE {prefix}sales_order
SET ext_order_id = :number, status = :status
WHERE entity_id = :entity_id;

-- name: show_in_both
-- The same, and the order list's copy of it. The list's own updated_at is left alone: where Magento fills the list by
-- cron, it copies the orders that were changed after their row there, and this one shall be among them.
UPDATE {prefix}sales_order o
JOIN {prefix}sales_order_grid g ON g.entity_id = o.entity_id
SET o.ext_order_id = :number, o.status = :status, g.ext_order_id = :number, g.status = :status
WHERE o.entity_id = :entity_id;

-- name: show_lines
UPDATE {prefix}sales_order_item
SET ext_order_item_id = JSON_UNQUOTE(JSON_EXTRACT(:lines, CONCAT('$."', item_id, '"')))
WHERE order_id = :entity_id AND item_id IN :item_ids;

-- name: show_in_grid
-- A copy of the order, as Magento makes it.
UPDATE {prefix}sales_order_grid g
JOIN {prefix}sales_order o ON o.entity_id = g.entity_id
SET g.ext_order_id = o.ext_order_id, g.status = o.status
WHERE g.entity_id = :entity_id;

-- name: add_comment
-- Once for a change, also where the process died before it could remember that it had written.
INSERT INTO {prefix}sales_order_status_history
    (parent_id, is_customer_notified, is_visible_on_front, comment, status, created_at, entity_name)
SELECT :entity_id, 0, :is_visible, :comment, :status, NOW(), 'order'
FROM DUAL
WHERE NOT EXISTS (
    SELECT 1
    FROM {prefix}sales_order_status_history known
    WHERE known.parent_id = :entity_id AND known.created_at >= :since AND known.comment = :comment
);
