-- What the sidecar's user may do beyond relay.sql where the janitor is enabled: delete what was purged, and write the
-- OrderPlaced of an order that has none, for which it reads the whole order; overwrite what is kept of a person who
-- asked for it. Give it to the same account as relay.sql;
-- without it nothing is ever deleted or written there, and everything else works.

GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_outbox_floor TO {account};
GRANT DELETE ON {database}.{prefix}erp_outbox TO {account};
GRANT DELETE ON {database}.{prefix}erp_receipt TO {account};
GRANT DELETE ON {database}.{prefix}erp_receipt_range TO {account};
GRANT DELETE ON {database}.{prefix}erp_document_revision TO {account};
GRANT DELETE ON {database}.{prefix}erp_stock_window TO {account};
GRANT DELETE ON {database}.{prefix}erp_stock_window_line TO {account};
GRANT DELETE ON {database}.{prefix}erp_reconciliation_run TO {account};
GRANT DELETE ON {database}.{prefix}erp_operator_action TO {account};

GRANT INSERT ON {database}.{prefix}erp_outbox TO {account};
GRANT SELECT ON {database}.{prefix}sales_order TO {account};
GRANT SELECT ON {database}.{prefix}sales_order_item TO {account};
GRANT SELECT ON {database}.{prefix}sales_order_address TO {account};
GRANT SELECT ON {database}.{prefix}sales_order_tax TO {account};
GRANT SELECT ON {database}.{prefix}sales_order_tax_item TO {account};
GRANT SELECT ON {database}.{prefix}sales_order_status_history TO {account};
GRANT SELECT (entity_id, parent_id, quote_payment_id, method, po_number, last_trans_id, cc_trans_id, cc_type,
              cc_last_4, cc_approval, cc_avs_status, protection_eligibility, amount_ordered, base_amount_ordered,
              amount_authorized, base_amount_authorized, amount_paid, base_amount_paid, base_amount_paid_online,
              amount_refunded, base_amount_refunded, base_amount_refunded_online, amount_canceled,
              base_amount_canceled, shipping_amount, base_shipping_amount, shipping_captured, base_shipping_captured,
              shipping_refunded, base_shipping_refunded, additional_information)
    ON {database}.{prefix}sales_order_payment TO {account};
GRANT SELECT (store_id, code, website_id, group_id) ON {database}.{prefix}store TO {account};
GRANT SELECT (website_id, code) ON {database}.{prefix}store_website TO {account};
GRANT SELECT (group_id, code) ON {database}.{prefix}store_group TO {account};

GRANT UPDATE (payload, payload_bytes) ON {database}.{prefix}erp_outbox TO {account};
GRANT UPDATE (detail) ON {database}.{prefix}erp_receipt TO {account};
GRANT UPDATE (payload_before, payload_after) ON {database}.{prefix}erp_event_edit TO {account};
GRANT UPDATE (reason, fault_before, detail) ON {database}.{prefix}erp_operator_action TO {account};
