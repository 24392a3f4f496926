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
