-- How each destination stands: one row per destination and stream.
--
-- ids_behind counts ids, not events: rolled-back transactions leave gaps in the ids for ever. held is counted up to
-- 10000; 10001 means that there are more. oldest_at is that of the oldest event that something is waited for.
--
--   destination stream    accounted_to newest ids_behind open_gaps in_flight ready waiting unknown_outcome parked paused held oldest_at
--   main-erp    documents         1204   1207          3         1         2     0       4               0      1      0    7 2025-03-02 09:14:07.120031
--   main-erp    stock             1198   1207          9         1         0     0       0               0      0      0    0 NULL
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_backlog AS
SELECT
    c.destination,
    c.stream,
    c.accounted_to,
    n.newest,
    CAST(n.newest AS SIGNED) - CAST(c.accounted_to AS SIGNED) AS ids_behind,
    JSON_LENGTH(c.open_gaps) AS open_gaps,
    JSON_LENGTH(c.intents) AS in_flight,
    COALESCE(h.ready, 0) AS ready,
    COALESCE(h.waiting, 0) AS waiting,
    COALESCE(h.unknown_outcome, 0) AS unknown_outcome,
    COALESCE(h.parked, 0) AS parked,
    COALESCE(h.paused, 0) AS paused,
    CASE
        WHEN (
            SELECT 1
            FROM {prefix}erp_delivery f FORCE INDEX ({prefix}erp_delivery_heads)
            WHERE f.destination = c.destination AND f.stream = c.stream AND f.state = 'held'
            LIMIT 1 OFFSET 10000
        ) IS NULL
        THEN (
            SELECT COUNT(*)
            FROM {prefix}erp_delivery f FORCE INDEX ({prefix}erp_delivery_heads)
            WHERE f.destination = c.destination AND f.stream = c.stream AND f.state = 'held'
        )
        ELSE 10001
    END AS held,
    h.oldest_at,
    c.updated_at
FROM {prefix}erp_cursor c
CROSS JOIN (SELECT COALESCE(MAX(id), 0) AS newest FROM {prefix}erp_outbox) n
LEFT JOIN (
    SELECT
        k.destination,
        k.stream,
        SUM(d.state IN ('ready', 'retrying', 'skipping', 'confirming')) AS ready,
        SUM(d.state IN ('waiting', 'retry', 'pending')) AS waiting,
        SUM(d.state = 'unknown') AS unknown_outcome,
        SUM(d.state = 'parked') AS parked,
        SUM(d.state = 'paused') AS paused,
        MIN(d.first_seen_at) AS oldest_at
    FROM {prefix}erp_cursor k
    STRAIGHT_JOIN (
        SELECT CONVERT('ready' USING ascii) COLLATE ascii_bin AS state
        UNION ALL SELECT CONVERT('waiting' USING ascii) COLLATE ascii_bin
        UNION ALL SELECT CONVERT('retry' USING ascii) COLLATE ascii_bin
        UNION ALL SELECT CONVERT('pending' USING ascii) COLLATE ascii_bin
        UNION ALL SELECT CONVERT('unknown' USING ascii) COLLATE ascii_bin
        UNION ALL SELECT CONVERT('parked' USING ascii) COLLATE ascii_bin
        UNION ALL SELECT CONVERT('paused' USING ascii) COLLATE ascii_bin
        UNION ALL SELECT CONVERT('retrying' USING ascii) COLLATE ascii_bin
        UNION ALL SELECT CONVERT('skipping' USING ascii) COLLATE ascii_bin
        UNION ALL SELECT CONVERT('confirming' USING ascii) COLLATE ascii_bin
    ) s
    STRAIGHT_JOIN {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
        ON d.destination = k.destination AND d.stream = k.stream AND d.state = s.state
    GROUP BY k.destination, k.stream
) h ON h.destination = c.destination AND h.stream = c.stream;
