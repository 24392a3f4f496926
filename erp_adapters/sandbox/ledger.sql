-- Every statement that the sandbox ERP runs on its ledger. Lists are bound as JSON.

-- name: advance_counter
INSERT INTO counters (series, last) VALUES (:series, 1)
ON CONFLICT (series) DO UPDATE SET last = last + 1
RETURNING last;

-- name: advance_clock
INSERT INTO counters (series, last) VALUES ('clock', :now_us)
ON CONFLICT (series) DO UPDATE SET last = max(last + 1, excluded.last)
RETURNING last;

-- name: order_by_number
SELECT * FROM orders WHERE number = :number;

-- name: reference_of_document
SELECT reference FROM orders WHERE number = :number
UNION ALL
SELECT reference FROM stock_movements WHERE number = :number
UNION ALL
SELECT reference FROM demands WHERE number = :number
UNION ALL
SELECT order_reference FROM documents WHERE number = :number
UNION ALL
SELECT reference FROM refunds WHERE number = :number
UNION ALL
SELECT reference FROM customers WHERE number = :number
UNION ALL
SELECT reference FROM jobs WHERE handle = :number;

-- name: first_order_of_reference
SELECT number FROM orders WHERE reference = :reference ORDER BY rowid LIMIT 1;

-- name: orders_by_reference
SELECT * FROM orders
WHERE reference IN (SELECT value FROM json_each(:references)) AND created_us <= :visible_us
ORDER BY rowid;

-- name: orders_by_customer_reference
SELECT * FROM orders
WHERE substr(lower(json_extract(body, '$.customerReference')), 1, length(:begins)) = lower(:begins)
  AND created_us <= :visible_us
ORDER BY rowid DESC LIMIT 100;

-- name: orders_changed_since
SELECT * FROM orders
WHERE change_seq > :cursor AND changed_us <= :visible_us
ORDER BY change_seq LIMIT :limit;

-- name: orders_changed_at
SELECT * FROM orders
WHERE changed_us / :tick_us * :tick_us >= :since_us AND changed_us <= :visible_us
ORDER BY changed_us / :tick_us, number LIMIT :limit OFFSET :offset;

-- name: insert_order
INSERT INTO orders (number, reference, source_event, source_revision, status, revision, body, line_states,
                    created_us, changed_us, change_seq)
VALUES (:number, :reference, :source_event, :source_revision, :status, :revision, :body, :line_states,
        :at_us, :at_us, :change_seq);

-- name: update_order
UPDATE orders
SET source_event = :source_event, source_revision = :source_revision, status = :status,
    revision = :revision, body = :body, line_states = :line_states, changed_us = :at_us, change_seq = :change_seq
WHERE number = :number;

-- name: insert_order_revision
INSERT INTO order_revisions (change_seq, number, revision, reference, source_event, source_revision,
                             kind, status, body, dropped, accepted_us)
VALUES (:change_seq, :number, :revision, :reference, :source_event, :source_revision,
        :kind, :status, :body, :dropped, :at_us);

-- name: refund_by_number
SELECT * FROM refunds WHERE number = :number;

-- name: first_refund_of_reference
SELECT number FROM refunds WHERE reference = :reference ORDER BY rowid LIMIT 1;

-- name: refunds_by_reference
SELECT * FROM refunds
WHERE reference IN (SELECT value FROM json_each(:references)) AND accepted_us <= :visible_us
ORDER BY rowid;

-- name: refunds_of_order
SELECT * FROM refunds WHERE order_number = :order_number ORDER BY rowid;

-- name: insert_refund
INSERT INTO refunds (number, reference, order_number, source_event, body, dropped, accepted_us)
VALUES (:number, :reference, :order_number, :source_event, :body, :dropped, :at_us);

-- name: customer_by_number
SELECT * FROM customers WHERE number = :number;

-- name: customer_by_reference
SELECT * FROM customers WHERE reference = :reference;

-- name: customers_by_reference
SELECT * FROM customers
WHERE reference IN (SELECT value FROM json_each(:references)) AND created_us <= :visible_us
ORDER BY rowid;

-- name: put_customer
INSERT INTO customers (number, reference, source_event, source_revision, revision, body, created_us, changed_us)
VALUES (:number, :reference, :source_event, :source_revision, :revision, :body, :at_us, :at_us)
ON CONFLICT (number) DO UPDATE
SET source_event = excluded.source_event, source_revision = excluded.source_revision, revision = excluded.revision,
    body = excluded.body, changed_us = excluded.changed_us;

-- name: insert_customer_revision
INSERT INTO customer_revisions (number, revision, source_event, source_revision, body, dropped, accepted_us)
VALUES (:number, :revision, :source_event, :source_revision, :body, :dropped, :at_us);

-- name: document_by_number
SELECT * FROM documents WHERE number = :number;

-- name: documents_of_order
SELECT * FROM documents WHERE order_number = :order_number AND NOT reversed ORDER BY rowid;

-- name: documents_changed_since
SELECT * FROM documents
WHERE kind = :kind AND change_seq > :cursor AND changed_us <= :visible_us
ORDER BY change_seq LIMIT :limit;

-- name: documents_changed_at
SELECT * FROM documents
WHERE kind = :kind AND changed_us / :tick_us * :tick_us >= :since_us AND changed_us <= :visible_us
ORDER BY changed_us / :tick_us, number LIMIT :limit OFFSET :offset;

-- name: insert_document
INSERT INTO documents (number, kind, order_number, order_reference, version, reversed, body,
                       created_us, changed_us, change_seq)
