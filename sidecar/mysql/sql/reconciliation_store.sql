-- name: documents_page
SELECT entity_id, external_ref, erp_id, erp_number, revision, payload_sha256, erp_status,
       TIMESTAMPDIFF(MICROSECOND, confirmed_at, NOW(6)) AS confirmed_age_us
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = 'order' AND entity_id > :after
ORDER BY entity_id
LIMIT :limit;

-- name: documents_of
SELECT entity_id, external_ref, erp_id, erp_number, revision, payload_sha256, erp_status,
       TIMESTAMPDIFF(MICROSECOND, confirmed_at, NOW(6)) AS confirmed_age_us
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = 'order' AND entity_id IN :entity_ids;

-- name: lanes_in_delivery
SELECT DISTINCT lane
FROM {prefix}erp_delivery
WHERE destination = :destination AND lane IN :lanes;

-- name: lanes_above_cursor
SELECT DISTINCT o.lane
FROM {prefix}erp_outbox o
LEFT JOIN {prefix}erp_receipt r ON r.destination = :destination AND r.outbox_id = o.id
WHERE o.id > :after AND o.lane IN :lanes AND r.outbox_id IS NULL;

-- name: lanes_in_gap
SELECT DISTINCT o.lane
FROM {prefix}erp_outbox o
LEFT JOIN {prefix}erp_receipt r ON r.destination = :destination AND r.outbox_id = o.id
WHERE o.id BETWEEN :first AND :last AND o.lane IN :lanes AND r.outbox_id IS NULL;

-- name: record_run
INSERT INTO {prefix}erp_reconciliation_run
    (check_name, destination, compared, excused, findings, complete)
VALUES
    (:check, :destination, :compared, :excused, :findings, :complete);

-- name: last_run
SELECT finished_at, TIMESTAMPDIFF(MICROSECOND, finished_at, NOW(6)) AS age_us
FROM {prefix}erp_reconciliation_run
WHERE destination = :destination AND check_name = :check AND complete = 1
ORDER BY id DESC
LIMIT 1;
