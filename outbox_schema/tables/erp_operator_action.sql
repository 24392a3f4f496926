-- What people did, and why. Append-only.
CREATE TABLE IF NOT EXISTS {prefix}erp_operator_action (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of actions',
    action VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'retry, skip, edit, confirm, pause or resume',
    actor VARCHAR(128) NOT NULL COMMENT 'Who did it',
    reason VARCHAR(1024) NOT NULL COMMENT 'Why, in their words',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    outbox_id BIGINT UNSIGNED NULL COMMENT 'The event',
    lane VARCHAR(96) NULL COMMENT 'The lane',
    state_before VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Its state until then',
    fault_before TEXT NULL COMMENT 'The ERP''s words until then',
    detail VARCHAR(2048) NULL COMMENT 'What was chosen, such as the fields that an edit changed, or the ERP number confirmed',
    acted_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY {prefix}erp_operator_action_events (destination, outbox_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'What operators did and why; append-only';
