-- Revision 0006: orders that wait; views that stay quick beside a million held events.

-- Which orders wait for their release, and why.
--
-- Amounts are in the order's base currency. to_pay is what is left of the order after cancellations. The reason is the
-- one of the latest judgement; the rules, and their deadlines, stand in the blueprint.
--
--   destination outbox_id increment_id state           status          payment_method to_pay  authorized paid   reason                             placed_at           waiting_since
--   main-erp         1201 000000042    processing      processing      adyen_cc       35.0000    35.0000 0.0000 not paid in full                   2025-03-02 09:14:07 2025-03-02 09:14:07.120031
--   main-erp         1207 000000043    payment_review  fraud           paypal_express 99.0000     0.0000 0.0000 the order is in payment_review     2025-03-02 09:20:51 2025-03-02 09:20:51.500002
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_waiting AS
SELECT
    d.destination,
    d.outbox_id,
    o.increment_id,
    o.state,
    o.status,
    p.method AS payment_method,
    COALESCE(o.base_grand_total, 0) - COALESCE(o.base_total_canceled, 0) AS to_pay,
    COALESCE(p.base_amount_authorized, 0) AS authorized,
    COALESCE(o.base_total_paid, 0) AS paid,
    d.reason,
    o.created_at AS placed_at,
    d.first_seen_at AS waiting_since
FROM {prefix}erp_cursor c
STRAIGHT_JOIN {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
    ON d.destination = c.destination AND d.stream = 'documents' AND d.state = 'waiting'
STRAIGHT_JOIN {prefix}sales_order o ON o.entity_id = CAST(SUBSTRING(d.lane, 7) AS UNSIGNED)
LEFT JOIN {prefix}sales_order_payment p ON p.entity_id = (
    SELECT MIN(q.entity_id)
    FROM {prefix}sales_order_payment q
    WHERE q.parent_id = o.entity_id
)
WHERE c.stream = 'documents' AND LEFT(d.lane, 6) = 'order:';

-- What awaits a person: parked events, and unknown outcomes that nothing but a person can find out.
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
) s
STRAIGHT_JOIN {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
    ON d.destination = c.destination AND d.stream = c.stream AND d.state = s.state
LEFT JOIN {prefix}erp_outbox o ON o.id = d.outbox_id
WHERE d.state = 'parked' OR d.next_attempt_at IS NULL;

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
