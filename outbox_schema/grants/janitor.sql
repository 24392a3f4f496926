-- What the sidecar's user may do beyond relay.sql where the janitor is enabled: delete what was purged, and write the
-- OrderPlaced of an order that has none; overwrite what is kept of a person who asked for it. To read whole orders it
-- needs hydration.sql as well, which `schema grants janitor` prints with it. Give it to the same account as relay.sql;
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

GRANT UPDATE (payload, payload_bytes) ON {database}.{prefix}erp_outbox TO {account};
GRANT UPDATE (detail) ON {database}.{prefix}erp_receipt TO {account};
GRANT UPDATE (payload_before, payload_after) ON {database}.{prefix}erp_event_edit TO {account};
GRANT UPDATE (reason, fault_before, detail) ON {database}.{prefix}erp_operator_action TO {account};
