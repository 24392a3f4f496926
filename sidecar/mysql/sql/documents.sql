-- name: put_documents
-- An answer that tells no status, or no lines, takes away nothing that was told before.
INSERT INTO {prefix}erp_document
    (destination, entity_type, entity_id, external_ref, erp_id, erp_number, erp_status, revision, payload_sha256,
     blueprint_version, erp_lines, projected_change)
VALUES
    (:destination, :entity_type, :entity_id, :external_ref, :erp_id, :erp_number, :erp_status, :revision,
     :payload_sha256, :blueprint_version, :erp_lines, :projected_change)
ON DUPLICATE KEY UPDATE
    status_changed_at = IF(VALUES(erp_status) IN ('', erp_status), status_changed_at, NOW(6)),
    erp_status = IF(VALUES(erp_status) = '', erp_status, VALUES(erp_status)),
    external_ref = VALUES(external_ref), erp_id = VALUES(erp_id), erp_number = VALUES(erp_number),
    revision = VALUES(revision), payload_sha256 = VALUES(payload_sha256),
    blueprint_version = VALUES(blueprint_version), erp_lines = COALESCE(VALUES(erp_lines), erp_lines),
    confirmed_at = NOW(6), change_count = change_count + 1,
    projected_change = IF(entity_type = 'order', projected_change, change_count);

-- name: put_document_revisions
INSERT INTO {prefix}erp_document_revision
    (destination, entity_type, entity_id, external_ref, erp_id, erp_number, erp_status, revision, payload_sha256,
     blueprint_version)
VALUES
    (:destination, :entity_type, :entity_id, :external_ref, :erp_id, :erp_number, :erp_status, :revision,
     :payload_sha256, :blueprint_version);

-- name: record_status
-- The number of rows that matched is the answer: a status that is there already matches none.
UPDATE {prefix}erp_document
SET erp_status = :erp_status, status_changed_at = NOW(6), change_count = change_count + 1
WHERE destination = :destination AND entity_type = 'order' AND entity_id = :entity_id AND erp_status <> :erp_status;

-- name: record_lines
UPDATE {prefix}erp_document
SET erp_lines = :erp_lines, change_count = change_count + 1
WHERE destination = :destination AND entity_type = 'order' AND entity_id = :entity_id
  AND (erp_lines IS NULL OR erp_lines <> :erp_lines);

-- name: keep_revision
INSERT INTO {prefix}erp_document_revision
    (destination, entity_type, entity_id, external_ref, erp_id, erp_number, erp_status, revision, payload_sha256,
     blueprint_version)
SELECT destination, entity_type, entity_id, external_ref, erp_id, erp_number, erp_status, revision, payload_sha256,
       blueprint_version
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = 'order' AND entity_id = :entity_id;
