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
