-- What the sidecar's user may do beyond relay.sql where the janitor is enabled: delete what was purged. Give it to the
-- same account as relay.sql; without it nothing is ever deleted, and everything else works.

GRANT SELECT, INSERT, UPDATE ON {database}.{prefix}erp_outbox_floor TO {account};
GRANT DELETE ON {database}.{prefix}erp_outbox TO {account};
GRANT DELETE ON {database}.{prefix}erp_receipt TO {account};
GRANT DELETE ON {database}.{prefix}erp_receipt_range TO {account};
GRANT DELETE ON {database}.{prefix}erp_document_revision TO {account};
GRANT DELETE ON {database}.{prefix}erp_stock_window TO {account};
GRANT DELETE ON {database}.{prefix}erp_stock_window_line TO {account};
GRANT DELETE ON {database}.{prefix}erp_reconciliation_run TO {account};
GRANT DELETE ON {database}.{prefix}erp_operator_action TO {account};
