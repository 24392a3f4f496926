-- Where the outbox begins: what the purge has taken away so far. Written by the purge alone, with each chunk.
CREATE TABLE IF NOT EXISTS {prefix}erp_outbox_floor (
    name VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'outbox: the only row',
    floor_id BIGINT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'Events up to this id are gone; above it the outbox is complete',
    purged BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How many events were deleted so far',
    raised_at DATETIME(6) NULL COMMENT 'UTC; when it was raised last',
    PRIMARY KEY (name),
    CONSTRAINT {prefix}erp_outbox_floor_is_one CHECK (name = 'outbox')
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Below which id events were purged';
