-- Revision 0017: a line of a stock window that the ERP refuses is parked alone, later ones of its SKU are held behind
-- it, and both are carried into a later window when a person decides.
-- The CHECKs go along because MySQL would write one down differently afterwards, and MariaDB keeps their order.
ALTER TABLE {prefix}erp_stock_window
    DROP CONSTRAINT {prefix}erp_stock_window_kind_is_known,
    DROP CONSTRAINT {prefix}erp_stock_window_state_is_known,
    DROP CONSTRAINT {prefix}erp_stock_window_holes_are_json,
    DROP CONSTRAINT {prefix}erp_stock_window_late_ids_are_json,
    MODIFY COLUMN state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'frozen, sending, unknown, parked, booked, net_zero, held, carried or skipped',
    ADD CONSTRAINT {prefix}erp_stock_window_kind_is_known CHECK (kind IN ('movement', 'demand')),
    ADD CONSTRAINT {prefix}erp_stock_window_state_is_known
        CHECK (state IN ('frozen', 'sending', 'unknown', 'parked', 'booked', 'net_zero', 'held', 'carried', 'skipped')),
    ADD CONSTRAINT {prefix}erp_stock_window_holes_are_json CHECK (JSON_VALID(holes)),
    ADD CONSTRAINT {prefix}erp_stock_window_late_ids_are_json CHECK (JSON_VALID(late_ids));

ALTER TABLE {prefix}erp_stock_window_line
    DROP CONSTRAINT {prefix}erp_stock_window_line_members_are_json,
    DROP CONSTRAINT {prefix}erp_stock_window_line_state_is_known,
    MODIFY COLUMN state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open'
        COMMENT 'open, booked, net_zero, parked, held, retrying, skipping, carried or skipped',
    ADD COLUMN carried_to BIGINT UNSIGNED NULL
        COMMENT 'The window that goes on with it, of one that was carried' AFTER fault,
    ADD KEY {prefix}erp_stock_window_line_standing (state, window_id),
    ADD CONSTRAINT {prefix}erp_stock_window_line_members_are_json CHECK (JSON_VALID(members)),
    ADD CONSTRAINT {prefix}erp_stock_window_line_state_is_known
        CHECK (state IN ('open', 'booked', 'net_zero', 'parked', 'held', 'retrying', 'skipping', 'carried', 'skipped')),
    ADD CONSTRAINT {prefix}erp_stock_window_line_carried_somewhere
        CHECK ((state = 'carried') = (carried_to IS NOT NULL));
