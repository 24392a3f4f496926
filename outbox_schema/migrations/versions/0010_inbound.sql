-- What an ERP did to an order on its own, and what became of it in Magento: one row for each of its documents.
CREATE TABLE IF NOT EXISTS {prefix}erp_inbound_document (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'What an operator types',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'delivery, invoice, credit_memo, cancellation or shortage',
    erp_id VARCHAR(255) NOT NULL COMMENT 'The ERP''s key',
    erp_number VARCHAR(255) NOT NULL COMMENT 'The number that people see',
    version VARCHAR(255) NOT NULL COMMENT 'The ERP''s; another one says that the document has changed',
    entity_id BIGINT UNSIGNED NOT NULL COMMENT 'The order in Magento',
    document MEDIUMTEXT NOT NULL COMMENT 'JSON: lines, tracks and amounts as the ERP told them',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'new, retry, calling, unknown, parked, waiting, done, skipped or ignored',
    attempts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Calls to Magento, each counted before it is made',
    waits INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How often it had to wait for something else',
    next_attempt_at DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC; NULL: nothing is scheduled',
    reason VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'Why it is where it is',
    fault TEXT NOT NULL COMMENT 'Magento''s refusal in its own words',
    hint VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'What a person can do',
    ask MEDIUMTEXT NULL COMMENT 'JSON: what Magento was last asked for, committed before the first byte',
    called_at DATETIME(6) NULL DEFAULT NULL COMMENT 'UTC; when that was',
    resubmitted BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'Asked once more after a lost call had left nothing',
    magento_id BIGINT UNSIGNED NULL COMMENT 'The shipment, invoice or credit memo that came of it',
    decision VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''
        COMMENT 'What a person said about a shortage: refund, wait or ignore',
    first_seen_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (id),
    UNIQUE KEY {prefix}erp_inbound_document_keys (destination, kind, erp_id),
    KEY {prefix}erp_inbound_document_due (destination, next_attempt_at),
    KEY {prefix}erp_inbound_document_states (state, destination),
    KEY {prefix}erp_inbound_document_orders (entity_id, kind),
    CONSTRAINT {prefix}erp_inbound_document_kind_is_known
        CHECK (kind IN ('delivery', 'invoice', 'credit_memo', 'cancellation', 'shortage')),
    CONSTRAINT {prefix}erp_inbound_document_state_is_known
        CHECK (state IN ('new', 'retry', 'calling', 'unknown', 'parked', 'waiting', 'done', 'skipped', 'ignored')),
    CONSTRAINT {prefix}erp_inbound_document_document_is_json CHECK (JSON_VALID(document))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Deliveries, invoices, credit memos and cancellations of ERPs';

-- How far each listing of an ERP's changes was read. Written with what was read, in one transaction.
CREATE TABLE IF NOT EXISTS {prefix}erp_changes_cursor (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'orders, deliveries, invoices or credit_memos',
    token BIGINT UNSIGNED NOT NULL COMMENT 'Fencing token of the reader; every page quotes it',
    position TEXT NULL COMMENT 'Where to go on, in the ERP''s own terms; NULL: from the beginning',
    entries BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How many were told, repeated ones and other shops'' included',
    read_at DATETIME(6) NULL DEFAULT NULL COMMENT 'UTC; when the ERP last answered',
    PRIMARY KEY (destination, kind)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'How far the changes of each ERP were read';

-- What ERPs did that Magento does not show yet, and why: documents on their way, and those that await a person.
--
--   id destination kind     erp_number order     state  attempts reason                        hint
--   17 main-erp    delivery 8000123    000000042 parked        0 3 x MUG to ship, of which ... correct it in the ERP ...
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_inbound AS
SELECT
    d.id,
    d.destination,
    d.kind,
    d.erp_number,
    o.increment_id AS order_number,
    d.entity_id,
    d.state,
    d.attempts,
    d.waits,
    d.reason,
    d.fault,
    d.hint,
    d.next_attempt_at,
    d.called_at,
    d.first_seen_at,
    d.changed_at
FROM (
    SELECT CONVERT('parked' USING ascii) COLLATE ascii_bin AS state
    UNION ALL
    SELECT CONVERT('unknown' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('waiting' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('calling' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('retry' USING ascii) COLLATE ascii_bin
    UNION ALL
    SELECT CONVERT('new' USING ascii) COLLATE ascii_bin
) s
STRAIGHT_JOIN {prefix}erp_inbound_document d FORCE INDEX ({prefix}erp_inbound_document_states) ON d.state = s.state
LEFT JOIN {prefix}sales_order o ON o.entity_id = d.entity_id;
