-- The demonstration's own tables, and the rows of a shop before its first order.

-- When COMMIT returned for each event: written by the shop, read by the checker to time deliveries.
CREATE TABLE {prefix}demo_commit (
    event_id char(36) CHARACTER SET ascii NOT NULL,
    committed_at_us bigint unsigned NOT NULL,
    PRIMARY KEY (event_id)
) ENGINE=InnoDB;

-- When the daemon was down on purpose: what was due in such a time met a fault.
CREATE TABLE {prefix}demo_outage (
    id int unsigned NOT NULL AUTO_INCREMENT,
    from_us bigint unsigned NOT NULL,
    until_us bigint unsigned,
    PRIMARY KEY (id)
) ENGINE=InnoDB;

-- Orders whose ERP number a stale save took away: written by the shop, which saw both rows.
CREATE TABLE {prefix}demo_overwrite (
    id int unsigned NOT NULL AUTO_INCREMENT,
    order_id int unsigned NOT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB;

INSERT INTO {prefix}store_website (website_id, code, name, default_group_id, is_default) VALUES
    (1, 'base', 'Main Website', 1, 1), (2, 'eu', 'EU Website – Größe', 2, 0);

INSERT INTO {prefix}store_group (group_id, website_id, name, default_store_id, code) VALUES
    (1, 1, 'Main Store', 1, 'main_store'), (2, 2, 'EU Store', 2, 'eu_store');

INSERT INTO {prefix}store (store_id, code, website_id, group_id, name, is_active) VALUES
    (1, 'default', 1, 1, 'English', 1), (2, 'eu_de', 2, 2, 'Deutsch', 1), (3, 'eu_en', 2, 2, 'English (USD)', 1);

INSERT INTO {prefix}sales_order_status (status, label) VALUES
    ('pending', 'Pending'), ('pending_payment', 'Pending Payment'), ('payment_review', 'Payment Review'),
    ('fraud', 'Suspected Fraud'), ('processing', 'Processing'), ('complete', 'Complete'), ('closed', 'Closed'),
    ('canceled', 'Canceled'), ('holded', 'On Hold');

INSERT INTO {prefix}sales_order_status_state (status, state, is_default, visible_on_front) VALUES
    ('pending', 'new', 1, 1), ('pending_payment', 'pending_payment', 1, 0), ('payment_review', 'payment_review', 1, 1),
    ('fraud', 'payment_review', 0, 1), ('processing', 'processing', 1, 1), ('complete', 'complete', 1, 1),
    ('closed', 'closed', 1, 1), ('canceled', 'canceled', 1, 1), ('holded', 'holded', 1, 1);

INSERT INTO {prefix}inventory_source (source_code, name, country_id, postcode) VALUES
    ('west', 'West warehouse', 'US', '90001'), ('east', 'East warehouse', 'US', '10001'),
    ('eu-hub', 'EU hub Köln', 'DE', '50667');

INSERT INTO {prefix}inventory_source_item (source_code, sku, quantity, status)
SELECT source_code, sku, 10000, 1
FROM {prefix}inventory_source
CROSS JOIN (
    SELECT 'SKU-A' AS sku UNION ALL SELECT 'SKU-B' UNION ALL SELECT 'ODD-1999' UNION ALL SELECT 'BOOK-7'
    UNION ALL SELECT 'TEE-S' UNION ALL SELECT 'TEE-M' UNION ALL SELECT 'CHAIR' UNION ALL SELECT 'TABLE'
    UNION ALL SELECT 'CABLE-M'
) AS stocked;
