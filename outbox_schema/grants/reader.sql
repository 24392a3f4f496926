-- For people and tools that look and do not touch: everything of the sidecar but the payloads, which hold names and
-- addresses of customers. (The column fault keeps an ERP's own words; some ERPs quote a customer there.) The views run with the reader's own rights, so the tables behind them are named too.
-- Make the user first: CREATE USER {account} IDENTIFIED BY '...';

GRANT SELECT ON {database}.{prefix}erp_v_backlog TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_parked TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_document_links TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_waiting TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_inbound TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_stock_windows TO {account};
GRANT SELECT ON {database}.{prefix}erp_v_stock_lineage TO {account};

GRANT SELECT (id, event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id, occurred_at_us, origin,
              trace_parent, payload_bytes)
    ON {database}.{prefix}erp_outbox TO {account};
GRANT SELECT ON {database}.{prefix}erp_schema_version TO {account};
GRANT SELECT ON {database}.{prefix}erp_outbox_floor TO {account};
GRANT SELECT ON {database}.{prefix}erp_cursor TO {account};
GRANT SELECT ON {database}.{prefix}erp_delivery TO {account};
GRANT SELECT ON {database}.{prefix}erp_receipt TO {account};
GRANT SELECT ON {database}.{prefix}erp_receipt_range TO {account};
GRANT SELECT ON {database}.{prefix}erp_lease TO {account};
GRANT SELECT ON {database}.{prefix}erp_document TO {account};
GRANT SELECT ON {database}.{prefix}erp_document_revision TO {account};
GRANT SELECT ON {database}.{prefix}erp_rejection TO {account};
GRANT SELECT ON {database}.{prefix}erp_stock_window TO {account};
GRANT SELECT ON {database}.{prefix}erp_stock_window_line TO {account};
GRANT SELECT ON {database}.{prefix}erp_stock_snapshot TO {account};
GRANT SELECT ON {database}.{prefix}erp_stock_level TO {account};
GRANT SELECT ON {database}.{prefix}erp_stock_acceptance TO {account};
GRANT SELECT ON {database}.{prefix}erp_reconciliation_run TO {account};
GRANT SELECT ON {database}.{prefix}erp_finding TO {account};
GRANT SELECT ON {database}.{prefix}erp_contract TO {account};
GRANT SELECT ON {database}.{prefix}erp_instance TO {account};
GRANT SELECT ON {database}.{prefix}erp_epoch TO {account};
GRANT SELECT ON {database}.{prefix}erp_operator_action TO {account};
GRANT SELECT (id, destination, outbox_id, lane, sha256_before, sha256_after, edited_by, edited_at)
    ON {database}.{prefix}erp_event_edit TO {account};
GRANT SELECT ON {database}.{prefix}erp_lane_pause TO {account};
GRANT SELECT ON {database}.{prefix}erp_inbound_document TO {account};
GRANT SELECT ON {database}.{prefix}erp_changes_cursor TO {account};
GRANT SELECT (entity_id, increment_id, state, status, ext_order_id, created_at, base_grand_total, base_total_paid,
              base_total_canceled)
    ON {database}.{prefix}sales_order TO {account};
GRANT SELECT (entity_id, parent_id, method, base_amount_authorized)
    ON {database}.{prefix}sales_order_payment TO {account};
