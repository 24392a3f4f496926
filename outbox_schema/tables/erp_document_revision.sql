-- Every confirmation of every document and every change of its status, one row each: the auditor's trail. Append-only.
CREATE TABLE IF NOT EXISTS {prefix}erp_document_revision (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of confirmation',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    entity_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'order, refund or customer',
    entity_id BIGINT UNSIGNED NOT NULL COMMENT 'Id in Magento',
    external_ref VARCHAR(255) NOT NULL COMMENT 'Our reference, as the ERP stores it',
    erp_id VARCHAR(255) NOT NULL COMMENT 'The ERP''s key',
    erp_number VARCHAR(255) NOT NULL COMMENT 'The number that people see',
    erp_status VARCHAR(64) NOT NULL COMMENT 'The ERP''s status from then on',
    revision BIGINT UNSIGNED NOT NULL COMMENT 'Outbox id whose content the ERP confirmed',
    payload_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Hash of that content',
    blueprint_version VARCHAR(128) NOT NULL COMMENT 'Blueprint under which it was confirmed',
    confirmed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY {prefix}erp_document_revision_entities (destination, entity_type, entity_id, revision)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Every confirmation and status of every ERP document; append-only';
