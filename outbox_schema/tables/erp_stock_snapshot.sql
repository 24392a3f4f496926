-- Readings of an ERP's whole stock: one row each, and what became of it.
CREATE TABLE IF NOT EXISTS {prefix}erp_stock_snapshot (
    number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of readings',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    token BIGINT UNSIGNED NOT NULL COMMENT 'Fencing token of the reader; every page quotes it',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'reading, complete, accepted, baseline, imported, held or abandoned',
    started_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    finished_at DATETIME(6) NULL COMMENT 'UTC; when the last page was read',
    settled_at DATETIME(6) NULL COMMENT 'UTC; when it was written to Magento, or held',
    read_first DATETIME(6) NULL COMMENT 'UTC by this clock; when the ERP read its first page, NULL: it does not say',
    read_last DATETIME(6) NULL COMMENT 'UTC by this clock; when the ERP read its last page',
    skew_us BIGINT NOT NULL DEFAULT 0 COMMENT 'How far the ERP''s clock is ahead of this one; taken off',
    pages INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How many pages were read',
    levels INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How many levels they told',
    written INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How many of Magento''s rows were changed by it',
    why VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'Why it was held or abandoned',
    accepted_by VARCHAR(128) NULL COMMENT 'Who took it as the first one; NULL: nobody had to',
    PRIMARY KEY (number),
    KEY {prefix}erp_stock_snapshot_states (destination, state, number),
    CONSTRAINT {prefix}erp_stock_snapshot_state_is_known
        CHECK (state IN ('reading', 'complete', 'accepted', 'baseline', 'imported', 'held', 'abandoned')),
    CONSTRAINT {prefix}erp_stock_snapshot_marks_are_whole CHECK ((read_first IS NULL) = (read_last IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Readings of ERPs'' stock and what became of them';
