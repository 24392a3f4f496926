-- Jumps of a SKU's stock that a person has taken for right: each counts once.
CREATE TABLE IF NOT EXISTS {prefix}erp_stock_acceptance (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    sku VARCHAR(255) NOT NULL COMMENT 'The SKU, as the ERP wrote it',
    quantity DECIMAL(36, 12) NOT NULL COMMENT 'About what its sources may hold in sum: jumps are judged from here',
    accepted_by VARCHAR(128) NOT NULL COMMENT 'Who',
    accepted_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (destination, sku)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Jumps of stock that a person has accepted, until they are written';
