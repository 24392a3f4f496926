-- Everything that the sidecar's own user may do. Run it as an administrator, after the tables were made.
-- Make the user first: CREATE USER {account} IDENTIFIED BY '...';
-- It cannot change or delete an event, a receipt or an action of an operator, and of Magento's tables it can write
-- the ERP's number and lines, the status, the grid's copy of number and status, and a comment.

GRANT PROCESS ON *.* TO {account};

GRANT SELECT ON {database}.{prefix}erp_outbox TO {account};
GRANT SELECT ON {database}.{prefix}erp_schema_version TO {account};
GRANT SELECT ON {database}.{prefix}erp_outbox_floor TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_cursor TO {account};
GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.{prefix}erp_delivery TO {account};
GRANT SELECT, INSERT ON {database}.{prefix}erp_receipt TO {account};
GRANT SELECT, INSERT ON {database}.{prefix}erp_receipt_range TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_lease TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_document TO {account};
GRANT SELECT, INSERT ON {database}.{prefix}erp_document_revision TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_rejection TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_stock_window TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_stock_window_line TO {account};
GRANT SELECT, INSERT ON {database}.{prefix}erp_reconciliation_run TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_finding TO {account};
GRANT SELECT, INSERT, UPDATE (last_seen_at, accepted_at, accepted_by) ON {database}.{prefix}erp_contract TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_instance TO {account};
GRANT SELECT, INSERT ON {database}.{prefix}erp_epoch TO {account};
GRANT SELECT, INSERT ON {database}.{prefix}erp_operator_action TO {account};
GRANT SELECT, INSERT ON {database}.{prefix}erp_event_edit TO {account};
GRANT SELECT, INSERT, DELETE ON {database}.{prefix}erp_lane_pause TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_inbound_document TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_changes_cursor TO {account};
GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_stock_snapshot TO {account};
GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.{prefix}erp_stock_level TO {account};
GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.{prefix}erp_stock_acceptance TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_backlog TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_parked TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_document_links TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_waiting TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_inbound TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_stock_windows TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_stock_lineage TO {account};

GRANT SELECT (entity_id, increment_id, quote_id, customer_id, relation_parent_id, state, status,
              hold_before_state, hold_before_status, ext_order_id, order_currency_code, created_at, updated_at,
              base_grand_total, base_total_paid, base_total_invoiced, base_total_canceled, subtotal, discount_amount,
              discount_tax_compensation_amount, shipping_discount_tax_compensation_amount, shipping_amount, tax_amount, grand_total),
      UPDATE (ext_order_id, status, updated_at)
    ON {database}.{prefix}sales_order TO {account};
GRANT SELECT (order_id, item_id, parent_item_id, product_type, product_options, sku, name, qty_ordered, price,
              row_total, discount_amount, tax_amount, tax_percent, ext_order_item_id),
      UPDATE (ext_order_item_id)
    ON {database}.{prefix}sales_order_item TO {account};
GRANT SELECT (entity_id, parent_id, address_type, quote_address_id, customer_address_id)
    ON {database}.{prefix}sales_order_address TO {account};
GRANT SELECT (entity_id, parent_id, method, base_amount_authorized)
    ON {database}.{prefix}sales_order_payment TO {account};
GRANT SELECT (status, state, is_default, visible_on_front) ON {database}.{prefix}sales_order_status_state TO {account};
GRANT SELECT (entity_id, parent_id, comment, status, created_at, entity_name),
      INSERT (parent_id, is_customer_notified, is_visible_on_front, comment, status, created_at, entity_name)
    ON {database}.{prefix}sales_order_status_history TO {account};
GRANT SELECT (entity_id, status, ext_order_id, updated_at), UPDATE (ext_order_id, status, updated_at)
    ON {database}.{prefix}sales_order_grid TO {account};
