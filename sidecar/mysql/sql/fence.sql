-- name: fence
-- The first statement of every write that quotes a token but leaves the cursor where it is.
UPDATE {prefix}erp_cursor
SET updated_at = NOW(6)
WHERE destination = :destination AND stream = :stream AND token = :token;

-- name: write_cursor
UPDATE {prefix}erp_cursor
SET accounted_to = :accounted_to, open_gaps = :open_gaps, intents = :intents, held_because = :held_because,
    updated_at = NOW(6)
WHERE destination = :destination AND stream = :stream AND token = :token;

-- name: read_cursor
SELECT accounted_to, open_gaps, intents, held_because
FROM {prefix}erp_cursor
WHERE destination = :destination AND stream = :stream;

-- name: lock_stream
SELECT destination, stream, accounted_to, open_gaps, intents
FROM {prefix}erp_cursor
WHERE destination = :destination AND stream = :stream
FOR UPDATE;

-- name: open_again
-- The token grows: the relay that owns the stream finds itself fenced out, and reads the cursor anew.
UPDATE {prefix}erp_cursor
SET open_gaps = :open_gaps, token = token + 1, updated_at = NOW(6)
WHERE destination = :destination AND stream = :stream;
