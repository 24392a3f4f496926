-- Payloads that stand in the place of events' own, for one destination; the latest edit of an event counts. People make
-- them, and the sidecar itself (edited_by relay), where Magento could not tell an order and its tables could.
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
