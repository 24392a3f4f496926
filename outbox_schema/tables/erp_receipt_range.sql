-- The proof that whole ranges of events are done for a destination: unrouted ones, and those of a feed. Append-only.
CREATE TABLE IF NOT EXISTS {prefix}erp_receipt_range (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    first_id BIGINT UNSIGNED NOT NULL COMMENT 'Every event from this outbox id ...',
    last_id BIGINT UNSIGNED NOT NULL COMMENT '... to this one ...',
    holes MEDIUMTEXT NOT NULL COMMENT '... without these is done: JSON list of [first, last]',
    events BIGINT UNSIGNED NOT NULL COMMENT 'How many events that are',
    outcome VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'How they were done with',
    actor VARCHAR(128) NOT NULL COMMENT 'relay, or the operator',
    detail VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'What else there is to say, such as the version of the blueprint',
    receipted_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (destination, first_id),
    KEY {prefix}erp_receipt_range_ends (destination, last_id),
    CONSTRAINT {prefix}erp_receipt_range_outcome_is_known CHECK (outcome IN ('delivered', 'unrouted')),
    CONSTRAINT {prefix}erp_receipt_range_ascends CHECK (first_id <= last_id),
    CONSTRAINT {prefix}erp_receipt_range_holes_are_json CHECK (JSON_VALID(holes))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Proof that ranges of events are done for a destination; append-only';
