-- Which stock changes each line of each window is made of: one row per line, with the ids of its changes. By window, by
-- change (named with its SKU, or every line there is has to be looked into), and with what the outbox still has of them:
--
--   SELECT * FROM erp_v_stock_lineage WHERE destination = 'main-erp' AND warehouse = 'W1' AND sequence = 12;
--   SELECT * FROM erp_v_stock_lineage WHERE sku = 'TEE-S' AND JSON_CONTAINS(members, '1201');
--   SELECT l.sequence, l.sku, l.line_state, m.outbox_id, o.occurred_at_us
--   FROM erp_v_stock_lineage l
--   JOIN JSON_TABLE(CONCAT(l.members), '$[*]' COLUMNS (outbox_id BIGINT UNSIGNED PATH '$')) m
--   LEFT JOIN erp_outbox o ON o.id = m.outbox_id
--   WHERE l.destination = 'main-erp' AND l.warehouse = 'W1' AND l.sequence = 12;
--
-- The view does not unfold the list itself: a view with JSON_TABLE in it goes into a dump with the schema's name before
-- each table, and a copy under another name could not be restored. (CONCAT is for MySQL, which wants an expression.)
--
-- A change counts once for each destination: where is_counted is 0, the line was carried into a later window, which has
-- the change too. members is NULL of lines that were frozen before ids were kept; after_id, upto_id, holes and late_ids
-- of erp_stock_window tell what they were made of.
--
--   destination warehouse sequence kind     window_state line sku   quantity line_state is_counted changes members
--   main-erp    W1              12 movement booked          1 TEE-S       -3 carried             0       2 [1201,1203]
--   main-erp    W1              12 movement booked          2 MUG          1 booked              1       1 [1204]
--   main-erp    W1              13 movement frozen          1 TEE-S       -5 open                1       3 [1201,1203,1210]
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_stock_lineage AS
SELECT
    w.destination,
    w.warehouse,
    w.sequence,
    w.kind,
    w.state AS window_state,
    l.line,
    l.sku,
    l.quantity,
    l.state AS line_state,
    l.state <> 'carried' AS is_counted,
    l.deltas AS changes,
    l.members
FROM {prefix}erp_stock_window w
JOIN {prefix}erp_stock_window_line l ON l.window_id = w.id;
