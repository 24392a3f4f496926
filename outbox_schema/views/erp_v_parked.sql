-- What awaits a person: parked events, unknown outcomes that nothing but a person can find out, and documents that the
-- ERP has accepted and not done within the time that the blueprint gives it.
--
-- missing is the entry of a code map, or of the ERP's master data, that it waits for: group by it.
--
-- followers counts later events of the same lane that are held behind it, up to 1000; 1001 means that there are more.
--
--   destination outbox_id lane     type        state  attempts reason             fault                        followers
--   main-erp         1201 order:42 OrderPlaced parked        1 the ERP refused it VAT_ID: not valid (DE12 ...)         7
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_parked AS
SELECT
    d.destination,
    d.outbox_id,
    d.stream,
    d.lane,
    o.type,
    o.aggregate_id,
    d.state,
    d.attempts,
    d.reason,
    d.fault,
    d.hint,
    d.missing,
    CASE
        WHEN (
            SELECT 1
            FROM {prefix}erp_delivery f FORCE INDEX ({prefix}erp_delivery_heads)
            WHERE f.destination = d.destination AND f.stream = 'documents' AND f.state = 'held' AND f.lane = d.lane
            LIMIT 1 OFFSET 1000
        ) IS NULL
        THEN (
            SELECT COUNT(*)
            FROM {prefix}erp_delivery f FORCE INDEX ({prefix}erp_delivery_heads)
            WHERE f.destination = d.destination AND f.stream = 'documents' AND f.state = 'held' AND f.lane = d.lane
        )
        ELSE 1001
    END AS followers,
    d.first_seen_at,
    d.changed_at
FROM {prefix}erp_cursor c
STRAIGHT_JOIN (
    SELECT CONVERT('parked' USING ascii) COLLATE ascii_bin AS state
    UNION ALL
    SELECT CONVERT('unknown' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('pending' USING ascii) COLLATE ascii_bin
) s
STRAIGHT_JOIN {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
    ON d.destination = c.destination AND d.stream = c.stream AND d.state = s.state
LEFT JOIN {prefix}erp_outbox o ON o.id = d.outbox_id
WHERE d.state = 'parked' OR d.overdue OR (d.state = 'unknown' AND d.next_attempt_at IS NULL);
