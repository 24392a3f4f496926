-- Tables of Magento's stock beside those of the demonstration: stocks and their sources, the tables from before there
-- were sources, what schedule mode keeps, and the index of two stocks. `{prefix}` is the shop's table prefix.

CREATE TABLE IF NOT EXISTS {prefix}catalog_product_entity (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, attribute_set_id smallint unsigned NOT NULL DEFAULT 0,
    type_id varchar(32) NOT NULL DEFAULT 'simple', sku varchar(64) NOT NULL,
    has_options smallint NOT NULL DEFAULT 0, required_options smallint unsigned NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (entity_id), KEY (attribute_set_id), KEY (sku)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}inventory_stock (
    stock_id int unsigned NOT NULL AUTO_INCREMENT, name varchar(255) NOT NULL,
    PRIMARY KEY (stock_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}inventory_source_stock_link (
    link_id int unsigned NOT NULL AUTO_INCREMENT, stock_id int unsigned NOT NULL, source_code varchar(255) NOT NULL,
    priority smallint unsigned NOT NULL,
    PRIMARY KEY (link_id), UNIQUE KEY (stock_id, source_code), KEY (source_code), KEY (stock_id, priority),
    FOREIGN KEY (stock_id) REFERENCES {prefix}inventory_stock (stock_id) ON DELETE CASCADE,
    FOREIGN KEY (source_code) REFERENCES {prefix}inventory_source (source_code) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}inventory_stock_sales_channel (
    type varchar(64) NOT NULL, code varchar(64) NOT NULL, stock_id int unsigned NOT NULL,
    PRIMARY KEY (type, code), KEY (stock_id),
    FOREIGN KEY (stock_id) REFERENCES {prefix}inventory_stock (stock_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}cataloginventory_stock (
    stock_id smallint unsigned NOT NULL AUTO_INCREMENT, website_id smallint unsigned NOT NULL, stock_name varchar(255),
    PRIMARY KEY (stock_id), KEY (website_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}cataloginventory_stock_item (
    item_id int unsigned NOT NULL AUTO_INCREMENT, product_id int unsigned NOT NULL DEFAULT 0,
    stock_id smallint unsigned NOT NULL DEFAULT 0, qty decimal(12,4),
    min_qty decimal(12,4) NOT NULL DEFAULT 0.0000, use_config_min_qty smallint unsigned NOT NULL DEFAULT 1,
    is_qty_decimal smallint unsigned NOT NULL DEFAULT 0,
    backorders smallint unsigned NOT NULL DEFAULT 0, use_config_backorders smallint unsigned NOT NULL DEFAULT 1,
    min_sale_qty decimal(12,4) NOT NULL DEFAULT 1.0000, use_config_min_sale_qty smallint unsigned NOT NULL DEFAULT 1,
    max_sale_qty decimal(12,4) NOT NULL DEFAULT 0.0000, use_config_max_sale_qty smallint unsigned NOT NULL DEFAULT 1,
    is_in_stock smallint unsigned NOT NULL DEFAULT 0, low_stock_date timestamp NULL,
    notify_stock_qty decimal(12,4), use_config_notify_stock_qty smallint unsigned NOT NULL DEFAULT 1,
    manage_stock smallint unsigned NOT NULL DEFAULT 0, use_config_manage_stock smallint unsigned NOT NULL DEFAULT 1,
    stock_status_changed_auto smallint unsigned NOT NULL DEFAULT 0,
    use_config_qty_increments smallint unsigned NOT NULL DEFAULT 1, qty_increments decimal(12,4) NOT NULL DEFAULT 0.0000,
    use_config_enable_qty_inc smallint unsigned NOT NULL DEFAULT 1,
    enable_qty_increments smallint unsigned NOT NULL DEFAULT 0,
    is_decimal_divided smallint unsigned NOT NULL DEFAULT 0, website_id smallint unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (item_id), UNIQUE KEY (product_id, stock_id), KEY (website_id), KEY (website_id, product_id),
    KEY (stock_id),
    FOREIGN KEY (product_id) REFERENCES {prefix}catalog_product_entity (entity_id) ON DELETE CASCADE,
    FOREIGN KEY (stock_id) REFERENCES {prefix}cataloginventory_stock (stock_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}cataloginventory_stock_status (
    product_id int unsigned NOT NULL, website_id smallint unsigned NOT NULL, stock_id smallint unsigned NOT NULL,
    qty decimal(12,4) NOT NULL DEFAULT 0.0000, stock_status smallint unsigned NOT NULL,
    PRIMARY KEY (product_id, website_id, stock_id), KEY (stock_id), KEY (website_id), KEY (stock_status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}mview_state (
    state_id int unsigned NOT NULL AUTO_INCREMENT, view_id varchar(255), mode varchar(16) DEFAULT 'disabled',
    status varchar(16) DEFAULT 'idle', updated datetime, version_id int unsigned,
    PRIMARY KEY (state_id), KEY (view_id), KEY (mode)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}inventory_stock_2 (
    sku varchar(64) NOT NULL, quantity decimal(10,4) NOT NULL DEFAULT 0.0000, is_salable tinyint(1) NOT NULL,
    PRIMARY KEY (sku), KEY (sku, quantity)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- What follows is made by Magento as it goes: the change logs of schedule mode, and the index of the default stock.

CREATE TABLE {prefix}inventory_cl (
    version_id int unsigned NOT NULL AUTO_INCREMENT, entity_id int unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (version_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE {prefix}cataloginventory_stock_cl (
    version_id int unsigned NOT NULL AUTO_INCREMENT, entity_id int unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (version_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE SQL SECURITY INVOKER VIEW {prefix}inventory_stock_1 AS
SELECT DISTINCT s.product_id, s.website_id, s.stock_id, s.qty AS quantity, s.stock_status AS is_salable, p.sku
FROM {prefix}cataloginventory_stock_status s
INNER JOIN {prefix}catalog_product_entity p ON s.product_id = p.entity_id;

CREATE TABLE {prefix}queue_message (
    id int unsigned NOT NULL AUTO_INCREMENT, topic_name varchar(255), body longtext,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}queue_message_status (
    id int unsigned NOT NULL AUTO_INCREMENT, queue_id int unsigned NOT NULL, message_id int unsigned NOT NULL,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    status smallint unsigned NOT NULL, number_of_trials smallint unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (id), UNIQUE KEY (queue_id, message_id), KEY (status, updated_at),
    FOREIGN KEY (message_id) REFERENCES {prefix}queue_message (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}inventory_pickup_location_order (
    order_id int unsigned NOT NULL AUTO_INCREMENT, pickup_location_code varchar(255) NOT NULL,
    PRIMARY KEY (order_id),
    FOREIGN KEY (order_id) REFERENCES {prefix}sales_order (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