VALUES (:number, :kind, :order_number, :order_reference, :version, :reversed, :body, :at_us, :at_us, :change_seq);

-- name: update_document
UPDATE documents
SET version = :version, reversed = :reversed, body = :body, changed_us = :at_us, change_seq = :change_seq
WHERE number = :number;

-- name: job_by_handle
SELECT * FROM jobs WHERE handle = :handle;

-- name: all_jobs
SELECT handle, operation, reference, number, state FROM jobs ORDER BY rowid;

-- name: next_job
SELECT * FROM jobs WHERE state = 'pending' AND due_us IS NOT NULL ORDER BY due_us LIMIT 1;

-- name: insert_job
INSERT INTO jobs (handle, operation, reference, number, request, dropped, state, answer, retry_after, due_us,
                  accepted_us)
VALUES (:handle, :operation, :reference, :number, :request, :dropped, 'pending', '{}', :retry_after,
        :at_us + :wait_us, :at_us);

-- name: decide_job
UPDATE jobs SET state = :state, answer = :answer, decided_us = :at_us WHERE handle = :handle;

-- name: forget_job
DELETE FROM jobs WHERE handle = :handle;

-- name: forget_pending_jobs
DELETE FROM jobs WHERE state = 'pending';

-- name: movement_by_number
SELECT * FROM stock_movements WHERE number = :number;

-- name: first_movement_of_reference
SELECT number FROM stock_movements WHERE reference = :reference ORDER BY sequence LIMIT 1;

-- name: movements_by_reference
SELECT * FROM stock_movements
WHERE reference IN (SELECT value FROM json_each(:references)) AND accepted_us <= :visible_us
ORDER BY sequence;

-- name: movement_lines
SELECT * FROM stock_movement_lines WHERE number = :number ORDER BY position;

-- name: insert_movement
INSERT INTO stock_movements (number, sequence, reference, source_event, warehouse, dropped, accepted_us)
VALUES (:number, :sequence, :reference, :source_event, :warehouse, :dropped, :at_us);

-- name: insert_movement_line
INSERT INTO stock_movement_lines (number, position, sku, quantity, unit, reason, status, message)
VALUES (:number, :position, :sku, :quantity, :unit, :reason, :status, :message);

-- name: balance
SELECT opening, on_hand FROM stock_balances WHERE warehouse = :warehouse AND sku = :sku;

-- name: set_balance
INSERT INTO stock_balances (warehouse, sku, opening, on_hand)
VALUES (:warehouse, :sku, :opening, :on_hand)
ON CONFLICT (warehouse, sku) DO UPDATE SET opening = excluded.opening, on_hand = excluded.on_hand;

-- name: balances
SELECT warehouse, sku, on_hand FROM stock_balances
WHERE (warehouse, sku) > (:after_warehouse, :after_sku)
  AND (:any_warehouse OR warehouse IN (SELECT value FROM json_each(:warehouses)))
  AND (:any_sku OR sku IN (SELECT value FROM json_each(:skus)))
ORDER BY warehouse, sku LIMIT :limit;

-- name: insert_count
INSERT INTO stock_counts (number, sequence, reference, source_event, source_revision, warehouse, dropped, accepted_us)
VALUES (:number, :sequence, :reference, :source_event, :source_revision, :warehouse, :dropped, :at_us);

-- name: insert_count_line
INSERT INTO stock_count_lines (number, position, sku, expected, quantity, unit, found, status, message)
VALUES (:number, :position, :sku, :expected, :quantity, :unit, :found, :status, :message);

-- name: demand_by_number
SELECT * FROM demands WHERE number = :number;

-- name: first_demand_of_reference
SELECT number FROM demands WHERE reference = :reference ORDER BY sequence LIMIT 1;

-- name: demands_by_reference
SELECT * FROM demands
WHERE reference IN (SELECT value FROM json_each(:references)) AND accepted_us <= :visible_us
ORDER BY sequence;

-- name: demand_lines
SELECT * FROM demand_lines WHERE number = :number ORDER BY position;

-- name: insert_demand
INSERT INTO demands (number, sequence, reference, source_event, warehouse, dropped, accepted_us)
VALUES (:number, :sequence, :reference, :source_event, :warehouse, :dropped, :at_us);

-- name: insert_demand_line
INSERT INTO demand_lines (number, position, sku, quantity, unit, reason, status, message)
VALUES (:number, :position, :sku, :quantity, :unit, :reason, :status, :message);

-- name: demand_balance
SELECT quantity FROM demand_balances WHERE warehouse = :warehouse AND sku = :sku;

-- name: set_demand_balance
INSERT INTO demand_balances (warehouse, sku, quantity)
VALUES (:warehouse, :sku, :quantity)
ON CONFLICT (warehouse, sku) DO UPDATE SET quantity = excluded.quantity;

-- name: insert_refusal
INSERT INTO refusals (operation, reference, source_event, status, code, message, at_us)
VALUES (:operation, :reference, :source_event, :status, :code, :message, :at_us);

-- name: insert_fault
INSERT INTO faults (kind, operation, reference, source_event, number, detail, at_us)
VALUES (:kind, :operation, :reference, :source_event, :number, :detail, :at_us);

-- name: injected_faults
SELECT kind, operation, reference, source_event, number, detail, at_us FROM faults ORDER BY id;

-- name: master_data
SELECT name, value FROM master_data;

-- name: set_master_data
INSERT INTO master_data (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
