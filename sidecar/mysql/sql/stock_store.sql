-- name: next_sequence
SELECT COALESCE(MAX(sequence), 0) + 1 AS sequence
FROM {prefix}erp_stock_window
WHERE destination = :destination AND warehouse = :warehouse;

-- name: insert_window
INSERT INTO {prefix}erp_stock_window
    (destination, warehouse, sequence, epoch, kind, state, after_id, upto_id, holes, late_ids, blueprint_version, fault,
     settled_at)
VALUES
    (:destination, :warehouse, :sequence, (SELECT COALESCE(MAX(epoch), 1) FROM {prefix}erp_epoch), :kind, :state, :after_id, :upto_id, :holes, :late_ids, :blueprint_version, '',
     IF(:state = 'net_zero', NOW(6), NULL));

-- name: insert_lines
INSERT INTO {prefix}erp_stock_window_line
    (window_id, line, sku, quantity, deltas, members, state, fault)
VALUES
    (:window_id, :line, :sku, :quantity, :deltas, :members, :state, :fault);

-- name: since_frozen
SELECT TIMESTAMPDIFF(MICROSECOND, MAX(frozen_at), NOW(6)) AS age_us
FROM {prefix}erp_stock_window
WHERE destination = :destination;

-- name: released_deltas
SELECT outbox_id
FROM {prefix}erp_delivery
WHERE destination = :destination AND stream = 'stock' AND state = 'ready'
ORDER BY outbox_id;
