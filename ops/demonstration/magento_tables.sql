-- The tables of Magento that the demonstration and the tests need: true column names, types and keys.
-- Keys to tables that are not here (customer_entity) are left out, and so are Magento's names of keys.
-- `{prefix}` is the shop's table prefix.

-- Websites own the base currency; stores below them show prices in their own.
CREATE TABLE {prefix}store_website (
    website_id smallint unsigned NOT NULL AUTO_INCREMENT, code varchar(32), name varchar(64),
    sort_order smallint unsigned NOT NULL DEFAULT 0, default_group_id smallint unsigned NOT NULL DEFAULT 0,
    is_default smallint unsigned DEFAULT 0,
    PRIMARY KEY (website_id), UNIQUE KEY (code), KEY (sort_order), KEY (default_group_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}store_group (
    group_id smallint unsigned NOT NULL AUTO_INCREMENT, website_id smallint unsigned NOT NULL DEFAULT 0,
    name varchar(255) NOT NULL, root_category_id int unsigned NOT NULL DEFAULT 0,
    default_store_id smallint unsigned NOT NULL DEFAULT 0, code varchar(32),
    PRIMARY KEY (group_id), UNIQUE KEY (code), KEY (website_id), KEY (default_store_id),
    FOREIGN KEY (website_id) REFERENCES {prefix}store_website (website_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}store (
    store_id smallint unsigned NOT NULL AUTO_INCREMENT, code varchar(32),
    website_id smallint unsigned NOT NULL DEFAULT 0, group_id smallint unsigned NOT NULL DEFAULT 0,
    name varchar(255) NOT NULL, sort_order smallint unsigned NOT NULL DEFAULT 0,
    is_active smallint unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (store_id), UNIQUE KEY (code), KEY (website_id), KEY (is_active, sort_order), KEY (group_id),
    FOREIGN KEY (group_id) REFERENCES {prefix}store_group (group_id) ON DELETE CASCADE,
    FOREIGN KEY (website_id) REFERENCES {prefix}store_website (website_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- Which status may stand in which state.
CREATE TABLE {prefix}sales_order_status (
    status varchar(32) NOT NULL, label varchar(128) NOT NULL,
    PRIMARY KEY (status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_order_status_state (
    status varchar(32) NOT NULL, state varchar(32) NOT NULL, is_default smallint unsigned NOT NULL DEFAULT 0,
    visible_on_front smallint unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (status, state),
    FOREIGN KEY (status) REFERENCES {prefix}sales_order_status (status) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- Orders.
CREATE TABLE {prefix}sales_order (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, state varchar(32), status varchar(32), coupon_code varchar(255),
    protect_code varchar(255), shipping_description varchar(255), is_virtual smallint unsigned,
    store_id smallint unsigned, customer_id int unsigned, base_discount_amount decimal(20,4),
    base_discount_canceled decimal(20,4), base_discount_invoiced decimal(20,4), base_discount_refunded decimal(20,4),
    base_grand_total decimal(20,4), base_shipping_amount decimal(20,4), base_shipping_canceled decimal(20,4),
    base_shipping_invoiced decimal(20,4), base_shipping_refunded decimal(20,4),
    base_shipping_tax_amount decimal(20,4), base_shipping_tax_refunded decimal(20,4), base_subtotal decimal(20,4),
    base_subtotal_canceled decimal(20,4), base_subtotal_invoiced decimal(20,4), base_subtotal_refunded decimal(20,4),
    base_tax_amount decimal(20,4), base_tax_canceled decimal(20,4), base_tax_invoiced decimal(20,4),
    base_tax_refunded decimal(20,4), base_to_global_rate decimal(20,4), base_to_order_rate decimal(20,4),
    base_total_canceled decimal(20,4), base_total_invoiced decimal(20,4), base_total_invoiced_cost decimal(20,4),
    base_total_offline_refunded decimal(20,4), base_total_online_refunded decimal(20,4),
    base_total_paid decimal(20,4), base_total_qty_ordered decimal(12,4), base_total_refunded decimal(20,4),
    discount_amount decimal(20,4), discount_canceled decimal(20,4), discount_invoiced decimal(20,4),
    discount_refunded decimal(20,4), grand_total decimal(20,4), shipping_amount decimal(20,4),
    shipping_canceled decimal(20,4), shipping_invoiced decimal(20,4), shipping_refunded decimal(20,4),
    shipping_tax_amount decimal(20,4), shipping_tax_refunded decimal(20,4), store_to_base_rate decimal(12,4),
    store_to_order_rate decimal(12,4), subtotal decimal(20,4), subtotal_canceled decimal(20,4),
    subtotal_invoiced decimal(20,4), subtotal_refunded decimal(20,4), tax_amount decimal(20,4),
    tax_canceled decimal(20,4), tax_invoiced decimal(20,4), tax_refunded decimal(20,4), total_canceled decimal(20,4),
    total_invoiced decimal(20,4), total_offline_refunded decimal(20,4), total_online_refunded decimal(20,4),
    total_paid decimal(20,4), total_qty_ordered decimal(12,4), total_refunded decimal(20,4),
    can_ship_partially smallint unsigned, can_ship_partially_item smallint unsigned,
    customer_is_guest smallint unsigned, customer_note_notify smallint unsigned, billing_address_id int,
    customer_group_id int, edit_increment int, email_sent smallint unsigned, send_email smallint unsigned,
    forced_shipment_with_invoice smallint unsigned, payment_auth_expiration int, quote_address_id int, quote_id int,
    shipping_address_id int, adjustment_negative decimal(20,4), adjustment_positive decimal(20,4),
    base_adjustment_negative decimal(20,4), base_adjustment_positive decimal(20,4),
    base_shipping_discount_amount decimal(20,4), base_subtotal_incl_tax decimal(20,4), base_total_due decimal(20,4),
    payment_authorization_amount decimal(20,4), shipping_discount_amount decimal(20,4),
    subtotal_incl_tax decimal(20,4), total_due decimal(20,4), weight decimal(12,4), customer_dob datetime,
    increment_id varchar(32), applied_rule_ids varchar(128), base_currency_code varchar(3),
    customer_email varchar(128), customer_firstname varchar(128), customer_lastname varchar(128),
    customer_middlename varchar(128), customer_prefix varchar(32), customer_suffix varchar(32),
    customer_taxvat varchar(32), discount_description varchar(255), ext_customer_id varchar(32),
    ext_order_id varchar(32), global_currency_code varchar(3), hold_before_state varchar(32),
    hold_before_status varchar(32), order_currency_code varchar(3), original_increment_id varchar(32),
    relation_child_id varchar(32), relation_child_real_id varchar(32), relation_parent_id varchar(32),
    relation_parent_real_id varchar(32), remote_ip varchar(45), shipping_method varchar(120),
    store_currency_code varchar(3), store_name varchar(255), x_forwarded_for varchar(255), customer_note text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    total_item_count smallint unsigned NOT NULL DEFAULT 0, customer_gender int,
    discount_tax_compensation_amount decimal(20,4), base_discount_tax_compensation_amount decimal(20,4),
    shipping_discount_tax_compensation_amount decimal(20,4),
    base_shipping_discount_tax_compensation_amnt decimal(20,4), discount_tax_compensation_invoiced decimal(20,4),
    base_discount_tax_compensation_invoiced decimal(20,4), discount_tax_compensation_refunded decimal(20,4),
    base_discount_tax_compensation_refunded decimal(20,4), shipping_incl_tax decimal(20,4),
    base_shipping_incl_tax decimal(20,4), coupon_rule_name varchar(255), gift_message_id int,
    paypal_ipn_customer_notified int DEFAULT 0,
    PRIMARY KEY (entity_id), UNIQUE KEY (increment_id, store_id), KEY (status), KEY (state), KEY (store_id),
    KEY (created_at), KEY (customer_id), KEY (ext_order_id), KEY (quote_id), KEY (updated_at), KEY (send_email),
    KEY (email_sent),
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_order_item (
    item_id int unsigned NOT NULL AUTO_INCREMENT, order_id int unsigned NOT NULL DEFAULT 0,
    parent_item_id int unsigned, quote_item_id int unsigned, store_id smallint unsigned,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, product_id int unsigned,
    product_type varchar(255), product_options text, weight decimal(12,4) DEFAULT 0.0000,
    is_virtual smallint unsigned, sku varchar(255), name varchar(255), description text, applied_rule_ids text,
    additional_data text, is_qty_decimal smallint unsigned, no_discount smallint unsigned NOT NULL DEFAULT 0,
    qty_backordered decimal(12,4) DEFAULT 0.0000, qty_canceled decimal(12,4) DEFAULT 0.0000,
    qty_invoiced decimal(12,4) DEFAULT 0.0000, qty_ordered decimal(12,4) DEFAULT 0.0000,
    qty_refunded decimal(12,4) DEFAULT 0.0000, qty_shipped decimal(12,4) DEFAULT 0.0000,
    base_cost decimal(12,4) DEFAULT 0.0000, price decimal(12,4) NOT NULL DEFAULT 0.0000,
    base_price decimal(12,4) NOT NULL DEFAULT 0.0000, original_price decimal(12,4),
    base_original_price decimal(12,4), tax_percent decimal(12,4) DEFAULT 0.0000,
    tax_amount decimal(20,4) DEFAULT 0.0000, base_tax_amount decimal(20,4) DEFAULT 0.0000,
    tax_invoiced decimal(20,4) DEFAULT 0.0000, base_tax_invoiced decimal(20,4) DEFAULT 0.0000,
    discount_percent decimal(12,4) DEFAULT 0.0000, discount_amount decimal(20,4) DEFAULT 0.0000,
    base_discount_amount decimal(20,4) DEFAULT 0.0000, discount_invoiced decimal(20,4) DEFAULT 0.0000,
    base_discount_invoiced decimal(20,4) DEFAULT 0.0000, amount_refunded decimal(20,4) DEFAULT 0.0000,
    base_amount_refunded decimal(20,4) DEFAULT 0.0000, row_total decimal(20,4) NOT NULL DEFAULT 0.0000,
    base_row_total decimal(20,4) NOT NULL DEFAULT 0.0000, row_invoiced decimal(20,4) NOT NULL DEFAULT 0.0000,
    base_row_invoiced decimal(20,4) NOT NULL DEFAULT 0.0000, row_weight decimal(12,4) DEFAULT 0.0000,
    base_tax_before_discount decimal(20,4), tax_before_discount decimal(20,4), ext_order_item_id varchar(255),
    locked_do_invoice smallint unsigned, locked_do_ship smallint unsigned, price_incl_tax decimal(20,4),
    base_price_incl_tax decimal(20,4), row_total_incl_tax decimal(20,4), base_row_total_incl_tax decimal(20,4),
    discount_tax_compensation_amount decimal(20,4), base_discount_tax_compensation_amount decimal(20,4),
    discount_tax_compensation_invoiced decimal(20,4), base_discount_tax_compensation_invoiced decimal(20,4),
    discount_tax_compensation_refunded decimal(20,4), base_discount_tax_compensation_refunded decimal(20,4),
    tax_canceled decimal(12,4), discount_tax_compensation_canceled decimal(20,4), tax_refunded decimal(20,4),
    base_tax_refunded decimal(20,4), discount_refunded decimal(20,4), base_discount_refunded decimal(20,4),
    gift_message_id int, gift_message_available int, free_shipping smallint unsigned NOT NULL DEFAULT 0,
    weee_tax_applied text, weee_tax_applied_amount decimal(12,4), weee_tax_applied_row_amount decimal(12,4),
    weee_tax_disposition decimal(12,4), weee_tax_row_disposition decimal(12,4),
    base_weee_tax_applied_amount decimal(12,4), base_weee_tax_applied_row_amnt decimal(12,4),
    base_weee_tax_disposition decimal(12,4), base_weee_tax_row_disposition decimal(12,4),
    PRIMARY KEY (item_id), KEY (order_id), KEY (store_id),
    FOREIGN KEY (order_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE,
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_order_address (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned, customer_address_id int,
    quote_address_id int, region_id int, customer_id int, fax varchar(255), region varchar(255),
    postcode varchar(255), lastname varchar(255), street varchar(255), city varchar(255), email varchar(255),
    telephone varchar(255), country_id varchar(2), firstname varchar(255), address_type varchar(255),
    prefix varchar(255), middlename varchar(255), suffix varchar(255), company varchar(255), vat_id text,
    vat_is_valid smallint, vat_request_id text, vat_request_date text, vat_request_success smallint,
    PRIMARY KEY (entity_id), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_order_payment (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL,
    base_shipping_captured decimal(20,4), shipping_captured decimal(20,4), amount_refunded decimal(20,4),
    base_amount_paid decimal(20,4), amount_canceled decimal(20,4), base_amount_authorized decimal(20,4),
    base_amount_paid_online decimal(20,4), base_amount_refunded_online decimal(20,4),
    base_shipping_amount decimal(20,4), shipping_amount decimal(20,4), amount_paid decimal(20,4),
    amount_authorized decimal(20,4), base_amount_ordered decimal(20,4), base_shipping_refunded decimal(20,4),
    shipping_refunded decimal(20,4), base_amount_refunded decimal(20,4), amount_ordered decimal(20,4),
    base_amount_canceled decimal(20,4), quote_payment_id int, additional_data text, cc_exp_month varchar(12),
    cc_ss_start_year varchar(12), echeck_bank_name varchar(128), method varchar(128),
    cc_debug_request_body varchar(32), cc_secure_verify varchar(32), protection_eligibility varchar(32),
    cc_approval varchar(32), cc_last_4 varchar(100), cc_status_description varchar(32), echeck_type varchar(32),
    cc_debug_response_serialized varchar(32), cc_ss_start_month varchar(128), echeck_account_type varchar(255),
    last_trans_id varchar(255), cc_cid_status varchar(32), cc_owner varchar(128), cc_type varchar(32),
    po_number varchar(32), cc_exp_year varchar(4), cc_status varchar(4), echeck_routing_number varchar(32),
    account_status varchar(32), anet_trans_method varchar(32), cc_debug_response_body varchar(32),
    cc_ss_issue varchar(32), echeck_account_name varchar(32), cc_avs_status varchar(32), cc_number_enc varchar(128),
    cc_trans_id varchar(32), address_status varchar(32), additional_information text,
    PRIMARY KEY (entity_id), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_order_status_history (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL, is_customer_notified int,
    is_visible_on_front smallint unsigned NOT NULL DEFAULT 0, comment text, status varchar(32),
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, entity_name varchar(32),
    PRIMARY KEY (entity_id), KEY (parent_id), KEY (created_at),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- What the list of orders in the admin panel shows: a copy, written by code.
CREATE TABLE {prefix}sales_order_grid (
    entity_id int unsigned NOT NULL, status varchar(32), store_id smallint unsigned, store_name varchar(255),
    customer_id int unsigned, base_grand_total decimal(20,4), base_total_paid decimal(20,4),
    grand_total decimal(20,4), total_paid decimal(20,4), increment_id varchar(50), base_currency_code varchar(3),
    order_currency_code varchar(255), shipping_name varchar(255), billing_name varchar(255),
    created_at timestamp NULL DEFAULT NULL, updated_at timestamp NULL DEFAULT NULL, billing_address varchar(255),
    shipping_address varchar(255), shipping_information varchar(255), customer_email varchar(255),
    customer_group varchar(255), subtotal decimal(20,4), shipping_and_handling decimal(20,4),
    customer_name varchar(255), payment_method varchar(255), total_refunded decimal(20,4),
    pickup_location_code varchar(255),
    PRIMARY KEY (entity_id), UNIQUE KEY (increment_id, store_id), KEY (status), KEY (store_id),
    KEY (base_grand_total), KEY (base_total_paid), KEY (grand_total), KEY (total_paid), KEY (shipping_name),
    KEY (billing_name), KEY (created_at), KEY (customer_id), KEY (updated_at), KEY (pickup_location_code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- Taxes of an order by rule, and by rule and item.
CREATE TABLE {prefix}sales_order_tax (
    tax_id int unsigned NOT NULL AUTO_INCREMENT, order_id int unsigned NOT NULL, code varchar(255),
    title varchar(255), percent decimal(12,4), amount decimal(20,4), priority int NOT NULL, position int NOT NULL,
    base_amount decimal(20,4), process smallint NOT NULL, base_real_amount decimal(20,4),
    PRIMARY KEY (tax_id), KEY (order_id, priority, position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_order_tax_item (
    tax_item_id int unsigned NOT NULL AUTO_INCREMENT, tax_id int unsigned NOT NULL, item_id int unsigned,
    tax_percent decimal(12,4) NOT NULL, amount decimal(20,4) NOT NULL, base_amount decimal(20,4) NOT NULL,
    real_amount decimal(20,4) NOT NULL, real_base_amount decimal(20,4) NOT NULL, associated_item_id int unsigned,
    taxable_item_type varchar(32) NOT NULL,
    PRIMARY KEY (tax_item_id), UNIQUE KEY (tax_id, item_id), KEY (associated_item_id), KEY (item_id),
    FOREIGN KEY (associated_item_id) REFERENCES {prefix}sales_order_item (item_id) ON DELETE CASCADE,
    FOREIGN KEY (item_id) REFERENCES {prefix}sales_order_item (item_id) ON DELETE CASCADE,
    FOREIGN KEY (tax_id) REFERENCES {prefix}sales_order_tax (tax_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- Invoices, shipments and credit memos.
CREATE TABLE {prefix}sales_invoice (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, store_id smallint unsigned, base_grand_total decimal(20,4),
    shipping_tax_amount decimal(20,4), tax_amount decimal(20,4), base_tax_amount decimal(20,4),
    store_to_order_rate decimal(20,4), base_shipping_tax_amount decimal(20,4), base_discount_amount decimal(20,4),
    base_to_order_rate decimal(20,4), grand_total decimal(20,4), shipping_amount decimal(20,4),
    subtotal_incl_tax decimal(20,4), base_subtotal_incl_tax decimal(20,4), store_to_base_rate decimal(20,4),
    base_shipping_amount decimal(20,4), total_qty decimal(12,4), base_to_global_rate decimal(20,4),
    subtotal decimal(20,4), base_subtotal decimal(20,4), discount_amount decimal(20,4), billing_address_id int,
    is_used_for_refund smallint unsigned, order_id int unsigned NOT NULL, email_sent smallint unsigned,
    send_email smallint unsigned, can_void_flag smallint unsigned, state int, shipping_address_id int,
    store_currency_code varchar(3), transaction_id varchar(255), order_currency_code varchar(3),
    base_currency_code varchar(3), global_currency_code varchar(3), increment_id varchar(50),
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    discount_tax_compensation_amount decimal(20,4), base_discount_tax_compensation_amount decimal(20,4),
    shipping_discount_tax_compensation_amount decimal(20,4),
    base_shipping_discount_tax_compensation_amnt decimal(20,4), shipping_incl_tax decimal(20,4),
    base_shipping_incl_tax decimal(20,4), base_total_refunded decimal(20,4), discount_description varchar(255),
    customer_note text, customer_note_notify smallint unsigned,
    PRIMARY KEY (entity_id), UNIQUE KEY (increment_id, store_id), KEY (store_id), KEY (grand_total), KEY (order_id),
    KEY (state), KEY (created_at), KEY (updated_at), KEY (send_email), KEY (email_sent),
    FOREIGN KEY (order_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE,
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_invoice_item (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL, base_price decimal(12,4),
    tax_amount decimal(12,4), base_row_total decimal(20,4), discount_amount decimal(12,4), row_total decimal(20,4),
    base_discount_amount decimal(12,4), price_incl_tax decimal(12,4), base_tax_amount decimal(12,4),
    base_price_incl_tax decimal(12,4), qty decimal(12,4), base_cost decimal(12,4), price decimal(12,4),
    base_row_total_incl_tax decimal(12,4), row_total_incl_tax decimal(12,4), product_id int, order_item_id int,
    additional_data text, description text, sku varchar(255), name varchar(255),
    discount_tax_compensation_amount decimal(12,4), base_discount_tax_compensation_amount decimal(12,4),
    tax_ratio text, weee_tax_applied text, weee_tax_applied_amount decimal(12,4),
    weee_tax_applied_row_amount decimal(12,4), weee_tax_disposition decimal(12,4),
    weee_tax_row_disposition decimal(12,4), base_weee_tax_applied_amount decimal(12,4),
    base_weee_tax_applied_row_amnt decimal(12,4), base_weee_tax_disposition decimal(12,4),
    base_weee_tax_row_disposition decimal(12,4),
    PRIMARY KEY (entity_id), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_invoice (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_shipment (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, store_id smallint unsigned, total_weight decimal(12,4),
    total_qty decimal(12,4), email_sent smallint unsigned, send_email smallint unsigned,
    order_id int unsigned NOT NULL, customer_id int, shipping_address_id int, billing_address_id int,
    shipment_status int, increment_id varchar(50), created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, packages text,
    shipping_label mediumblob, customer_note text, customer_note_notify smallint unsigned,
    PRIMARY KEY (entity_id), UNIQUE KEY (increment_id, store_id), KEY (store_id), KEY (total_qty), KEY (order_id),
    KEY (created_at), KEY (updated_at), KEY (send_email), KEY (email_sent),
    FOREIGN KEY (order_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE,
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_shipment_item (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL, row_total decimal(20,4),
    price decimal(20,4), weight decimal(12,4), qty decimal(12,4), product_id int, order_item_id int,
    additional_data text, description text, name varchar(255), sku varchar(255),
    PRIMARY KEY (entity_id), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_shipment (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_creditmemo (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, store_id smallint unsigned, adjustment_positive decimal(20,4),
    base_shipping_tax_amount decimal(20,4), store_to_order_rate decimal(20,4), base_discount_amount decimal(20,4),
    base_to_order_rate decimal(20,4), grand_total decimal(20,4), base_adjustment_negative decimal(20,4),
    base_subtotal_incl_tax decimal(20,4), shipping_amount decimal(20,4), subtotal_incl_tax decimal(20,4),
    adjustment_negative decimal(20,4), base_shipping_amount decimal(20,4), store_to_base_rate decimal(20,4),
    base_to_global_rate decimal(20,4), base_adjustment decimal(20,4), base_subtotal decimal(20,4),
    discount_amount decimal(20,4), subtotal decimal(20,4), adjustment decimal(20,4), base_grand_total decimal(20,4),
    base_adjustment_positive decimal(20,4), base_tax_amount decimal(20,4), shipping_tax_amount decimal(20,4),
    tax_amount decimal(20,4), order_id int unsigned NOT NULL, email_sent smallint unsigned,
    send_email smallint unsigned, creditmemo_status int, state int, shipping_address_id int, billing_address_id int,
    invoice_id int, store_currency_code varchar(3), order_currency_code varchar(3), base_currency_code varchar(3),
    global_currency_code varchar(3), transaction_id varchar(255), increment_id varchar(50),
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    discount_tax_compensation_amount decimal(20,4), base_discount_tax_compensation_amount decimal(20,4),
    shipping_discount_tax_compensation_amount decimal(20,4),
    base_shipping_discount_tax_compensation_amnt decimal(20,4), shipping_incl_tax decimal(20,4),
    base_shipping_incl_tax decimal(20,4), discount_description varchar(255), customer_note text,
    customer_note_notify smallint unsigned,
    PRIMARY KEY (entity_id), UNIQUE KEY (increment_id, store_id), KEY (store_id), KEY (order_id),
    KEY (creditmemo_status), KEY (state), KEY (created_at), KEY (updated_at), KEY (send_email), KEY (email_sent),
    FOREIGN KEY (order_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE,
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_creditmemo_item (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL, base_price decimal(12,4),
    tax_amount decimal(12,4), base_row_total decimal(12,4), discount_amount decimal(12,4), row_total decimal(12,4),
    base_discount_amount decimal(12,4), price_incl_tax decimal(12,4), base_tax_amount decimal(12,4),
    base_price_incl_tax decimal(12,4), qty decimal(12,4), base_cost decimal(12,4), price decimal(12,4),
    base_row_total_incl_tax decimal(12,4), row_total_incl_tax decimal(12,4), product_id int, order_item_id int,
    additional_data text, description text, sku varchar(255), name varchar(255),
    discount_tax_compensation_amount decimal(12,4), base_discount_tax_compensation_amount decimal(12,4),
    tax_ratio text, weee_tax_applied text, weee_tax_applied_amount decimal(12,4),
    weee_tax_applied_row_amount decimal(12,4), weee_tax_disposition decimal(12,4),
    weee_tax_row_disposition decimal(12,4), base_weee_tax_applied_amount decimal(12,4),
    base_weee_tax_applied_row_amnt decimal(12,4), base_weee_tax_disposition decimal(12,4),
    base_weee_tax_row_disposition decimal(12,4),
    PRIMARY KEY (entity_id), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_creditmemo (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_invoice_comment (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL, is_customer_notified smallint unsigned,
    is_visible_on_front smallint unsigned NOT NULL DEFAULT 0, comment text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (entity_id), KEY (created_at), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_invoice (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_shipment_track (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL, weight decimal(12,4),
    qty decimal(12,4), order_id int unsigned NOT NULL, track_number text, description text, title varchar(255),
    carrier_code varchar(32), created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (entity_id), KEY (parent_id), KEY (order_id), KEY (created_at),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_shipment (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_shipment_comment (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL, is_customer_notified int,
    is_visible_on_front smallint unsigned NOT NULL DEFAULT 0, comment text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (entity_id), KEY (created_at), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_shipment (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}sales_creditmemo_comment (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned NOT NULL, is_customer_notified int,
    is_visible_on_front smallint unsigned NOT NULL DEFAULT 0, comment text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (entity_id), KEY (created_at), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_creditmemo (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- What passed between the shop and the payment provider.
CREATE TABLE {prefix}sales_payment_transaction (
    transaction_id int unsigned NOT NULL AUTO_INCREMENT, parent_id int unsigned,
    order_id int unsigned NOT NULL DEFAULT 0, payment_id int unsigned NOT NULL DEFAULT 0, txn_id varchar(100),
    parent_txn_id varchar(100), txn_type varchar(15), is_closed smallint unsigned NOT NULL DEFAULT 1,
    additional_information blob, created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (transaction_id), UNIQUE KEY (order_id, payment_id, txn_id), KEY (parent_id), KEY (payment_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}sales_payment_transaction (transaction_id) ON DELETE CASCADE,
    FOREIGN KEY (order_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE,
    FOREIGN KEY (payment_id) REFERENCES {prefix}sales_order_payment (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- Stock: warehouses are called sources.
CREATE TABLE {prefix}inventory_source (
    source_code varchar(255) NOT NULL, name varchar(255) NOT NULL, enabled smallint unsigned NOT NULL DEFAULT 1,
    description text, latitude decimal(8,6), longitude decimal(9,6), country_id varchar(2) NOT NULL,
    region_id int unsigned, region varchar(255), city varchar(255), street varchar(255),
    postcode varchar(255) NOT NULL, contact_name varchar(255), email varchar(255), phone varchar(255),
    fax varchar(255), use_default_carrier_config smallint unsigned NOT NULL DEFAULT 1,
    is_pickup_location_active tinyint(1) NOT NULL DEFAULT 0, frontend_name varchar(255) DEFAULT '',
    frontend_description text,
    PRIMARY KEY (source_code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}inventory_source_item (
    source_item_id int unsigned NOT NULL AUTO_INCREMENT, source_code varchar(255) NOT NULL, sku varchar(64) NOT NULL,
    quantity decimal(12,4) NOT NULL DEFAULT 0.0000, status smallint unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (source_item_id), UNIQUE KEY (source_code, sku), KEY (sku, source_code, quantity),
    FOREIGN KEY (source_code) REFERENCES {prefix}inventory_source (source_code) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}inventory_reservation (
    reservation_id int unsigned NOT NULL AUTO_INCREMENT, stock_id int unsigned NOT NULL, sku varchar(64) NOT NULL,
    quantity decimal(10,4) NOT NULL DEFAULT 0.0000, metadata varchar(255),
    PRIMARY KEY (reservation_id), KEY (stock_id, sku, quantity)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- What the module ErpSidecar_Outbox adds: the ERP's number in the list of orders.
ALTER TABLE {prefix}sales_order_grid ADD COLUMN ext_order_id varchar(32);
