-- Each time that a person declared this database restored, or a copy. Append-only. Before the first row the epoch is 1.
CREATE TABLE IF NOT EXISTS {prefix}erp_epoch (
    epoch INT UNSIGNED NOT NULL COMMENT 'From 2 on; part of the references of what comes after',
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'restored or copied',
    after_id BIGINT UNSIGNED NOT NULL COMMENT 'Newest outbox id from before: up to it, the ERP may know more than we do',
    after_entity BIGINT UNSIGNED NOT NULL COMMENT 'Newest order from before, by its entity_id',
    revision_shift BIGINT UNSIGNED NOT NULL
        COMMENT 'Added to the outbox ids of later events where an ERP is told a revision: those must only grow',
    actor VARCHAR(128) NOT NULL COMMENT 'Who declared it',
    reason VARCHAR(1024) NOT NULL COMMENT 'Why, in their words',
    declared_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (epoch),
    CONSTRAINT {prefix}erp_epoch_is_a_later_one CHECK (epoch > 1),
    CONSTRAINT {prefix}erp_epoch_kind_is_known CHECK (kind IN ('restored', 'copied'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Declared restores and copies; append-only';
