-- name: awaited_entries
-- The index finds the parked heads; there is none on missing, as these are all that have one.
SELECT destination, missing, COUNT(*) AS events, MIN(outbox_id) AS first,
       TIMESTAMPDIFF(MICROSECOND, MIN(changed_at), NOW(6)) AS age_us
FROM {prefix}erp_delivery FORCE INDEX ({prefix}erp_delivery_heads)
WHERE destination IN :destinations AND stream = 'documents' AND state = 'parked' AND missing IS NOT NULL
GROUP BY destination, missing
ORDER BY events DESC, destination, missing
LIMIT :limit;

-- name: waiting_for
-- A store of -1 stands for all of them.
SELECT d.outbox_id
FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
LEFT JOIN {prefix}erp_outbox o ON o.id = d.outbox_id
WHERE d.destination = :destination AND d.stream = 'documents' AND d.state = 'parked' AND d.missing = :missing
  AND (-1 IN :stores OR o.store_id IN :stores)
ORDER BY d.outbox_id
LIMIT :most;

-- name: release_waiting
UPDATE {prefix}erp_delivery
SET state = 'retrying', next_attempt_at = NULL, reason = :reason
WHERE destination = :destination AND outbox_id IN :ids AND state = 'parked' AND missing = :missing;
