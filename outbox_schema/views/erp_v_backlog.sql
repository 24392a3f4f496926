-- How each destination stands: one row per destination and stream.
--
-- ids_behind counts ids, not events: rolled-back transactions leave gaps in the ids for ever.
--
--   destination stream    accounted_to newest ids_behind open_gaps in_flight ready waiting unknown parked held oldest_at
--   main-erp    documents         1204   1207          3         1         2     0       4       0      1    7 2025-03-02 09:14:07.120031
--   main-erp    stock             1198   1207          9         1         0     0       0       0      0    0 NULL
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_backlog AS
SELECT
    c.destination,
    c.stream,
    c.accounted_to,
    n.newest,
    CAST(n.newest AS SIGNED) - CAST(c.accounted_to AS SIGNED) AS ids_behind,
    JSON_LENGTH(c.open_gaps) AS open_gaps,
    JSON_LENGTH(c.intents) AS in_flight,
    COALESCE(d.ready, 0) AS ready,
    COALESCE(d.waiting, 0) AS waiting,
    COALESCE(d.unknown_outcome, 0) AS unknown_outcome,
    COALESCE(d.parked, 0) AS parked,
    COALESCE(d.held, 0) AS held,
    d.oldest_at,
    c.updated_at
FROM {prefix}erp_cursor c
CROSS JOIN (SELECT COALESCE(MAX(id), 0) AS newest FROM {prefix}erp_outbox) n
LEFT JOIN (
    SELECT
        destination,
        stream,
        SUM(state IN ('ready', 'retrying', 'skipping')) AS ready,
        SUM(state IN ('waiting', 'retry', 'pending')) AS waiting,
        SUM(state = 'unknown') AS unknown_outcome,
        SUM(state = 'parked') AS parked,
        SUM(state = 'held') AS held,
        MIN(first_seen_at) AS oldest_at
    FROM {prefix}erp_delivery
    GROUP BY destination, stream
) d ON d.destination = c.destination AND d.stream = c.stream;
