-- What the sidecar's user may read beyond relay.sql where ERPs' deliveries, invoices and credit memos become Magento's
-- (`inbound` in the blueprint): quantities, the documents that are there, and the stock of sources. It writes none of it:
-- Magento's own services do. Give it to the same account as relay.sql. A shop without inventory sources (MSI) leaves
-- the last statement out.

GRANT SELECT (entity_id, increment_id, state, order_currency_code, base_currency_code, base_shipping_invoiced,
              base_shipping_refunded)
    ON {database}.{prefix}sales_order TO {account};
GRANT SELECT (item_id, order_id, parent_item_id, product_type, product_options, sku, is_virtual, is_qty_decimal,
              qty_ordered, qty_shipped, qty_invoiced, qty_refunded, qty_canceled, row_total, discount_amount, tax_amount,
              discount_tax_compensation_amount)
    ON {database}.{prefix}sales_order_item TO {account};
GRANT SELECT (entity_id, order_id, increment_id, created_at) ON {database}.{prefix}sales_shipment TO {account};
GRANT SELECT (parent_id, order_item_id, qty) ON {database}.{prefix}sales_shipment_item TO {account};
GRANT SELECT (parent_id, comment) ON {database}.{prefix}sales_shipment_comment TO {account};
GRANT SELECT (parent_id, track_number) ON {database}.{prefix}sales_shipment_track TO {account};
GRANT SELECT (entity_id, order_id, increment_id, created_at, state, transaction_id, grand_total)
    ON {database}.{prefix}sales_invoice TO {account};
GRANT SELECT (parent_id, order_item_id, qty) ON {database}.{prefix}sales_invoice_item TO {account};
GRANT SELECT (parent_id, comment) ON {database}.{prefix}sales_invoice_comment TO {account};
GRANT SELECT (entity_id, order_id, increment_id, created_at, grand_total)
    ON {database}.{prefix}sales_creditmemo TO {account};
GRANT SELECT (parent_id, order_item_id, qty) ON {database}.{prefix}sales_creditmemo_item TO {account};
GRANT SELECT (parent_id, comment) ON {database}.{prefix}sales_creditmemo_comment TO {account};
GRANT SELECT (source_code, sku, quantity) ON {database}.{prefix}inventory_source_item TO {account};
