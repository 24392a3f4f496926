-- name: read_tail
SELECT id, event_id, type, schema_version, COALESCE(lane, CONCAT('#', id)), aggregate_id, store_id, occurred_at_us,
       trace_parent, origin, aggregate_type, NULL
FROM {prefix}erp_outbox
WHERE id > :after
ORDER BY id
LIMIT :limit;

-- name: read_fresh
-- Small payloads come along, which saves a round trip; a large one is read when it is due.
SELECT id, event_id, type, schema_version, COALESCE(lane, CONCAT('#', id)), aggregate_id, store_id, occurred_at_us,
       trace_parent, origin, aggregate_type, IF(payload_bytes <= :payload_limit, payload, NULL)
FROM {prefix}erp_outbox
WHERE id > :after
ORDER BY id
LIMIT :limit;

-- name: read_stock
-- Few columns, and payloads only of the stream's own events: it is read to the end after every restart.
SELECT id, event_id, type, schema_version, origin,
       IF(type IN :types AND payload_bytes <= :payload_limit, payload, NULL)
FROM {prefix}erp_outbox
WHERE id > :after
ORDER BY id
LIMIT :limit;

-- name: read_extent
-- Most pages fit, and then nobody needs the size of each payload.
SELECT COUNT(*) AS events, MAX(id) AS upto, SUM(payload_bytes) AS size
FROM (
    SELECT id, payload_bytes
    FROM {prefix}erp_outbox
    WHERE id > :after
    ORDER BY id
    LIMIT :limit
) page;

-- name: read_sizes
SELECT id, payload_bytes
FROM {prefix}erp_outbox
WHERE id > :after
ORDER BY id
LIMIT :limit;

-- name: read_whole
SELECT id, event_id, type, schema_version, COALESCE(lane, CONCAT('#', id)), aggregate_id, store_id, occurred_at_us,
       trace_parent, origin, aggregate_type, payload
FROM {prefix}erp_outbox
WHERE id > :after AND id <= :upto
ORDER BY id;

-- name: read_events
SELECT id, event_id, type, schema_version, COALESCE(lane, CONCAT('#', id)), aggregate_id, store_id, occurred_at_us,
       trace_parent, origin, aggregate_type, NULL
FROM {prefix}erp_outbox
WHERE id IN :ids
ORDER BY id
LIMIT :limit;

-- name: read_gap
SELECT id, event_id, type, schema_version, COALESCE(lane, CONCAT('#', id)), aggregate_id, store_id, occurred_at_us,
       trace_parent, origin, aggregate_type, NULL
FROM {prefix}erp_outbox
WHERE id BETWEEN :first AND :last
ORDER BY id
LIMIT :limit;

-- name: read_payloads
SELECT id, payload
FROM {prefix}erp_outbox
WHERE id IN :ids;

-- name: read_edits
-- Ascending, so that the latest edit of an event is the last to be read.
SELECT outbox_id, payload_after
FROM {prefix}erp_event_edit
WHERE destination = :destination AND outbox_id IN :ids AND edited_by <> :left_out
ORDER BY outbox_id, id;

-- name: enter_transaction
-- Only a transaction that has read an InnoDB table is listed by the server, our own included.
SELECT COUNT(*) AS rows_seen
FROM {prefix}erp_cursor
WHERE destination = '' AND stream = '';

-- name: alive_transactions
-- The mark comes first: the server shows only the beginning of a long query. A transaction that has changed nothing
-- and runs no statement on a table holds no id: a snapshot that somebody keeps for hours keeps no gap open.
SELECT :mark AS mark, trx_mysql_thread_id AS thread_id, CAST(trx_started AS CHAR) AS started,
       trx_query LIKE CONCAT('%', :mark, '%') AS is_marked, CONNECTION_ID() AS own_id,
       trx_rows_modified > 0 OR trx_tables_in_use > 0 AS may_hold_an_id
FROM information_schema.innodb_trx;
