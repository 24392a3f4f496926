-- Frozen folds of stock deltas: one window per destination, warehouse and sequence number.
CREATE TABLE IF NOT EXISTS {prefix}erp_stock_window (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Key of the lines',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    warehouse VARCHAR(128) NOT NULL COMMENT 'The ERP''s warehouse',
    sequence BIGINT UNSIGNED NOT NULL COMMENT 'Counts from 1 per destination and warehouse; part of the key sent',
    epoch INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'Epoch in which it was frozen; part of the key sent from 2 on',
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'movement'
        COMMENT 'movement: changes of what sources hold; demand: what sales reserve and give back',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'frozen, sending, unknown, parked, booked, net_zero, held, carried or skipped',
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
    KEY {prefix}erp_stock_window_newest (destination, frozen_at),
    KEY {prefix}erp_stock_window_settled (destination, settled_at),
    CONSTRAINT {prefix}erp_stock_window_kind_is_known CHECK (kind IN ('movement', 'demand')),
    CONSTRAINT {prefix}erp_stock_window_state_is_known
        CHECK (state IN ('frozen', 'sending', 'unknown', 'parked', 'booked', 'net_zero', 'held', 'carried', 'skipped')),
    CONSTRAINT {prefix}erp_stock_window_holes_are_json CHECK (JSON_VALID(holes)),
    CONSTRAINT {prefix}erp_stock_window_late_ids_are_json CHECK (JSON_VALID(late_ids))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Frozen windows of stock deltas';
