-- What the sidecar's user may write beyond stock.sql where an ERP's stock comes into Magento by SQL (`write: sql`):
-- quantity and status of source items, and of the tables from before there were sources. Give it to the same account.
-- The change logs that it reads are there once the indexers are on schedule, so set that first:
-- bin/magento indexer:set-mode schedule inventory cataloginventory_stock

GRANT INSERT (source_code, sku, quantity, status), UPDATE (quantity, status)
    ON {database}.{prefix}inventory_source_item TO {account};
GRANT UPDATE (qty, is_in_stock) ON {database}.{prefix}cataloginventory_stock_item TO {account};
GRANT UPDATE (qty, stock_status) ON {database}.{prefix}cataloginventory_stock_status TO {account};
GRANT SELECT (version_id, entity_id) ON {database}.{prefix}inventory_cl TO {account};
GRANT SELECT (version_id, entity_id) ON {database}.{prefix}cataloginventory_stock_cl TO {account};
