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
