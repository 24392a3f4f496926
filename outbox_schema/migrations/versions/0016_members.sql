-- Revision 0016: a stock window says what it adds up, and each of its lines keeps the ids of its deltas. Lines of before
-- have none: which deltas made them, the range of their window and the blueprint of then have to tell.
-- The CHECKs go along because MySQL would write one down differently afterwards, and MariaDB keeps their order.
ALTER TABLE {prefix}erp_stock_window
    DROP CONSTRAINT {prefix}erp_stock_window_state_is_known,
    DROP CONSTRAINT {prefix}erp_stock_window_holes_are_json,
    DROP CONSTRAINT {prefix}erp_stock_window_late_ids_are_json,
    ADD COLUMN kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'movement'
        COMMENT 'movement: changes of what sources hold; demand: what sales reserve and give back' AFTER epoch,
    ADD KEY {prefix}erp_stock_window_newest (destination, frozen_at),
    ADD CONSTRAINT {prefix}erp_stock_window_kind_is_known CHECK (kind IN ('movement', 'demand')),
    ADD CONSTRAINT {prefix}erp_stock_window_state_is_known
        CHECK (state IN ('frozen', 'sending', 'unknown', 'parked', 'booked', 'net_zero', 'skipped')),
    ADD CONSTRAINT {prefix}erp_stock_window_holes_are_json CHECK (JSON_VALID(holes)),
    ADD CONSTRAINT {prefix}erp_stock_window_late_ids_are_json CHECK (JSON_VALID(late_ids));

ALTER TABLE {prefix}erp_stock_window_line
    DROP CONSTRAINT {prefix}erp_stock_window_line_state_is_known,
    ADD COLUMN members MEDIUMTEXT NULL
        COMMENT 'Ids of these deltas: JSON list, ascending; NULL: frozen before ids were kept' AFTER deltas,
    ADD CONSTRAINT {prefix}erp_stock_window_line_members_are_json CHECK (JSON_VALID(members)),
    ADD CONSTRAINT {prefix}erp_stock_window_line_state_is_known
        CHECK (state IN ('open', 'booked', 'net_zero', 'parked'));
