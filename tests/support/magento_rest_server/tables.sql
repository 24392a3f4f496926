-- Tables of Magento that its services write beside those of the demonstration: grids, numbers, sources of shipments.
-- `{prefix}` is the shop's table prefix.

CREATE TABLE IF NOT EXISTS {prefix}sales_shipment_grid (
    entity_id int unsigned NOT NULL, increment_id varchar(50), store_id smallint unsigned, order_id int unsigned NOT NULL,
    PRIMARY KEY (entity_id), UNIQUE KEY (increment_id, store_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE IF NOT EXISTS {prefix}sales_invoice_grid (
    entity_id int unsigned NOT NULL, increment_id varchar(50), store_id smallint unsigned, order_id int unsigned NOT NULL,
    PRIMARY KEY (entity_id), UNIQUE KEY (increment_id, store_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE IF NOT EXISTS {prefix}sales_creditmemo_grid (
    entity_id int unsigned NOT NULL, increment_id varchar(50), store_id smallint unsigned, order_id int unsigned NOT NULL,
    PRIMARY KEY (entity_id), UNIQUE KEY (increment_id, store_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE IF NOT EXISTS {prefix}inventory_shipment_source (
    shipment_id int unsigned NOT NULL, source_code varchar(255) NOT NULL,
    PRIMARY KEY (shipment_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE IF NOT EXISTS {prefix}inventory_source_stock_link (
    link_id int unsigned NOT NULL AUTO_INCREMENT, stock_id int unsigned NOT NULL, source_code varchar(255) NOT NULL,
    priority smallint unsigned NOT NULL,
    PRIMARY KEY (link_id), UNIQUE KEY (stock_id, source_code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE IF NOT EXISTS {prefix}inventory_stock_sales_channel (
    type varchar(64) NOT NULL, code varchar(64) NOT NULL, stock_id int unsigned NOT NULL,
    PRIMARY KEY (type, code), KEY (stock_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
