-- Revision 0007: which shop this database is, and each time that it went back.

-- Which shop this database is and where it belongs. One row, made by the first sidecar that serves it.
CREATE TABLE IF NOT EXISTS {prefix}erp_instance (
    only_row TINYINT UNSIGNED NOT NULL COMMENT 'Always 1',
    instance_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Random; travels with every copy',
    name VARCHAR(64) NOT NULL COMMENT 'The blueprint''s instance: the first part of every reference',
    server VARCHAR(255) NOT NULL COMMENT 'The server that it belongs to, by the server''s own name for itself',
    schema_name VARCHAR(64) NOT NULL COMMENT 'The schema that it belongs in',
    address VARCHAR(300) NOT NULL COMMENT 'Host and port of the server when it was last seen',
    made_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
    PRIMARY KEY (only_row),
    CONSTRAINT {prefix}erp_instance_is_one_row CHECK (only_row = 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Which shop this database is, and where it belongs';

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

-- A restored database allocates the numbers of stock windows again; the epoch keeps their keys apart.
-- A column can be added only once, and MySQL has no IF NOT EXISTS for it.
SET @add_epoch = (
    SELECT IF(
        COUNT(*) = 0,
        'ALTER TABLE {prefix}erp_stock_window ADD COLUMN epoch INT UNSIGNED NOT NULL DEFAULT 1 COMMENT ''Epoch in which it was frozen; part of the key sent from 2 on'' AFTER sequence',
        'DO 0')
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = '{prefix}erp_stock_window' AND column_name = 'epoch');
PREPARE add_epoch FROM @add_epoch;
EXECUTE add_epoch;
DEALLOCATE PREPARE add_epoch;
