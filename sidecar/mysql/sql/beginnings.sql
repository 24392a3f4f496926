-- name: known_streams
SELECT stream
FROM {prefix}erp_cursor
WHERE destination = :destination;

-- name: other_destinations
SELECT DISTINCT destination
FROM {prefix}erp_cursor
WHERE destination <> :destination
ORDER BY destination;

-- name: make_cursor
INSERT IGNORE INTO {prefix}erp_cursor
    (destination, stream, token, accounted_to, open_gaps, intents, start_rule, started_after)
VALUES
    (:destination, :stream, 0, :accounted_to, :open_gaps, '[]', :start_rule, :accounted_to);

-- name: ends
-- What was purged before cannot be read, and must not look like a gap.
SELECT COALESCE(MAX(id), 0) AS newest, (SELECT COALESCE(MAX(floor_id), 0) FROM {prefix}erp_outbox_floor) AS floor,
       CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS UNSIGNED) AS now_us
FROM {prefix}erp_outbox;

-- name: event_from
SELECT id, occurred_at_us
FROM {prefix}erp_outbox
WHERE id >= :id
ORDER BY id
LIMIT 1;

-- name: event_since
SELECT id
FROM {prefix}erp_outbox
WHERE id >= :id AND occurred_at_us >= :since_us
ORDER BY id
LIMIT 1;

-- name: events_upto
SELECT COUNT(*) AS events, MIN(id) AS first_id
FROM {prefix}erp_outbox
WHERE id <= :upto;

-- name: missing_ids
SELECT previous_id + 1 AS first_id, id - 1 AS last_id
FROM (
    SELECT id, COALESCE(LAG(id) OVER (ORDER BY id), :floor) AS previous_id
    FROM {prefix}erp_outbox
    WHERE id > :floor AND id <= :upto
) seen
WHERE id > previous_id + 1
ORDER BY id;
