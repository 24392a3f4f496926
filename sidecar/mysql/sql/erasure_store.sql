-- name: orders_of_customer
SELECT entity_id
FROM {prefix}sales_order
WHERE customer_id = :customer_id;

-- name: last_order
SELECT COALESCE(MAX(entity_id), 0) AS entity_id
FROM {prefix}sales_order;

-- name: orders_of_email
-- Magento has no index on the address: a range of orders at a time, by their key.
SELECT entity_id
FROM {prefix}sales_order
WHERE entity_id > :after AND entity_id <= :upto AND customer_email = :email;

-- name: outbox_ends
SELECT COALESCE(MIN(id), 0) AS first, COALESCE(MAX(id), 0) AS last
FROM {prefix}erp_outbox;

-- name: events_of_person
SELECT id, type, lane
FROM {prefix}erp_outbox
WHERE id > :after AND id <= :upto AND (lane IN :lanes OR payload REGEXP :pattern)
ORDER BY id;

-- name: delivery_of
SELECT outbox_id
FROM {prefix}erp_delivery
WHERE destination = :destination AND outbox_id IN :ids;

-- name: lock_payloads
SELECT id, payload
FROM {prefix}erp_outbox
WHERE id IN :ids
FOR UPDATE;

-- name: erase_payload
UPDATE {prefix}erp_outbox
SET payload = :payload, payload_bytes = :payload_bytes
WHERE id = :id;

-- name: erase_receipts
-- How it was done with, and when, stays; what a person wrote beside it goes.
UPDATE {prefix}erp_receipt
SET detail = :erased
WHERE outbox_id IN :ids AND destination = :destination AND detail <> '' AND outcome <> 'unrouted';

-- name: erase_rejections
-- An ERP may have quoted the customer.
UPDATE {prefix}erp_rejection
SET fault = :erased, hint = ''
WHERE outbox_id IN :ids AND destination = :destination;

-- name: edits
SELECT id, payload_before, payload_after
FROM {prefix}erp_event_edit
WHERE lane IN :lanes
FOR UPDATE;

-- name: erase_edit
UPDATE {prefix}erp_event_edit
SET payload_before = :payload_before, payload_after = :payload_after
WHERE id = :id;

-- name: actions_page
SELECT id, lane AS subject
FROM {prefix}erp_operator_action
WHERE id > :after
ORDER BY id
LIMIT :limit;

-- name: erase_actions
UPDATE {prefix}erp_operator_action
SET reason = :erased, fault_before = IF(fault_before IS NULL, NULL, :erased), detail = IF(detail IS NULL, NULL, :erased)
WHERE id IN :ids;

-- name: findings_page
SELECT id, subject
FROM {prefix}erp_finding
WHERE id > :after
ORDER BY id
LIMIT :limit;

-- name: erase_findings
UPDATE {prefix}erp_finding
SET magento_value = :erased, erp_value = :erased
WHERE id IN :ids;
