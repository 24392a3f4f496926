-- name: latest_contract
SELECT id, destination, digest, product, terms, changes, first_seen_at, last_seen_at, accepted_by
FROM {prefix}erp_contract
WHERE destination = :destination
ORDER BY id DESC
LIMIT 1
FOR UPDATE;

-- name: accepted_contract
SELECT id, destination, digest, product, terms, changes, first_seen_at, last_seen_at, accepted_by
FROM {prefix}erp_contract
WHERE destination = :destination AND accepted_at IS NOT NULL
ORDER BY id DESC
LIMIT 1
FOR UPDATE;

-- name: read_latest
SELECT id, destination, digest, product, terms, changes, first_seen_at, last_seen_at, accepted_by
FROM {prefix}erp_contract
WHERE destination = :destination
ORDER BY id DESC
LIMIT 1;

-- name: read_accepted
SELECT id, destination, digest, product, terms, changes, first_seen_at, last_seen_at, accepted_by
FROM {prefix}erp_contract
WHERE destination = :destination AND accepted_at IS NOT NULL
ORDER BY id DESC
LIMIT 1;

-- name: history
SELECT id, destination, digest, product, NULL AS terms, changes, first_seen_at, last_seen_at, accepted_by
FROM {prefix}erp_contract
ORDER BY id DESC
LIMIT :limit;

-- name: seen_again
UPDATE {prefix}erp_contract
SET last_seen_at = NOW(6)
WHERE id = :id;

-- name: add_contract
INSERT INTO {prefix}erp_contract
    (destination, digest, product, terms, changes, first_seen_at, last_seen_at, accepted_at, accepted_by)
VALUES
    (:destination, :digest, :product, :terms, :changes, NOW(6), NOW(6), IF(:accepted_by IS NULL, NULL, NOW(6)),
     :accepted_by);

-- name: accept
UPDATE {prefix}erp_contract
SET accepted_at = NOW(6), accepted_by = :actor
WHERE id = :id AND accepted_at IS NULL;
