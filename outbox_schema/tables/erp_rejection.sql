-- Events of orders that the ERP refused: one row each, which stays when the ERP has taken it after all. The projector
-- derives them from erp_delivery, and shows them in the order in Magento.
CREATE TABLE IF NOT EXISTS {prefix}erp_rejection (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    outbox_id BIGINT UNSIGNED NOT NULL COMMENT 'The event',
    entity_id BIGINT UNSIGNED NOT NULL COMMENT 'The order''s id in Magento',
    reason VARCHAR(512) NOT NULL COMMENT 'Who cannot take it',
    fault TEXT NOT NULL COMMENT 'The refusal in the ERP''s own words',
    hint VARCHAR(1024) NOT NULL COMMENT 'What a person can do',
    status_before VARCHAR(32) NULL COMMENT 'Magento''s status that the rejection replaced; NULL: it replaced none',
    shown_status VARCHAR(32) NULL COMMENT 'sales_order.status as the projector left it',
    raised_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    told_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC; of its last words, or of its end',
    projected_at DATETIME(6) NULL COMMENT 'UTC; when Magento was told of that; NULL: not yet',
    resolved_at DATETIME(6) NULL COMMENT 'UTC; when the event was done with; NULL: it is refused still',
    resolved_by VARCHAR(128) NULL COMMENT 'Who ended it: relay, or operator',
    outcome VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'The event''s receipt',
    PRIMARY KEY (destination, outbox_id),
    KEY {prefix}erp_rejection_entities (destination, entity_id),
    KEY {prefix}erp_rejection_news (destination, projected_at),
    KEY {prefix}erp_rejection_open (destination, resolved_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Events of orders that the ERP refused';
