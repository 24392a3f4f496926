-- How far each listing of an ERP's changes was read. Written with what was read, in one transaction.
CREATE TABLE IF NOT EXISTS {prefix}erp_changes_cursor (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'orders, deliveries, invoices or credit_memos',
    token BIGINT UNSIGNED NOT NULL COMMENT 'Fencing token of the reader; every page quotes it',
    position TEXT NULL COMMENT 'Where to go on, in the ERP''s own terms; NULL: from the beginning',
    entries BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How many were told, repeated ones and other shops'' included',
    read_at DATETIME(6) NULL DEFAULT NULL COMMENT 'UTC; when the ERP last answered',
    PRIMARY KEY (destination, kind)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'How far the changes of each ERP were read';
