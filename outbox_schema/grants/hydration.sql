-- What the sidecar's user may read beyond relay.sql, so that it can build the payload of an order that Magento could not
-- tell. It reads names and addresses there, which it carries in every other event. It can write nothing more. Give it to
-- the same account as relay.sql; without it such an event waits for a person, and everything else works.
-- The janitor needs it, too. A shop with Magento's in-store pickup adds one, without which such an order of a customer
-- who collects it waits for a person:
-- GRANT SELECT (order_id, pickup_location_code) ON {database}.{prefix}inventory_pickup_location_order TO {account}

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
