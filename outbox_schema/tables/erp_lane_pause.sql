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
