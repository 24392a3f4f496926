-- name: positions
SELECT kind, position
FROM {prefix}erp_changes_cursor
WHERE destination = :destination;

-- name: statuses
SELECT entity_id, erp_status
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = 'order' AND entity_id IN :entity_ids;

-- name: move_on
-- The first statement of every page: a reader whose lease is gone matches no row, and writes nothing.
UPDATE {prefix}erp_changes_cursor
SET position = :position, entries = entries + :entries, read_at = NOW(6)
WHERE destination = :destination AND kind = :kind AND token = :token;

-- name: known_documents
SELECT id, erp_id, version, state
FROM {prefix}erp_inbound_document
WHERE destination = :destination AND kind = :kind AND erp_id IN :erp_ids
ORDER BY id
FOR UPDATE;

-- name: put_documents
INSERT INTO {prefix}erp_inbound_document
    (destination, kind, erp_id, erp_number, version, entity_id, document, state, fault)
VALUES
    (:destination, :kind, :erp_id, :erp_number, :version, :entity_id, :document, :state, :fault);

-- name: change_document
-- What a person has put aside stays there, and what Magento may be making is judged when it is known.
UPDATE {prefix}erp_inbound_document
SET erp_number = :erp_number, version = :version, document = :document,
    next_attempt_at = IF(state IN ('calling', 'unknown', 'skipped', 'ignored'), next_attempt_at, NOW(6)),
    waits = 0,
    state = IF(state IN ('calling', 'unknown', 'skipped', 'ignored'), state, 'new')
WHERE id = :id;
