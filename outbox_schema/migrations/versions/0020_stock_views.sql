-- Revision 0020: the lines of a SKU are found by an index, and two views tell people where stock changes went.
ALTER TABLE {prefix}erp_stock_window_line
    ADD KEY {prefix}erp_stock_window_line_sku (sku, window_id);

-- What became of each stock window: changes in, lines out, calls, and what keeps it.
--
-- lines_out are those with something to send; refused and held ones of them wait for a person. calls sent it, look-ups
-- do not count. age_s is from its freezing to its end, or to now. kept_by is empty for one that is done whole.
--
--   destination warehouse sequence kind     state   changes lines_out refused held calls erp_number age_s kept_by
--   main-erp    W1              12 movement booked      118        20       1    0     1 MV-1007        2 1 line refused or held: erp-sidecar stock line list
--   main-erp    W1              13 movement parked       90        18       0    0     3 NULL         340 the period is closed
--   main-erp    W1              14 movement frozen      104        20       0    0     0 NULL          40 window 13, which is parked
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_stock_windows AS
SELECT
    w.destination,
    w.warehouse,
    w.sequence,
    w.kind,
    w.state,
    (SELECT COALESCE(SUM(l.deltas), 0) FROM {prefix}erp_stock_window_line l WHERE l.window_id = w.id) AS changes,
    (SELECT COUNT(*) FROM {prefix}erp_stock_window_line l WHERE l.window_id = w.id AND l.quantity <> 0) AS lines_out,
    (
        SELECT COUNT(*)
        FROM {prefix}erp_stock_window_line l
        WHERE l.window_id = w.id AND l.state IN ('parked', 'retrying', 'skipping')
    ) AS refused,
    (SELECT COUNT(*) FROM {prefix}erp_stock_window_line l WHERE l.window_id = w.id AND l.state = 'held') AS held,
    w.attempts AS calls,
    w.erp_number,
    w.frozen_at,
    w.settled_at,
    TIMESTAMPDIFF(SECOND, w.frozen_at, COALESCE(w.settled_at, NOW(6))) AS age_s,
    CASE
        WHEN w.state = 'parked' THEN w.fault
        WHEN w.state = 'unknown' THEN CONCAT('its outcome is unknown; ', COALESCE(CONCAT('looked up at ', w.next_attempt_at), 'looked up next'))
        WHEN w.state = 'sending' THEN 'a call under way'
        WHEN w.state = 'frozen' THEN COALESCE(
            (
                SELECT CONCAT('window ', e.sequence, ', which is ', e.state)
                FROM {prefix}erp_stock_window e
                WHERE e.destination = w.destination AND e.warehouse = w.warehouse AND e.sequence < w.sequence
                  AND e.state IN ('frozen', 'sending', 'unknown', 'parked')
                ORDER BY e.sequence
                LIMIT 1
            ),
            CONCAT('sent again at ', w.next_attempt_at),
            'its turn'
        )
        WHEN w.state IN ('booked', 'held') THEN COALESCE(
            (
                SELECT CONCAT(COUNT(*), IF(COUNT(*) = 1, ' line', ' lines'), ' refused or held: erp-sidecar stock line list')
                FROM {prefix}erp_stock_window_line l
                WHERE l.window_id = w.id AND l.state IN ('parked', 'held', 'retrying', 'skipping')
                HAVING COUNT(*) > 0
            ),
            ''
        )
        ELSE ''
    END AS kept_by
FROM {prefix}erp_stock_window w;

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
