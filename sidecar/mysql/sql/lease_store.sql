-- name: take_lease
UPDATE {prefix}erp_lease
SET owner = :owner, token = token + 1, acquired_at = NOW(6), expires_at = NOW(6) + INTERVAL :ttl_us MICROSECOND
WHERE role = :role AND scope = :scope AND (owner = :owner OR expires_at <= NOW(6));

-- name: make_lease
INSERT IGNORE INTO {prefix}erp_lease
    (role, scope, owner, token, acquired_at, expires_at)
VALUES
    (:role, :scope, :owner, 1, NOW(6), NOW(6) + INTERVAL :ttl_us MICROSECOND);

-- name: read_token
SELECT token
FROM {prefix}erp_lease
WHERE role = :role AND scope = :scope;

-- name: raise_token
UPDATE {prefix}erp_lease
SET token = :token
WHERE role = :role AND scope = :scope;

-- name: lock_cursor
SELECT token
FROM {prefix}erp_cursor
WHERE destination = :destination AND stream = :stream
FOR UPDATE;

-- name: fence_cursor
UPDATE {prefix}erp_cursor
SET token = :token, updated_at = NOW(6)
WHERE destination = :destination AND stream = :stream;

-- name: renew_lease
UPDATE {prefix}erp_lease
SET expires_at = NOW(6) + INTERVAL :ttl_us MICROSECOND
WHERE role = :role AND scope = :scope AND owner = :owner AND token = :token;

-- name: release_lease
UPDATE {prefix}erp_lease
SET expires_at = NOW(6)
WHERE role = :role AND scope = :scope AND owner = :owner AND token = :token;

-- name: make_changes_cursors
INSERT IGNORE INTO {prefix}erp_changes_cursor
    (destination, kind, token)
VALUES
    (:destination, :kind, 0);

-- name: lock_changes_cursors
SELECT kind, token
FROM {prefix}erp_changes_cursor
WHERE destination = :destination
ORDER BY kind
FOR UPDATE;

-- name: fence_changes_cursors
UPDATE {prefix}erp_changes_cursor
SET token = :token
WHERE destination = :destination;
