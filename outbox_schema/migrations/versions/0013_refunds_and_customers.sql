-- Revision 0013: an ERP's documents stand for credit memos and customers, too.

ALTER TABLE {prefix}erp_document
    MODIFY COLUMN entity_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'order, refund or customer';

ALTER TABLE {prefix}erp_document_revision
    MODIFY COLUMN entity_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'order, refund or customer';

-- Which ERP document stands for which order, credit memo (refund) or customer of Magento's, and whether Magento shows it.
--
-- Only orders show their document. is_shown is 0 while the acknowledgement is on its way, and where a later save put an
-- old number back. It stays 0 for a destination that does not acknowledge (acknowledges: false in the blueprint); its
-- projected_at is NULL. A number that does not fit is shown as the blueprint's rule makes it.
--
--   destination entity_type entity_id increment_id erp_number erp_status revision ext_order_id status     is_shown
--   main-erp    order              42 000000042    SO-1007    booked         1201 SO-1007      processing        1
--   main-erp    refund             17 NULL         CR-1003    posted         1218 NULL         NULL           NULL
CREATE OR REPLACE SQL SECURITY INVOKER VIEW {prefix}erp_v_document_links AS
SELECT
    d.destination,
    d.entity_type,
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
    CASE
        WHEN d.entity_type = 'order'
        THEN CONVERT(o.ext_order_id USING utf8mb4) COLLATE utf8mb4_bin <=> COALESCE(d.shown_number, d.erp_number)
    END AS is_shown
FROM {prefix}erp_document d
LEFT JOIN {prefix}sales_order o ON d.entity_type = 'order' AND o.entity_id = d.entity_id;
