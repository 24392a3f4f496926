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
