-- name: due
-- News of documents, news of rejections, and rejections that are not shown any more: one look, which is cheap where
-- there is nothing. Indexes are named, here and below: to an optimiser whose figures are old, each of them looks as good
-- as the others.
SELECT kind, entity_id, confirmed_at, outbox_id
FROM (
    (SELECT 'document' AS kind, entity_id, confirmed_at, 0 AS outbox_id
     FROM {prefix}erp_document FORCE INDEX ({prefix}erp_document_due)
     WHERE destination = :destination AND is_due = 1 AND entity_type = 'order'
       AND (confirmed_at > :confirmed_at OR confirmed_at = :confirmed_at AND entity_id > :entity_id)
     ORDER BY confirmed_at, entity_id
     LIMIT :limit)
    UNION ALL
    (SELECT 'rejection', entity_id, told_at, outbox_id
     FROM {prefix}erp_rejection FORCE INDEX ({prefix}erp_rejection_news)
     WHERE destination = :destination AND projected_at IS NULL AND outbox_id > :outbox_id
     ORDER BY outbox_id
     LIMIT :limit)
    UNION ALL
    (SELECT 'overwritten', r.entity_id, r.told_at, r.outbox_id
     FROM {prefix}erp_rejection r FORCE INDEX ({prefix}erp_rejection_open)
     STRAIGHT_JOIN {prefix}sales_order o ON o.entity_id = r.entity_id
     WHERE r.destination = :destination AND r.resolved_at IS NULL AND r.projected_at IS NOT NULL
       AND NOT (CONVERT(o.status USING utf8mb4) COLLATE utf8mb4_bin <=> r.shown_status)
     LIMIT :limit)
) found;

-- name: not_as_left
-- Orders that were saved since the last look and are not as they were left, and the next page of the round through all
-- of them, which says of each whether it is. A save moves updated_at; so do we, once per acknowledgement.
SELECT kind, entity_id, is_overwritten
FROM (
    (SELECT 'lately' AS kind, d.entity_id, TRUE AS is_overwritten
     FROM {prefix}sales_order o
     STRAIGHT_JOIN {prefix}erp_document d
         ON d.destination = :destination AND d.entity_type = 'order' AND d.entity_id = o.entity_id
     LEFT JOIN {prefix}sales_order_grid g ON g.entity_id = o.entity_id
     WHERE o.updated_at >= NOW() - INTERVAL :seconds SECOND AND d.projected_change > 0
       AND (NOT (CONVERT(o.ext_order_id USING utf8mb4) COLLATE utf8mb4_bin <=> d.shown_number)
            OR NOT (CONVERT(o.status USING utf8mb4) COLLATE utf8mb4_bin <=> d.shown_status)
            OR NOT (CONVERT(o.state USING utf8mb4) COLLATE utf8mb4_bin <=> d.shown_state)
            OR g.entity_id IS NOT NULL AND NOT (g.status <=> o.status AND g.ext_order_id <=> o.ext_order_id)
            OR d.shown_lines > 0 AND d.shown_lines > (
                SELECT COUNT(i.ext_order_item_id)
                FROM {prefix}sales_order_item i
                WHERE i.order_id = o.entity_id))
     LIMIT :limit)
    UNION ALL
    (SELECT 'round', d.entity_id,
            d.projected_change > 0 AND o.entity_id IS NOT NULL
            AND (NOT (CONVERT(o.ext_order_id USING utf8mb4) COLLATE utf8mb4_bin <=> d.shown_number)
                 OR NOT (CONVERT(o.status USING utf8mb4) COLLATE utf8mb4_bin <=> d.shown_status)
                 OR NOT (CONVERT(o.state USING utf8mb4) COLLATE utf8mb4_bin <=> d.shown_state)
                 OR g.entity_id IS NOT NULL AND NOT (g.status <=> o.status AND g.ext_order_id <=> o.ext_order_id)
                 OR d.shown_lines > 0 AND d.shown_lines > (
                     SELECT COUNT(i.ext_order_item_id)
                     FROM {prefix}sales_order_item i
                     WHERE i.order_id = o.entity_id))
     FROM {prefix}erp_document d FORCE INDEX (PRIMARY)
     LEFT JOIN {prefix}sales_order o ON o.entity_id = d.entity_id
     LEFT JOIN {prefix}sales_order_grid g ON g.entity_id = o.entity_id
     WHERE d.destination = :destination AND d.entity_type = 'order' AND d.entity_id > :after
     ORDER BY d.entity_id
     LIMIT :page)
) found;

-- name: told
SELECT entity_id, erp_number, erp_status, change_count, GREATEST(confirmed_at, status_changed_at) AS told_at,
       erp_lines, projected_change, projected_at, projected_status, shown_number, shown_state, shown_status, status_before, is_held
FROM {prefix}erp_document
WHERE destination = :destination AND entity_type = 'order' AND entity_id IN :entity_ids;

-- name: refused
-- Of several events of an order the refused one counts, or else the latest: it comes last.
SELECT outbox_id, entity_id, reason, fault, hint, told_at, status_before, outcome, projected_at IS NULL AS is_news
FROM {prefix}erp_rejection
WHERE destination = :destination AND entity_id IN :entity_ids
ORDER BY resolved_at IS NULL, outbox_id;

