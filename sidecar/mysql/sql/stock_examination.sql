-- name: all_sources
SELECT s.source_code, s.enabled, MAX(l.stock_id) AS stock_id
FROM {prefix}inventory_source s
LEFT JOIN {prefix}inventory_source_stock_link l ON l.source_code = s.source_code
WHERE s.source_code IN :sources
GROUP BY s.source_code, s.enabled;

-- name: index_modes
SELECT view_id, mode
FROM {prefix}mview_state
WHERE view_id IN ('inventory', 'cataloginventory_stock');

-- name: queue
-- Status 2 is new, 4 is complete.
SELECT TIMESTAMPDIFF(SECOND, MIN(IF(s.status = 2, s.updated_at, NULL)), NOW(6)) AS waiting_s,
    TIMESTAMPDIFF(SECOND, MAX(IF(s.status = 4, s.updated_at, NULL)), NOW(6)) AS done_s
FROM {prefix}queue_message m
JOIN {prefix}queue_message_status s ON s.message_id = m.id
WHERE m.topic_name = :topic;
