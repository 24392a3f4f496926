-- name: shipment_numbers
SELECT entity_id, increment_id
FROM {prefix}sales_shipment
WHERE entity_id IN :ids;

-- name: invoice_numbers
SELECT entity_id, increment_id
FROM {prefix}sales_invoice
WHERE entity_id IN :ids;

-- name: creditmemo_numbers
SELECT entity_id, increment_id
FROM {prefix}sales_creditmemo
WHERE entity_id IN :ids;
