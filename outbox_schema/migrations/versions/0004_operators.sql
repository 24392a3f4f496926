-- Revision 0004: lanes that people pause, payloads that they edit, documents that they confirm.

-- Lanes that a person has stopped. A row is deleted when the lane is resumed; erp_operator_action keeps who did both.
CREATE TABLE IF NOT EXISTS {prefix}erp_lane_pause (
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    lane VARCHAR(96) NOT NULL COMMENT 'The lane, such as order:42; it need not have any event yet',
    paused_by VARCHAR(128) NOT NULL COMMENT 'Who stopped it',
    reason VARCHAR(1024) NOT NULL COMMENT 'Why, in their words',
    paused_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (destination, lane)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Lanes that a person has stopped';

-- Payloads that people have put in the place of events' own, for one destination; the latest edit of an event counts.
-- The two payloads hold names and addresses of customers, and nothing else here does: to erase a person, overwrite
-- these two columns. The hashes stay, and prove what was edited into what.
CREATE TABLE IF NOT EXISTS {prefix}erp_event_edit (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of edits',
    destination VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Name in the blueprint',
    outbox_id BIGINT UNSIGNED NOT NULL COMMENT 'The event, which itself never changes',
    lane VARCHAR(96) NOT NULL COMMENT 'Its lane, such as order:42',
    payload_before MEDIUMTEXT NOT NULL COMMENT 'Personal data: JSON that would have gone out until then',
    payload_after MEDIUMTEXT NOT NULL COMMENT 'Personal data: JSON that goes out instead',
    sha256_before CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Hash of payload_before',
    sha256_after CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Hash of payload_after',
    edited_by VARCHAR(128) NOT NULL COMMENT 'Who did it; erp_operator_action says why',
    edited_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY {prefix}erp_event_edit_events (destination, outbox_id),
    KEY {prefix}erp_event_edit_lanes (lane)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Payloads that people have edited, before and after; append-only';

-- Two more states; dropped and added in one statement, so that it can be run again. The other CHECK goes along because
-- MySQL would write it down differently afterwards.
ALTER TABLE {prefix}erp_delivery
    MODIFY COLUMN state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'ready, waiting, retry, pending, unknown, parked, paused, held, retrying, skipping or confirming',
    DROP CONSTRAINT {prefix}erp_delivery_stream_is_known,
    DROP CONSTRAINT {prefix}erp_delivery_state_is_known,
    ADD CONSTRAINT {prefix}erp_delivery_stream_is_known CHECK (stream IN ('documents', 'stock')),
    ADD CONSTRAINT {prefix}erp_delivery_state_is_known
        CHECK (state IN ('ready', 'waiting', 'retry', 'pending', 'unknown', 'parked', 'paused', 'held', 'retrying',
                         'skipping', 'confirming'));

ALTER TABLE {prefix}erp_operator_action
    MODIFY COLUMN action VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'retry, skip, edit, confirm, pause or resume';

-- A column can be added only once, and MySQL has no IF NOT EXISTS for it.
SET @add_detail = (
    SELECT IF(
        COUNT(*) = 0,
        'ALTER TABLE {prefix}erp_operator_action ADD COLUMN detail VARCHAR(2048) NULL COMMENT ''What was chosen, such as the fields that an edit changed, or the ERP number confirmed'' AFTER fault_before',
        'DO 0')
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = '{prefix}erp_operator_action' AND column_name = 'detail');
PREPARE add_detail FROM @add_detail;
EXECUTE add_detail;
DEALLOCATE PREPARE add_detail;
