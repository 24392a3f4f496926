-- Revision 0015: what ERPs' interfaces were, and who accepted which change.

-- What an ERP's interface was, as far as our calls rest on it: a row for each change. Append-only, but for when it was
-- seen last and who accepted it.
CREATE TABLE IF NOT EXISTS {prefix}erp_contract (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of changes',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name of the contract: SHA-256 of its terms',
    product VARCHAR(255) NOT NULL COMMENT 'What the ERP said that it is',
    terms MEDIUMTEXT NOT NULL COMMENT 'What our calls rest on, by name (JSON)',
    changes TEXT NOT NULL COMMENT 'What became of each term since the contract that was accepted before; empty for none',
    first_seen_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    last_seen_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    accepted_at DATETIME(6) NULL COMMENT 'UTC; NULL: nobody has',
    accepted_by VARCHAR(128) NULL COMMENT 'Who accepted it; the first one of a destination is accepted as it is met',
    PRIMARY KEY (id),
    KEY {prefix}erp_contract_latest (destination, id),
    CONSTRAINT {prefix}erp_contract_acceptance_is_whole
        CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'What ERPs'' interfaces were, and who accepted which change';
