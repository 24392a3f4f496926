-- Revision 0009: a document is due again with every change that the ERP tells of, a new status among them, and its row
-- says what the projector left in Magento. What was projected stays projected; what Magento shows of it is looked at
-- once, on the projector's next round.
ALTER TABLE {prefix}erp_document
    DROP KEY {prefix}erp_document_due,
    DROP COLUMN is_due,
    MODIFY erp_status VARCHAR(64) NOT NULL COMMENT 'The ERP''s status as last told',
    ADD COLUMN erp_lines MEDIUMTEXT NULL
        COMMENT 'JSON: our line reference to the ERP''s line; NULL: the ERP tells none' AFTER confirmed_at,
    ADD COLUMN change_count BIGINT UNSIGNED NOT NULL DEFAULT 1
        COMMENT 'Confirmations and changes of status so far' AFTER erp_lines,
    ADD COLUMN status_changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
        COMMENT 'UTC; when the ERP''s status last changed' AFTER change_count,
    ADD COLUMN projected_change BIGINT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'The change that Magento was last brought up to' AFTER status_changed_at,
    ADD COLUMN projected_status VARCHAR(64) NULL
        COMMENT 'The ERP''s status that Magento was last told' AFTER projected_at,
    ADD COLUMN shown_number VARCHAR(32) NULL
        COMMENT 'sales_order.ext_order_id as the projector left it' AFTER projected_status,
    ADD COLUMN shown_state VARCHAR(32) NULL
        COMMENT 'sales_order.state as the projector left it' AFTER shown_number,
    ADD COLUMN shown_status VARCHAR(32) NULL
        COMMENT 'sales_order.status as the projector left it' AFTER shown_state,
    ADD COLUMN shown_lines INT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'Order items that carry the ERP''s line' AFTER shown_status,
    ADD COLUMN status_before VARCHAR(32) NULL
        COMMENT 'Magento''s status that the projector last replaced' AFTER shown_lines,
    ADD COLUMN is_held BOOLEAN NOT NULL DEFAULT FALSE
        COMMENT 'The order is on hold because the ERP has stopped it' AFTER status_before,
    ADD COLUMN overwritten_count INT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'How often a save of Magento''s put old values back' AFTER is_held,
    ADD COLUMN overwritten_by VARCHAR(255) NOT NULL DEFAULT ''
        COMMENT 'Who did it last, as far as it can be told' AFTER overwritten_count;

UPDATE {prefix}erp_document
SET projected_change = IF(projected_revision > 0, 1, 0),
    change_count = IF(projected_revision > 0 AND projected_revision < revision, 2, 1),
    projected_status = IF(projected_revision > 0, erp_status, NULL),
    status_changed_at = confirmed_at;

ALTER TABLE {prefix}erp_document
    DROP COLUMN projected_revision,
    ADD COLUMN is_due BOOLEAN GENERATED ALWAYS AS (change_count > projected_change) STORED
        COMMENT 'Magento does not show the last change yet' AFTER overwritten_by,
    ADD KEY {prefix}erp_document_due (destination, is_due, confirmed_at);

ALTER TABLE {prefix}erp_document_revision
    MODIFY erp_status VARCHAR(64) NOT NULL COMMENT 'The ERP''s status from then on',
    COMMENT = 'Every confirmation and status of every ERP document; append-only';
