-- What a chaos run adds to Magento's and the sidecar's tables: a shop's first rows, and a trail of who wrote when.

INSERT INTO store_website (website_id, code, name) VALUES (1, 'base', 'Main');
INSERT INTO store_group (group_id, website_id, name, default_store_id, code) VALUES (1, 1, 'Main', 1, 'main');
INSERT INTO store (store_id, code, website_id, group_id, name, is_active) VALUES (1, 'default', 1, 1, 'Main', 1);
INSERT INTO sales_order_status (status, label) VALUES
    ('pending', 'Pending'), ('pending_payment', 'Pending Payment'), ('payment_review', 'Payment Review'),
    ('processing', 'Processing'), ('canceled', 'Canceled'), ('booked', 'Booked');
INSERT INTO sales_order_status_state (status, state, is_default, visible_on_front) VALUES
    ('pending', 'new', 1, 1), ('pending_payment', 'pending_payment', 1, 0), ('payment_review', 'payment_review', 1, 1),
    ('processing', 'processing', 1, 1), ('canceled', 'canceled', 1, 1), ('booked', 'new', 0, 1),
    ('booked', 'processing', 0, 1);

-- Who raised the fencing token of a stream, what was under way then, and who wrote under which token. Each sidecar has
-- a database account of its own, and a row's id is given while the cursor's row is held: so the trail tells the truth
-- about the order of takeovers and writes, and the sidecar cannot colour it.
CREATE TABLE chaos_trail (
    id bigint unsigned NOT NULL AUTO_INCREMENT,
    kind varchar(8) NOT NULL,
    destination varchar(64) NOT NULL,
    stream varchar(16) NOT NULL,
    account varchar(64) NOT NULL,
    intents mediumtext,
    at_us bigint unsigned NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB;

CREATE TRIGGER chaos_takeover AFTER UPDATE ON erp_cursor FOR EACH ROW
    INSERT INTO chaos_trail (kind, destination, stream, account, intents, at_us)
    SELECT 'takeover', NEW.destination, NEW.stream, USER(), OLD.intents,
           FLOOR(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000)
    FROM DUAL WHERE NEW.token <> OLD.token;

CREATE TRIGGER chaos_receipt AFTER INSERT ON erp_receipt FOR EACH ROW
    INSERT INTO chaos_trail (kind, destination, stream, account, at_us)
    VALUES ('write', NEW.destination, 'documents', USER(), FLOOR(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000));

CREATE TRIGGER chaos_window AFTER INSERT ON erp_stock_window FOR EACH ROW
    INSERT INTO chaos_trail (kind, destination, stream, account, at_us)
    VALUES ('write', NEW.destination, 'stock', USER(), FLOOR(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000));

CREATE TRIGGER chaos_window_settled AFTER UPDATE ON erp_stock_window FOR EACH ROW
    INSERT INTO chaos_trail (kind, destination, stream, account, at_us)
    VALUES ('write', NEW.destination, 'stock', USER(), FLOOR(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000));
