-- What ERPs did that Magento does not show yet, and why: documents on their way, and those that await a person.
--
--   id destination kind     erp_number order     state  attempts reason                        hint
--   17 main-erp    delivery 8000123    000000042 parked        0 3 x MUG to ship, of which ... correct it in the ERP ...
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_inbound AS
SELECT
    d.id,
    d.destination,
    d.kind,
    d.erp_number,
    o.increment_id AS order_number,
    d.entity_id,
    d.state,
    d.attempts,
    d.waits,
    d.reason,
    d.fault,
    d.hint,
    d.next_attempt_at,
    d.called_at,
    d.first_seen_at,
    d.changed_at
FROM (
    SELECT CONVERT('parked' USING ascii) COLLATE ascii_bin AS state
    UNION ALL
    SELECT CONVERT('unknown' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('waiting' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('calling' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('retry' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('new' USING ascii) COLLATE ascii_bin
) s
STRAIGHT_JOIN {prefix}erp_inbound_document d FORCE INDEX ({prefix}erp_inbound_document_states) ON d.state = s.state
LEFT JOIN {prefix}sales_order o ON o.entity_id = d.entity_id;
