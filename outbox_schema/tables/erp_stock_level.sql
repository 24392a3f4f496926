-- What a reading of an ERP's stock says. Levels of the newest complete reading are kept, those of older ones are deleted.
CREATE TABLE IF NOT EXISTS {prefix}erp_stock_level (
    snapshot BIGINT UNSIGNED NOT NULL COMMENT 'The reading',
    sku VARCHAR(255) NOT NULL COMMENT 'The SKU, as the ERP wrote it',
    warehouse VARCHAR(128) NOT NULL COMMENT 'The ERP''s warehouse',
    unit VARCHAR(64) NOT NULL COMMENT 'The ERP''s unit; empty: it names none',
    quantity DECIMAL(36, 12) NOT NULL COMMENT 'In that unit; on hand or available, as the blueprint says',
    read_at DATETIME(6) NULL COMMENT 'UTC by this clock; when the ERP read it, NULL: it does not say',
    PRIMARY KEY (snapshot, sku, warehouse, unit)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Stock of ERPs as last read';
