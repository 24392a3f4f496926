-- What the sidecar's user may read beyond relay.sql where an ERP's stock comes into Magento (`stock_feed` in the
-- blueprint): source items, how they belong to stocks and websites, reservations, what is open of orders, and what the
-- shop's index says of it. It writes none of it here: Magento's own service does, or stock_writes.sql is given as well.
-- Give it to the same account as relay.sql. Each stock has an index of its own: repeat the last statement for
-- inventory_stock_2, inventory_stock_3 and so on. A shop without inventory sources (MSI) has no use for it.

GRANT SELECT (source_code, enabled) ON {database}.{prefix}inventory_source TO {account};
GRANT SELECT (source_item_id, source_code, sku, quantity, status)
    ON {database}.{prefix}inventory_source_item TO {account};
GRANT SELECT (stock_id, source_code, priority) ON {database}.{prefix}inventory_source_stock_link TO {account};
GRANT SELECT (type, code, stock_id) ON {database}.{prefix}inventory_stock_sales_channel TO {account};
GRANT SELECT (reservation_id, stock_id, sku, quantity, metadata)
    ON {database}.{prefix}inventory_reservation TO {account};
GRANT SELECT (entity_id, increment_id, store_id, state) ON {database}.{prefix}sales_order TO {account};
GRANT SELECT (item_id, order_id, parent_item_id, product_id, product_type, product_options, sku, is_virtual,
              is_qty_decimal, qty_ordered, qty_shipped, qty_invoiced, qty_refunded, qty_canceled)
    ON {database}.{prefix}sales_order_item TO {account};
GRANT SELECT (store_id, website_id) ON {database}.{prefix}store TO {account};
GRANT SELECT (website_id, code) ON {database}.{prefix}store_website TO {account};
GRANT SELECT (entity_id, sku, type_id) ON {database}.{prefix}catalog_product_entity TO {account};
GRANT SELECT (item_id, product_id, website_id, qty, min_qty, use_config_min_qty, backorders, use_config_backorders,
              manage_stock, use_config_manage_stock, is_in_stock)
    ON {database}.{prefix}cataloginventory_stock_item TO {account};
GRANT SELECT ON {database}.{prefix}cataloginventory_stock_status TO {account};
GRANT SELECT (view_id, mode, status, updated, version_id) ON {database}.{prefix}mview_state TO {account};
GRANT SELECT (id, topic_name) ON {database}.{prefix}queue_message TO {account};
GRANT SELECT (message_id, status, updated_at) ON {database}.{prefix}queue_message_status TO {account};
GRANT SELECT ON {database}.{prefix}inventory_stock_1 TO {account};
