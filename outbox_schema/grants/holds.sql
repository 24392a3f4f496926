-- What the sidecar's user may write beyond relay.sql where the blueprint's lifecycle map says `holds: true`: the state of
-- an order, so that it can put it on hold while the ERP has stopped it, and restore what was before. Give it to the same
-- account as relay.sql; without it such an order shows its status and its comment, not the hold, and a finding says so.

GRANT UPDATE (state, hold_before_state, hold_before_status) ON {database}.{prefix}sales_order TO {account};
