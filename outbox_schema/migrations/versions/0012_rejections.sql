-- Revision 0012: what the ERP refused, and what its orders in Magento show of it; numbers shown by a rule.

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

-- Which ERP document stands for which Magento order, and whether Magento shows it.
--
-- is_shown is 0 while the acknowledgement is on its way, and where a later save put an old number back. It stays 0
-- for a destination that does not acknowledge (acknowledges: false in the blueprint); its projected_at is NULL. A
-- number that does not fit is shown as the blueprint's rule makes it.
--
--   destination entity_id increment_id erp_number erp_status revision ext_order_id status     is_shown
--   main-erp           42 000000042    SO-1007    booked         1201 SO-1007      processing        1
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_document_links AS
SELECT
    d.destination,
    d.entity_id,
    o.increment_id,
    d.external_ref,
    d.erp_id,
    d.erp_number,
    d.erp_status,
    d.revision,
    d.confirmed_at,
    d.projected_at,
    o.ext_order_id,
    o.state,
    o.status,
    CONVERT(o.ext_order_id USING utf8mb4) COLLATE utf8mb4_bin <=> COALESCE(d.shown_number, d.erp_number) AS is_shown
FROM {prefix}erp_document d
LEFT JOIN {prefix}sales_order o ON o.entity_id = d.entity_id
WHERE d.entity_type = 'order';
