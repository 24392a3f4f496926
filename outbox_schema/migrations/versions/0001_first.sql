-- Revision 0001: the first tables and views. Their names carry Magento's table prefix, where the shop has one.

-- The outbox: written by Magento inside its own transactions, read by the relay, never updated.
-- It belongs to the module ErpSidecar_Outbox (etc/db_schema.xml declares the same table); it is created here
-- only where the module has not made it yet. No secondary index and no foreign key: checkout pays for neither.
CREATE TABLE IF NOT EXISTS {prefix}erp_outbox (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of insertion; commit order within a lane',
    event_id CHAR(36) NOT NULL COMMENT 'UUIDv7, lower case',
    type VARCHAR(64) NOT NULL COMMENT 'Event type, such as OrderPlaced',
    schema_version SMALLINT UNSIGNED NOT NULL COMMENT 'Version of the payload schema of this type',
    lane VARCHAR(96) NULL COMMENT 'Ordered stream, such as order:42; NULL where no order is needed',
    aggregate_type VARCHAR(32) NOT NULL COMMENT 'What the event is about, such as order',
    aggregate_id VARCHAR(64) NOT NULL COMMENT 'Its id or SKU',
    store_id SMALLINT UNSIGNED NULL COMMENT 'Store view; NULL where none applies',
    occurred_at_us BIGINT UNSIGNED NOT NULL COMMENT 'UTC, microseconds since 1970',
    origin VARCHAR(32) NOT NULL COMMENT 'Who caused it, to suppress echoes',
    trace_parent VARCHAR(55) NULL COMMENT 'W3C trace context',
    payload_bytes INT UNSIGNED NOT NULL COMMENT 'Length of the payload in bytes',
    payload MEDIUMTEXT NOT NULL COMMENT 'ASCII-escaped JSON, decimals as strings',
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_general_ci
  COMMENT = 'Outbox of committed events for ERPs; append-only';

-- How far each destination's streams are accounted for. Small and hot: one row per destination and stream.
CREATE TABLE IF NOT EXISTS {prefix}erp_cursor (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    stream VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'documents or stock',
    token BIGINT UNSIGNED NOT NULL COMMENT 'Fencing token of the owner; every write of the relay quotes it',
    accounted_to BIGINT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'Every outbox id up to this one is receipted, unrouted, in erp_delivery, or in an open gap',
    open_gaps MEDIUMTEXT NOT NULL COMMENT 'JSON list of [first, last]: ids that may still appear',
    intents MEDIUMTEXT NOT NULL COMMENT 'JSON list: ids about to be sent, committed before the first byte',
    updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (destination, stream),
    CONSTRAINT {prefix}erp_cursor_stream_is_known CHECK (stream IN ('documents', 'stock')),
    CONSTRAINT {prefix}erp_cursor_open_gaps_are_json CHECK (JSON_VALID(open_gaps)),
    CONSTRAINT {prefix}erp_cursor_intents_are_json CHECK (JSON_VALID(intents))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Accounted-for mark, open gaps, intents and fencing token of each destination';

-- Only events that are not plain: waiting, retried, pending, unknown, parked, or held behind such a head.
CREATE TABLE IF NOT EXISTS {prefix}erp_delivery (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    outbox_id BIGINT UNSIGNED NOT NULL COMMENT 'The event',
    stream VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'documents or stock',
    lane VARCHAR(96) NOT NULL COMMENT 'The lane; #id where the event has none',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'ready, waiting, retry, pending, unknown, parked, held, retrying or skipping',
    attempts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Calls to the ERP, each counted before it is made',
    next_attempt_at DATETIME(6) NULL COMMENT 'UTC; NULL: a person or another event decides',
    reason VARCHAR(512) NOT NULL DEFAULT '' COMMENT 'Why it is not done yet',
    fault TEXT NOT NULL COMMENT 'The ERP''s refusal in its own words',
    hint VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'What a person can do',
    absents INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Look-ups in a row that found nothing',
    resubmitted BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'Sent once more after the ERP was asked and had nothing',
    handle VARCHAR(512) NULL COMMENT 'What to ask the ERP for while the document is pending',
    revision BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Outbox id whose content the last attempt carried; 0: none',
    first_seen_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (destination, outbox_id),
    KEY {prefix}erp_delivery_heads (destination, stream, state, lane),
    KEY {prefix}erp_delivery_lanes (destination, lane, outbox_id),
    CONSTRAINT {prefix}erp_delivery_stream_is_known CHECK (stream IN ('documents', 'stock')),
    CONSTRAINT {prefix}erp_delivery_state_is_known
        CHECK (state IN ('ready', 'waiting', 'retry', 'pending', 'unknown', 'parked', 'held', 'retrying',
                         'skipping'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Events that wait for something, with all that a person needs to know';

-- The proof that an event is done for a destination. Append-only: the relay may not update or delete here.
CREATE TABLE IF NOT EXISTS {prefix}erp_receipt (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    outbox_id BIGINT UNSIGNED NOT NULL COMMENT 'The event',
    outcome VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'How it was done with',
    erp_number VARCHAR(255) NULL COMMENT 'The ERP''s document number',
    attempts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Calls that it took',
    call_ms BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Milliseconds spent in the last call',
    actor VARCHAR(128) NOT NULL COMMENT 'relay, or the operator',
    detail VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'What else there is to say',
    receipted_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (destination, outbox_id),
    CONSTRAINT {prefix}erp_receipt_outcome_is_known
        CHECK (outcome IN ('delivered', 'already_there', 'absorbed', 'unchanged', 'unrouted',
                           'cancelled_before_release', 'skipped'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Proof that an event is done for a destination; append-only';

-- Who owns a role, by this database's clock.
CREATE TABLE IF NOT EXISTS {prefix}erp_lease (
    role VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'relay, projector or scheduler',
    scope VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The destination, or empty',
    owner VARCHAR(255) NOT NULL COMMENT 'Host and process that owns it or owned it last',
    token BIGINT UNSIGNED NOT NULL COMMENT 'Grows with each acquisition',
    acquired_at DATETIME(6) NOT NULL COMMENT 'UTC',
    expires_at DATETIME(6) NOT NULL COMMENT 'UTC; free from this instant on',
    PRIMARY KEY (role, scope)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Ownership of roles, judged by the clock of this database';

-- Which ERP document stands for which Magento entity: the truth behind every acknowledgement.
CREATE TABLE IF NOT EXISTS {prefix}erp_document (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    entity_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'order',
    entity_id BIGINT UNSIGNED NOT NULL COMMENT 'Id in Magento',
    external_ref VARCHAR(255) NOT NULL COMMENT 'Our reference, as the ERP stores it',
    erp_id VARCHAR(255) NOT NULL COMMENT 'The ERP''s key',
    erp_number VARCHAR(255) NOT NULL COMMENT 'The number that people see',
    erp_status VARCHAR(64) NOT NULL COMMENT 'The ERP''s status when it confirmed',
    revision BIGINT UNSIGNED NOT NULL COMMENT 'Outbox id whose content the ERP holds',
    payload_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Hash of that content',
    blueprint_version VARCHAR(128) NOT NULL COMMENT 'Blueprint under which it was confirmed',
    confirmed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC; of this revision',
    projected_revision BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Newest revision acknowledged in Magento',
    projected_at DATETIME(6) NULL COMMENT 'UTC',
    is_due BOOLEAN GENERATED ALWAYS AS (revision > projected_revision) STORED
        COMMENT 'Magento does not show this revision yet',
    PRIMARY KEY (destination, entity_type, entity_id),
    KEY {prefix}erp_document_due (is_due, confirmed_at),
    KEY {prefix}erp_document_entities (entity_type, entity_id),
    KEY {prefix}erp_document_blueprints (destination, blueprint_version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Magento entity and its ERP document';

-- Every confirmation of every document, one row each: the auditor's trail. Append-only.
CREATE TABLE IF NOT EXISTS {prefix}erp_document_revision (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of confirmation',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    entity_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'order',
    entity_id BIGINT UNSIGNED NOT NULL COMMENT 'Id in Magento',
    external_ref VARCHAR(255) NOT NULL COMMENT 'Our reference, as the ERP stores it',
    erp_id VARCHAR(255) NOT NULL COMMENT 'The ERP''s key',
    erp_number VARCHAR(255) NOT NULL COMMENT 'The number that people see',
    erp_status VARCHAR(64) NOT NULL COMMENT 'The ERP''s status when it confirmed',
    revision BIGINT UNSIGNED NOT NULL COMMENT 'Outbox id whose content the ERP confirmed',
    payload_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Hash of that content',
    blueprint_version VARCHAR(128) NOT NULL COMMENT 'Blueprint under which it was confirmed',
    confirmed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY {prefix}erp_document_revision_entities (destination, entity_type, entity_id, revision)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Every confirmation of every ERP document; append-only';

-- Frozen folds of stock deltas: one window per destination, warehouse and sequence number.
CREATE TABLE IF NOT EXISTS {prefix}erp_stock_window (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Key of the lines',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    warehouse VARCHAR(128) NOT NULL COMMENT 'The ERP''s warehouse',
    sequence BIGINT UNSIGNED NOT NULL COMMENT 'Counts from 1 per destination and warehouse; part of the key sent',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'frozen, sending, unknown, parked, booked, net_zero or skipped',
    after_id BIGINT UNSIGNED NOT NULL COMMENT 'Members lie above this outbox id ...',
    upto_id BIGINT UNSIGNED NOT NULL COMMENT '... up to this one ...',
    holes MEDIUMTEXT NOT NULL COMMENT '... without these: JSON list of [first, last] ...',
    late_ids MEDIUMTEXT NOT NULL COMMENT '... and with these earlier ones: JSON list of ids',
    blueprint_version VARCHAR(128) NOT NULL COMMENT 'Blueprint that folded it',
    attempts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Calls to the ERP, each counted before it is made',
    next_attempt_at DATETIME(6) NULL COMMENT 'UTC; not sent or looked up before, NULL: nothing to wait for',
    absents INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Look-ups in a row that found nothing',
    resubmitted BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'Sent once more after the ERP was asked and had nothing',
    erp_number VARCHAR(255) NULL COMMENT 'The ERP''s document number',
    fault TEXT NOT NULL COMMENT 'The ERP''s refusal in its own words',
    hint VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'What a person can do',
    frozen_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    settled_at DATETIME(6) NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    UNIQUE KEY {prefix}erp_stock_window_sequence (destination, warehouse, sequence),
    KEY {prefix}erp_stock_window_open (destination, state, warehouse, sequence),
    CONSTRAINT {prefix}erp_stock_window_state_is_known
        CHECK (state IN ('frozen', 'sending', 'unknown', 'parked', 'booked', 'net_zero', 'skipped')),
    CONSTRAINT {prefix}erp_stock_window_holes_are_json CHECK (JSON_VALID(holes)),
    CONSTRAINT {prefix}erp_stock_window_late_ids_are_json CHECK (JSON_VALID(late_ids))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Frozen windows of stock deltas';

-- The folded quantity of each SKU of a window.
CREATE TABLE IF NOT EXISTS {prefix}erp_stock_window_line (
    window_id BIGINT UNSIGNED NOT NULL COMMENT 'The window',
    line INT UNSIGNED NOT NULL COMMENT 'Counts from 1, in SKU order',
    sku VARCHAR(255) NOT NULL COMMENT 'The SKU, as Magento wrote it',
    quantity DECIMAL(36, 12) NOT NULL COMMENT 'Sum of the deltas; zero is kept and not sent',
    deltas INT UNSIGNED NOT NULL COMMENT 'How many deltas made it',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open'
        COMMENT 'open, booked, net_zero or parked',
    fault TEXT NOT NULL COMMENT 'The ERP''s refusal of this line in its own words',
    PRIMARY KEY (window_id, line),
    CONSTRAINT {prefix}erp_stock_window_line_state_is_known
        CHECK (state IN ('open', 'booked', 'net_zero', 'parked'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Folded quantities of stock windows';

-- What each reconciliation run looked at. Append-only.
CREATE TABLE IF NOT EXISTS {prefix}erp_reconciliation_run (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of runs',
    check_name VARCHAR(64) NOT NULL COMMENT 'Which comparison',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    compared BIGINT UNSIGNED NOT NULL COMMENT 'How many were compared',
    excused BIGINT UNSIGNED NOT NULL COMMENT 'How many were left out because events were in flight',
    findings BIGINT UNSIGNED NOT NULL COMMENT 'How many differences were seen, known ones included',
    complete BOOLEAN NOT NULL COMMENT 'Both sides were read to their ends',
    finished_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY {prefix}erp_reconciliation_run_latest (destination, check_name, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Finished reconciliation runs; append-only';

-- Differences between Magento and an ERP, one row each however often it was seen.
CREATE TABLE IF NOT EXISTS {prefix}erp_finding (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'What an operator types',
    fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name of the difference',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'What differs, such as line_missing',
    subject VARCHAR(128) NOT NULL COMMENT 'What it is about, such as order:42',
    path VARCHAR(512) NOT NULL COMMENT 'Where in the document',
    magento_value TEXT NOT NULL COMMENT 'What Magento says',
    erp_value TEXT NOT NULL COMMENT 'What the ERP says',
    source VARCHAR(64) NOT NULL COMMENT 'Which check found it last',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open'
        COMMENT 'open, explained, repaired or ignored',
    seen_count INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'How often it was seen',
    first_seen_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    last_seen_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    owner VARCHAR(128) NULL COMMENT 'Who takes care of it',
    PRIMARY KEY (id),
    UNIQUE KEY {prefix}erp_finding_fingerprint (fingerprint),
    KEY {prefix}erp_finding_states (state, last_seen_at),
    CONSTRAINT {prefix}erp_finding_state_is_known
        CHECK (state IN ('open', 'explained', 'repaired', 'ignored'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Differences between Magento and ERPs';

-- What people did, and why. Append-only.
CREATE TABLE IF NOT EXISTS {prefix}erp_operator_action (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of actions',
    action VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'retry or skip',
    actor VARCHAR(128) NOT NULL COMMENT 'Who did it',
    reason VARCHAR(1024) NOT NULL COMMENT 'Why, in their words',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    outbox_id BIGINT UNSIGNED NULL COMMENT 'The event',
    lane VARCHAR(96) NULL COMMENT 'The lane',
    state_before VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Its state until then',
    fault_before TEXT NULL COMMENT 'The ERP''s words until then',
    acted_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY {prefix}erp_operator_action_events (destination, outbox_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'What operators did and why; append-only';

-- How each destination stands: one row per destination and stream.
--
-- ids_behind counts ids, not events: rolled-back transactions leave gaps in the ids for ever.
--
--   destination stream    accounted_to newest ids_behind open_gaps in_flight ready waiting unknown parked held oldest_at
--   main-erp    documents         1204   1207          3         1         2     0       4       0      1    7 2025-03-02 09:14:07.120031
--   main-erp    stock             1198   1207          9         1         0     0       0       0      0    0 NULL
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_backlog AS
SELECT
    c.destination,
    c.stream,
    c.accounted_to,
    n.newest,
    CAST(n.newest AS SIGNED) - CAST(c.accounted_to AS SIGNED) AS ids_behind,
    JSON_LENGTH(c.open_gaps) AS open_gaps,
    JSON_LENGTH(c.intents) AS in_flight,
    COALESCE(d.ready, 0) AS ready,
    COALESCE(d.waiting, 0) AS waiting,
    COALESCE(d.unknown_outcome, 0) AS unknown_outcome,
    COALESCE(d.parked, 0) AS parked,
    COALESCE(d.held, 0) AS held,
    d.oldest_at,
    c.updated_at
FROM {prefix}erp_cursor c
CROSS JOIN (SELECT COALESCE(MAX(id), 0) AS newest FROM {prefix}erp_outbox) n
LEFT JOIN (
    SELECT
        destination,
        stream,
        SUM(state IN ('ready', 'retrying', 'skipping')) AS ready,
        SUM(state IN ('waiting', 'retry', 'pending')) AS waiting,
        SUM(state = 'unknown') AS unknown_outcome,
        SUM(state = 'parked') AS parked,
        SUM(state = 'held') AS held,
        MIN(first_seen_at) AS oldest_at
    FROM {prefix}erp_delivery
    GROUP BY destination, stream
) d ON d.destination = c.destination AND d.stream = c.stream;

-- What awaits a person: parked events, and unknown outcomes that nothing but a person can find out.
--
-- followers counts later events of the same lane that are held behind it.
--
--   destination outbox_id lane     type        state  attempts reason             fault                        followers
--   main-erp         1201 order:42 OrderPlaced parked        1 the ERP refused it VAT_ID: not valid (DE12 ...)         7
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_parked AS
SELECT
    d.destination,
    d.outbox_id,
    d.stream,
    d.lane,
    o.type,
    o.aggregate_id,
    d.state,
    d.attempts,
    d.reason,
    d.fault,
    d.hint,
    (
        SELECT COUNT(*)
        FROM {prefix}erp_delivery f
        WHERE f.destination = d.destination AND f.stream = 'documents' AND f.state = 'held' AND f.lane = d.lane
    ) AS followers,
    d.first_seen_at,
    d.changed_at
FROM {prefix}erp_delivery d
LEFT JOIN {prefix}erp_outbox o ON o.id = d.outbox_id
WHERE d.state = 'parked' OR d.state = 'unknown' AND d.next_attempt_at IS NULL;

-- Which ERP document stands for which Magento order, and whether Magento shows it.
--
-- is_shown is 0 while the acknowledgement is on its way, and where a later save put an old number back.
--
--   destination entity_id increment_id erp_number erp_status revision ext_order_id status     is_shown
--   main-erp           42 000000042    SO-1007    booked         1201 SO-1007      processing        1
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_document_links AS
SELECT
    d.destination,
    d.entity_id,
    o.increment_id,
    d.external_ref,
    d.erp_id,
    d.erp_number,
    d.erp_status,
    d.revision,
    d.confirmed_at,
    d.projected_at,
    o.ext_order_id,
    o.state,
    o.status,
    CONVERT(o.ext_order_id USING utf8mb4) COLLATE utf8mb4_bin <=> d.erp_number AS is_shown
FROM {prefix}erp_document d
LEFT JOIN {prefix}sales_order o ON o.entity_id = d.entity_id
WHERE d.entity_type = 'order';
