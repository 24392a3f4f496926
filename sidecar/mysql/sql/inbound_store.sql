-- name: due
-- One of each order, the oldest; an order that a call is under way or lost about waits until that is known.
SELECT d.id, d.kind, d.erp_id, d.erp_number, d.version, d.entity_id, d.document, d.state, d.attempts, d.waits,
       TIMESTAMPDIFF(MICROSECOND, NOW(6), d.next_attempt_at) AS due_in_us, d.reason, d.fault, d.hint, d.ask,
       TIMESTAMPDIFF(MICROSECOND, d.called_at, NOW(6)) AS called_us, d.resubmitted, d.magento_id, d.decision
FROM {prefix}erp_inbound_document d FORCE INDEX ({prefix}erp_inbound_document_due)
WHERE d.destination = :destination AND d.next_attempt_at <= NOW(6)
  AND (d.state = 'unknown' OR NOT EXISTS (
      SELECT 1
      FROM {prefix}erp_inbound_document o FORCE INDEX ({prefix}erp_inbound_document_orders)
      WHERE o.entity_id = d.entity_id AND o.id <> d.id
        AND (o.state IN ('calling', 'unknown') OR o.id < d.id AND o.next_attempt_at <= NOW(6))
  ))
ORDER BY d.next_attempt_at
LIMIT :limit;

-- name: doubt_calls
UPDATE {prefix}erp_inbound_document
SET state = 'unknown', next_attempt_at = NOW(6), reason = 'the sidecar ended while Magento was asked'
WHERE destination = :destination AND state = 'calling';

-- name: lock_order
SELECT id, state, attempts, version
FROM {prefix}erp_inbound_document FORCE INDEX ({prefix}erp_inbound_document_orders)
WHERE entity_id = :entity_id
ORDER BY id
FOR UPDATE;

-- name: begin
UPDATE {prefix}erp_inbound_document
SET state = 'calling', attempts = attempts + 1, ask = :ask, called_at = NOW(6), next_attempt_at = NULL, reason = '',
    fault = '', hint = '', decision = IF(decision = 'retry', '', decision)
WHERE id = :id AND state = :state AND attempts = :attempts AND version = :version;

-- name: settle
-- What the ERP has changed meanwhile is judged anew as soon as the outcome of the call is known.
UPDATE {prefix}erp_inbound_document
SET next_attempt_at = IF(:state = 'done' AND version <> :version, NOW(6), NOW(6) + INTERVAL :delay_us MICROSECOND),
    state = IF(:state = 'done' AND version <> :version, 'new', :state),
    reason = :reason, fault = :fault, hint = :hint, ask = COALESCE(:ask, ask),
    magento_id = COALESCE(:magento_id, magento_id), resubmitted = :resubmitted, waits = waits + :waited
WHERE id = :id AND state = :state_before AND attempts = :attempts;

-- name: put_shortage
-- Told again with other quantities it is a new question, and a person is asked anew.
INSERT INTO {prefix}erp_inbound_document
    (destination, kind, erp_id, erp_number, version, entity_id, document, state, fault)
VALUES
    (:destination, :kind, :erp_id, :erp_number, :version, :entity_id, :document, 'new', '')
ON DUPLICATE KEY UPDATE
    state = IF(version = VALUES(version), state, 'new'),
    next_attempt_at = IF(version = VALUES(version), next_attempt_at, NOW(6)),
    decision = IF(version = VALUES(version), decision, ''),
    document = VALUES(document), version = VALUES(version);

-- name: wake_shortages
-- Something was shipped or refunded: what asks for the rest is looked at again. It ends, as each look needs a DONE.
UPDATE {prefix}erp_inbound_document
SET state = 'new', next_attempt_at = NOW(6)
WHERE entity_id = :entity_id AND kind = 'shortage' AND id <> :id AND state IN ('waiting', 'parked');

-- name: confirmed
SELECT COUNT(*) AS documents
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = 'order' AND entity_id = :entity_id;

-- name: others
SELECT d.id, d.kind, d.erp_id, d.erp_number, d.version, d.entity_id, d.document, d.state, d.attempts, d.waits,
       TIMESTAMPDIFF(MICROSECOND, NOW(6), d.next_attempt_at) AS due_in_us, d.reason, d.fault, d.hint, d.ask,
       TIMESTAMPDIFF(MICROSECOND, d.called_at, NOW(6)) AS called_us, d.resubmitted, d.magento_id, d.decision
FROM {prefix}erp_inbound_document d
WHERE d.entity_id = :entity_id AND d.destination = :destination AND d.id <> :id
ORDER BY d.id;

-- name: claimed
SELECT magento_id
FROM {prefix}erp_inbound_document
WHERE entity_id = :entity_id AND kind IN :kinds AND id <> :id AND magento_id IS NOT NULL;

-- name: open_documents
SELECT d.id, d.destination, d.kind, d.erp_id, d.erp_number, d.version, d.entity_id, d.document, d.state, d.attempts,
       d.waits, TIMESTAMPDIFF(MICROSECOND, NOW(6), d.next_attempt_at) AS due_in_us, d.reason, d.fault, d.hint, d.ask,
       TIMESTAMPDIFF(MICROSECOND, d.called_at, NOW(6)) AS called_us, d.resubmitted, d.magento_id, d.decision
FROM {prefix}erp_inbound_document d FORCE INDEX ({prefix}erp_inbound_document_states)
WHERE d.state IN :states
ORDER BY d.state = 'parked' DESC, d.id
LIMIT :limit;

-- name: count_open
SELECT destination, state, COUNT(*) AS documents
FROM {prefix}erp_inbound_document FORCE INDEX ({prefix}erp_inbound_document_states)
WHERE state IN :states
GROUP BY destination, state;

-- name: document
SELECT d.id, d.destination, d.kind, d.erp_id, d.erp_number, d.version, d.entity_id, d.document, d.state, d.attempts,
       d.waits, TIMESTAMPDIFF(MICROSECOND, NOW(6), d.next_attempt_at) AS due_in_us, d.reason, d.fault, d.hint, d.ask,
       TIMESTAMPDIFF(MICROSECOND, d.called_at, NOW(6)) AS called_us, d.resubmitted, d.magento_id, d.decision
FROM {prefix}erp_inbound_document d
WHERE d.id = :id;

-- name: lock_document
SELECT id, destination, kind, erp_number, entity_id, state, fault, ask, magento_id, decision
FROM {prefix}erp_inbound_document
WHERE id = :id
FOR UPDATE;

-- name: decide
UPDATE {prefix}erp_inbound_document
SET state = :state, next_attempt_at = IF(:state IN ('new', 'unknown'), NOW(6), NULL), decision = :decision,
    reason = :reason, hint = '', waits = 0, resubmitted = FALSE
WHERE id = :id;

-- name: record_decision
INSERT INTO {prefix}erp_operator_action
    (action, actor, reason, destination, lane, state_before, fault_before, detail)
VALUES
    (:action, :actor, :reason, :destination, :lane, :state, :fault, :detail);
