-- name: stream_cursors
SELECT destination, stream, accounted_to, open_gaps, intents
FROM {prefix}erp_cursor
ORDER BY destination, stream;

-- name: without_receipt
-- Stock deltas are accounted for by windows, everything else by a receipt of its own, or in a range. What was there
-- before the destination's start is none of its own.
SELECT o.id, o.event_id, o.type, o.lane
FROM {prefix}erp_outbox o
LEFT JOIN {prefix}erp_receipt r ON r.destination = :destination AND r.outbox_id = o.id
WHERE o.id BETWEEN :first AND :last AND o.type NOT IN :stock_types AND r.outbox_id IS NULL
  AND o.id > (SELECT c.started_after FROM {prefix}erp_cursor c
              WHERE c.destination = :destination AND c.stream = 'documents')
ORDER BY o.id;

-- name: ranges_from
-- In the order of their ends: those that reach into the chunk come first, and no more than the chunk has ids.
SELECT first_id, last_id, holes
FROM {prefix}erp_receipt_range
WHERE destination = :destination AND last_id >= :first
ORDER BY last_id
LIMIT :limit;
