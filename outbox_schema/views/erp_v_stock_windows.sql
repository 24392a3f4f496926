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
