-- Magento's tables of customers and products: true column names, types and keys, for tests of the module.
-- Keys to tables that are not here (eav_attribute) are left out, and so are Magento's names of keys.
-- `{prefix}` is the shop's table prefix.

CREATE TABLE {prefix}customer_group (
    customer_group_id int unsigned NOT NULL AUTO_INCREMENT, customer_group_code varchar(32) NOT NULL,
    tax_class_id int unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (customer_group_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}customer_entity (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, website_id smallint unsigned, email varchar(255),
    group_id smallint unsigned NOT NULL DEFAULT 0, increment_id varchar(50), store_id smallint unsigned DEFAULT 0,
    created_at timestamp NOT NULL DEFAULT current_timestamp(),
    updated_at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    is_active smallint unsigned NOT NULL DEFAULT 1, disable_auto_group_change smallint unsigned NOT NULL DEFAULT 0,
    created_in varchar(255), prefix varchar(40), firstname varchar(255), middlename varchar(255),
    lastname varchar(255), suffix varchar(40), dob date, password_hash varchar(128), rp_token varchar(128),
    rp_token_created_at datetime, default_billing int unsigned, default_shipping int unsigned, taxvat varchar(50),
    confirmation varchar(64), gender smallint unsigned, failures_num smallint DEFAULT 0,
    first_failure timestamp NULL, lock_expires timestamp NULL, session_cutoff timestamp NULL,
    PRIMARY KEY (entity_id), UNIQUE KEY (email, website_id), KEY (store_id), KEY (website_id), KEY (firstname),
    KEY (lastname),
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE SET NULL,
    FOREIGN KEY (website_id) REFERENCES {prefix}store_website (website_id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}customer_address_entity (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, increment_id varchar(50), parent_id int unsigned,
    created_at timestamp NOT NULL DEFAULT current_timestamp(),
    updated_at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    is_active smallint unsigned NOT NULL DEFAULT 1, city varchar(255) NOT NULL, company varchar(255),
    country_id varchar(255) NOT NULL, fax varchar(255), firstname varchar(255) NOT NULL,
    lastname varchar(255) NOT NULL, middlename varchar(255), postcode varchar(255), prefix varchar(40),
    region varchar(255), region_id int unsigned, street text NOT NULL, suffix varchar(40),
    telephone varchar(255) NOT NULL, vat_id varchar(255), vat_is_valid int unsigned, vat_request_date varchar(255),
    vat_request_id varchar(255), vat_request_success int unsigned,
    PRIMARY KEY (entity_id), KEY (parent_id),
    FOREIGN KEY (parent_id) REFERENCES {prefix}customer_entity (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}newsletter_subscriber (
    subscriber_id int unsigned NOT NULL AUTO_INCREMENT, store_id smallint unsigned DEFAULT 0,
    change_status_at timestamp NULL, customer_id int unsigned NOT NULL DEFAULT 0, subscriber_email varchar(150),
    subscriber_status int NOT NULL DEFAULT 0, subscriber_confirm_code varchar(32),
    PRIMARY KEY (subscriber_id), KEY (customer_id), KEY (store_id), KEY (subscriber_email),
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}catalog_product_entity (
    entity_id int unsigned NOT NULL AUTO_INCREMENT, attribute_set_id smallint unsigned NOT NULL DEFAULT 0,
    type_id varchar(32) NOT NULL DEFAULT 'simple', sku varchar(64) NOT NULL,
    has_options smallint NOT NULL DEFAULT 0, required_options smallint unsigned NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL DEFAULT current_timestamp(),
    updated_at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    PRIMARY KEY (entity_id), KEY (attribute_set_id), KEY (sku)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}catalog_product_entity_decimal (
    value_id int NOT NULL AUTO_INCREMENT, attribute_id smallint unsigned NOT NULL DEFAULT 0,
    store_id smallint unsigned NOT NULL DEFAULT 0, entity_id int unsigned NOT NULL DEFAULT 0, value decimal(20,6),
    PRIMARY KEY (value_id), UNIQUE KEY (entity_id, attribute_id, store_id), KEY (store_id), KEY (attribute_id),
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE CASCADE,
    FOREIGN KEY (entity_id) REFERENCES {prefix}catalog_product_entity (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}catalog_product_entity_int (
    value_id int NOT NULL AUTO_INCREMENT, attribute_id smallint unsigned NOT NULL DEFAULT 0,
    store_id smallint unsigned NOT NULL DEFAULT 0, entity_id int unsigned NOT NULL DEFAULT 0, value int,
    PRIMARY KEY (value_id), UNIQUE KEY (entity_id, attribute_id, store_id), KEY (attribute_id), KEY (store_id),
    KEY (attribute_id, store_id, value),
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE CASCADE,
    FOREIGN KEY (entity_id) REFERENCES {prefix}catalog_product_entity (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}catalog_product_entity_varchar (
    value_id int NOT NULL AUTO_INCREMENT, attribute_id smallint unsigned NOT NULL DEFAULT 0,
    store_id smallint unsigned NOT NULL DEFAULT 0, entity_id int unsigned NOT NULL DEFAULT 0, value varchar(255),
    PRIMARY KEY (value_id), UNIQUE KEY (entity_id, attribute_id, store_id), KEY (attribute_id), KEY (store_id),
    FOREIGN KEY (store_id) REFERENCES {prefix}store (store_id) ON DELETE CASCADE,
    FOREIGN KEY (entity_id) REFERENCES {prefix}catalog_product_entity (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}catalog_product_entity_tier_price (
    value_id int NOT NULL AUTO_INCREMENT, entity_id int unsigned NOT NULL DEFAULT 0,
    all_groups smallint unsigned NOT NULL DEFAULT 1, customer_group_id int unsigned NOT NULL DEFAULT 0,
    qty decimal(12,4) NOT NULL DEFAULT 1, value decimal(20,6) NOT NULL DEFAULT 0,
    website_id smallint unsigned NOT NULL, percentage_value decimal(5,2),
    PRIMARY KEY (value_id), UNIQUE KEY (entity_id, all_groups, customer_group_id, qty, website_id),
    KEY (customer_group_id), KEY (website_id),
    FOREIGN KEY (customer_group_id) REFERENCES {prefix}customer_group (customer_group_id) ON DELETE CASCADE,
    FOREIGN KEY (entity_id) REFERENCES {prefix}catalog_product_entity (entity_id) ON DELETE CASCADE,
    FOREIGN KEY (website_id) REFERENCES {prefix}store_website (website_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE {prefix}catalog_product_website (
    product_id int unsigned NOT NULL, website_id smallint unsigned NOT NULL,
    PRIMARY KEY (product_id, website_id), KEY (website_id),
    FOREIGN KEY (website_id) REFERENCES {prefix}store_website (website_id) ON DELETE CASCADE,
    FOREIGN KEY (product_id) REFERENCES {prefix}catalog_product_entity (entity_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
