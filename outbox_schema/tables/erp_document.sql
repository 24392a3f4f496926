-- Which ERP document stands for which Magento entity: the truth behind every acknowledgement.
CREATE TABLE IF NOT EXISTS {prefix}erp_document (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    entity_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'order',
    entity_id BIGINT UNSIGNED NOT NULL COMMENT 'Id in Magento',
    external_ref VARCHAR(255) NOT NULL COMMENT 'Our reference, as the ERP stores it',
    erp_id VARCHAR(255) NOT NULL COMMENT 'The ERP''s key',
    erp_number VARCHAR(255) NOT NULL COMMENT 'The number that people see',
    erp_status VARCHAR(64) NOT NULL COMMENT 'The ERP''s status when it confirmed',
    revision BIGINT UNSIGNED NOT NULL COMMENT 'Outbox id whose content the ERP holds',
    payload_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Hash of that content',
    blueprint_version VARCHAR(128) NOT NULL COMMENT 'Blueprint under which it was confirmed',
    confirmed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC; of this revision',
    projected_revision BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Newest revision acknowledged in Magento',
    projected_at DATETIME(6) NULL COMMENT 'UTC',
    is_due BOOLEAN GENERATED ALWAYS AS (revision > projected_revision) STORED
        COMMENT 'Magento does not show this revision yet',
    PRIMARY KEY (destination, entity_type, entity_id),
    KEY {prefix}erp_document_entities (entity_type, entity_id),
    KEY {prefix}erp_document_blueprints (destination, blueprint_version),
    KEY {prefix}erp_document_due (destination, is_due, confirmed_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Magento entity and its ERP document';
