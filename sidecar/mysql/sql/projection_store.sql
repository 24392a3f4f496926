-- name: due_documents
-- Indexes are named, here and below: to an optimiser whose figures are old, each of them looks as good as the others.
SELECT entity_id, external_ref, erp_id, erp_number, revision, payload_sha256, erp_status,
       change_count, projected_change, confirmed_at, TIMESTAMPDIFF(MICROSECOND, confirmed_at, NOW(6)) AS confirmed_age_us
FROM {prefix}erp_document FORCE INDEX ({prefix}erp_document_due)
WHERE destination = :destination AND is_due = 1 AND entity_type = 'order'
  AND (confirmed_at > :confirmed_at OR confirmed_at = :confirmed_at AND entity_id > :entity_id)
ORDER BY confirmed_at, entity_id
LIMIT :limit;

-- name: overwritten_lately
-- A save moves updated_at; so do we, once per acknowledgement.
SELECT d.entity_id, d.external_ref, d.erp_id, d.erp_number, d.revision, d.payload_sha256, d.erp_status,
       d.change_count, d.projected_change, TIMESTAMPDIFF(MICROSECOND, d.confirmed_at, NOW(6)) AS confirmed_age_us
FROM {prefix}sales_order o
STRAIGHT_JOIN {prefix}erp_document d
    ON d.destination = :destination AND d.entity_type = 'order' AND d.entity_id = o.entity_id
WHERE o.updated_at >= NOW() - INTERVAL 15 MINUTE AND d.projected_change > 0
  AND NOT (CONVERT(o.ext_order_id USING utf8mb4) COLLATE utf8mb4_bin <=> d.erp_number)
LIMIT :limit;

-- name: next_documents
SELECT entity_id
FROM {prefix}erp_document FORCE INDEX (PRIMARY)
WHERE destination = :destination AND entity_type = 'order' AND entity_id > :after
ORDER BY entity_id
LIMIT :limit;

-- name: overwritten_between
SELECT d.entity_id, d.external_ref, d.erp_id, d.erp_number, d.revision, d.payload_sha256, d.erp_status,
       d.change_count, d.projected_change, TIMESTAMPDIFF(MICROSECOND, d.confirmed_at, NOW(6)) AS confirmed_age_us
FROM {prefix}erp_document d FORCE INDEX (PRIMARY)
JOIN {prefix}sales_order o ON o.entity_id = d.entity_id
WHERE d.destination = :destination AND d.entity_type = 'order' AND d.entity_id > :after AND d.entity_id <= :upto
  AND d.projected_change > 0
  AND NOT (CONVERT(o.ext_order_id USING utf8mb4) COLLATE utf8mb4_bin <=> d.erp_number)
LIMIT :limit;

-- name: mark_projected
UPDATE {prefix}erp_document
SET projected_change = GREATEST(projected_change, :change), projected_at = NOW(6)
WHERE destination = :destination AND entity_type = 'order' AND entity_id = :entity_id;
