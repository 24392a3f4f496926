-- Only events that are not plain: waiting, retried, pending, unknown, parked, or held behind such a head.
CREATE TABLE IF NOT EXISTS {prefix}erp_delivery (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    outbox_id BIGINT UNSIGNED NOT NULL COMMENT 'The event',
    stream VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'documents or stock',
    lane VARCHAR(96) NOT NULL COMMENT 'The lane; #id where the event has none',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'ready, waiting, retry, pending, unknown, parked, paused, held, retrying, skipping or confirming',
    attempts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Calls to the ERP, each counted before it is made',
    next_attempt_at DATETIME(6) NULL COMMENT 'UTC; NULL: a person or another event decides',
    reason VARCHAR(512) NOT NULL DEFAULT '' COMMENT 'Why it is not done yet',
    fault TEXT NOT NULL COMMENT 'The ERP''s refusal in its own words',
    hint VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'What a person can do',
    absents INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Look-ups in a row that found nothing',
    resubmitted BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'Sent once more after the ERP was asked and had nothing',
    handle VARCHAR(512) NULL COMMENT 'What to ask the ERP for while the document is pending',
    revision BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Outbox id whose content the last attempt carried; 0: none',
    pending_since DATETIME(6) NULL COMMENT 'UTC; when the ERP accepted what it works on',
    overdue BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'The ERP works on it for longer than the blueprint allows',
    missing VARCHAR(512) NULL COMMENT 'The entry that it is parked for, such as payment_methods.checkmo',
    mapping VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''
        COMMENT 'Mapping that the last attempt was made with, where the ERP remembers our keys',
    first_seen_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (destination, outbox_id),
    KEY {prefix}erp_delivery_heads (destination, stream, state, lane),
    KEY {prefix}erp_delivery_lanes (destination, lane, outbox_id),
    CONSTRAINT {prefix}erp_delivery_stream_is_known CHECK (stream IN ('documents', 'stock')),
    CONSTRAINT {prefix}erp_delivery_state_is_known
        CHECK (state IN ('ready', 'waiting', 'retry', 'pending', 'unknown', 'parked', 'paused', 'held', 'retrying',
                         'skipping', 'confirming'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Events that wait for something, with all that a person needs to know';