-- name: stirring_rejections
-- What is refused and not known as such, or in other words; and what is over: a delivery's row goes when its event is
-- done with, until then the ERP may refuse it again. A refund that is refused is no refused order.
SELECT kind, outbox_id, entity_id, reason, fault, hint
FROM (
    (SELECT 'refused' AS kind, d.outbox_id, CAST(SUBSTRING(d.lane, 7) AS UNSIGNED) AS entity_id, d.reason, d.fault, d.hint
     FROM {prefix}erp_delivery d FORCE INDEX ({prefix}erp_delivery_heads)
     LEFT JOIN {prefix}erp_rejection r ON r.destination = d.destination AND r.outbox_id = d.outbox_id
     WHERE d.destination = :destination AND d.stream = 'documents' AND d.state = 'parked' AND LEFT(d.lane, 6) = 'order:'
       AND d.reason IN :reasons AND (r.outbox_id IS NULL OR r.resolved_at IS NOT NULL OR r.fault <> d.fault)
       AND NOT EXISTS (SELECT 1 FROM {prefix}erp_outbox e WHERE e.id = d.outbox_id AND e.type = 'CreditmemoCreated')
     LIMIT :limit)
    UNION ALL
    (SELECT 'over', r.outbox_id, r.entity_id, COALESCE(c.outcome, 'delivered'), COALESCE(c.actor, 'relay'), ''
     FROM {prefix}erp_rejection r FORCE INDEX ({prefix}erp_rejection_open)
     LEFT JOIN {prefix}erp_delivery d ON d.destination = r.destination AND d.outbox_id = r.outbox_id
     LEFT JOIN {prefix}erp_receipt c ON c.destination = r.destination AND c.outbox_id = r.outbox_id
     WHERE r.destination = :destination AND r.resolved_at IS NULL AND d.outbox_id IS NULL
     LIMIT :limit)
) found;

-- name: put_rejections
-- What was over and is refused again, or is refused in other words, is news again.
INSERT INTO {prefix}erp_rejection
    (destination, outbox_id, entity_id, reason, fault, hint)
VALUES
    (:destination, :outbox_id, :entity_id, :reason, :fault, :hint)
ON DUPLICATE KEY UPDATE
    status_before = IF(resolved_at IS NULL, status_before, NULL),
    reason = VALUES(reason), fault = VALUES(fault), hint = VALUES(hint), told_at = NOW(6),
    projected_at = NULL, resolved_at = NULL, resolved_by = NULL, outcome = NULL;

-- name: end_rejection
-- Of what Magento never heard of, it does not hear that it is over.
UPDATE {prefix}erp_rejection
SET resolved_at = NOW(6), resolved_by = :actor, outcome = :outcome, told_at = NOW(6),
    projected_at = IF(projected_at IS NULL AND status_before IS NULL, NOW(6), NULL)
WHERE destination = :destination AND outbox_id = :outbox_id AND resolved_at IS NULL;

-- name: begin_hold
UPDATE {prefix}erp_document
SET is_held = TRUE
WHERE destination = :destination AND entity_type = 'order' AND entity_id = :entity_id;

-- name: remember_status
UPDATE {prefix}erp_rejection
SET status_before = :status
WHERE destination = :destination AND outbox_id = :outbox_id AND status_before IS NULL;

-- name: mark_documents
-- All marks of a page in one statement.
UPDATE {prefix}erp_document d
JOIN JSON_TABLE(:marks, '$[*]' COLUMNS (
    entity_id BIGINT UNSIGNED PATH '$.entity_id',
    change_count BIGINT UNSIGNED PATH '$.change',
    erp_status VARCHAR(64) PATH '$.erp_status',
    number VARCHAR(32) PATH '$.number',
    state VARCHAR(32) PATH '$.state',
    status VARCHAR(32) PATH '$.status',
    line_count INT UNSIGNED PATH '$.lines',
    status_before VARCHAR(32) PATH '$.status_before',
    is_held INT PATH '$.is_held',
    overwritten INT UNSIGNED PATH '$.overwritten',
    overwritten_by VARCHAR(255) PATH '$.overwritten_by'
)) m ON m.entity_id = d.entity_id
SET d.projected_change = GREATEST(d.projected_change, m.change_count), d.projected_status = m.erp_status,
    d.projected_at = NOW(6), d.shown_number = m.number, d.shown_state = m.state, d.shown_status = m.status,
    d.shown_lines = m.line_count, d.status_before = COALESCE(m.status_before, d.status_before),
    d.is_held = m.is_held, d.overwritten_count = d.overwritten_count + m.overwritten,
    d.overwritten_by = IF(m.overwritten > 0, m.overwritten_by, d.overwritten_by)
WHERE d.destination = :destination AND d.entity_type = 'order' AND d.projected_change <= m.change_count;

-- name: mark_rejections
UPDATE {prefix}erp_rejection
SET projected_at = NOW(6), shown_status = :status
WHERE destination = :destination AND entity_id = :entity_id AND told_at <= :told_at;
