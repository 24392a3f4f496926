-- Revision 0018: a line keeps what an ERP was told of it: the unit and the quantity in it, and for an ERP that takes no
-- changes the level that it had and the one that it was told to have.
-- The CHECKs go along because MySQL would write one down differently afterwards, and MariaDB keeps their order.
ALTER TABLE {prefix}erp_stock_window_line
    DROP CONSTRAINT {prefix}erp_stock_window_line_members_are_json,
    DROP CONSTRAINT {prefix}erp_stock_window_line_state_is_known,
    DROP CONSTRAINT {prefix}erp_stock_window_line_carried_somewhere,
    ADD COLUMN unit VARCHAR(16) NOT NULL DEFAULT ''
        COMMENT 'Unit of the ERP in which it was told; empty: none was named' AFTER members,
    ADD COLUMN told DECIMAL(36, 12) NULL COMMENT 'The quantity in that unit; NULL: not told yet, or as it is' AFTER unit,
    ADD COLUMN expected DECIMAL(36, 12) NULL
        COMMENT 'What the ERP had, of one that is told absolutely, in that unit' AFTER told,
    ADD COLUMN target DECIMAL(36, 12) NULL COMMENT 'What it was told to have instead' AFTER expected,
    ADD CONSTRAINT {prefix}erp_stock_window_line_members_are_json CHECK (JSON_VALID(members)),
    ADD CONSTRAINT {prefix}erp_stock_window_line_state_is_known
        CHECK (state IN ('open', 'booked', 'net_zero', 'parked', 'held', 'retrying', 'skipping', 'carried', 'skipped')),
    ADD CONSTRAINT {prefix}erp_stock_window_line_carried_somewhere
        CHECK ((state = 'carried') = (carried_to IS NOT NULL));
