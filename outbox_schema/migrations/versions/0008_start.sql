-- Revision 0008: each cursor keeps where its destination began, and why its calls are held back. Those that are there
-- began with the outbox.
-- The CHECKs go along because MySQL would write one down differently afterwards, and MariaDB keeps their order.
ALTER TABLE {prefix}erp_cursor
    DROP CONSTRAINT {prefix}erp_cursor_stream_is_known,
    DROP CONSTRAINT {prefix}erp_cursor_open_gaps_are_json,
    DROP CONSTRAINT {prefix}erp_cursor_intents_are_json,
    ADD COLUMN start_rule VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'beginning'
        COMMENT 'Where the blueprint told it to begin: beginning, now, or an instant',
    ADD COLUMN started_after BIGINT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'Events up to this outbox id, ids in its first open gaps apart, were before its start',
    ADD COLUMN started_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC; when that was decided',
    ADD COLUMN held_because VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'Why calls are held back, as last said; empty: nothing is',
    ADD CONSTRAINT {prefix}erp_cursor_stream_is_known CHECK (stream IN ('documents', 'stock')),
    ADD CONSTRAINT {prefix}erp_cursor_open_gaps_are_json CHECK (JSON_VALID(open_gaps)),
    ADD CONSTRAINT {prefix}erp_cursor_intents_are_json CHECK (JSON_VALID(intents));
