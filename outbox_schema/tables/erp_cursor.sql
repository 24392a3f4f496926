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
    start_rule VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'beginning'
        COMMENT 'Where the blueprint told it to begin: beginning, now, or an instant',
    started_after BIGINT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'Events up to this outbox id, ids in its first open gaps apart, were before its start',
    started_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC; when that was decided',
    held_because VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'Why calls are held back, as last said; empty: nothing is',
    PRIMARY KEY (destination, stream),
    CONSTRAINT {prefix}erp_cursor_stream_is_known CHECK (stream IN ('documents', 'stock')),
    CONSTRAINT {prefix}erp_cursor_open_gaps_are_json CHECK (JSON_VALID(open_gaps)),
    CONSTRAINT {prefix}erp_cursor_intents_are_json CHECK (JSON_VALID(intents))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Accounted-for mark, open gaps, intents and fencing token of each destination';
