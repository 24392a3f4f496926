-- The outbox: written by Magento inside its own transactions, read by the relay, never updated.
-- It belongs to the module ErpSidecar_Outbox (etc/db_schema.xml declares the same table); it is created here
-- only where the module has not made it yet. No secondary index and no foreign key: checkout pays for neither.
CREATE TABLE IF NOT EXISTS {prefix}erp_outbox (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of insertion; commit order within a lane',
    event_id CHAR(36) NOT NULL COMMENT 'UUIDv7, lower case',
    type VARCHAR(64) NOT NULL COMMENT 'Event type, such as OrderPlaced',
    schema_version SMALLINT UNSIGNED NOT NULL COMMENT 'Version of the payload schema of this type',
    lane VARCHAR(96) NULL COMMENT 'Ordered stream, such as order:42; NULL where no order is needed',
    aggregate_type VARCHAR(32) NOT NULL COMMENT 'What the event is about, such as order',
    aggregate_id VARCHAR(64) NOT NULL COMMENT 'Its id or SKU',
    store_id SMALLINT UNSIGNED NULL COMMENT 'Store view; NULL where none applies',
    occurred_at_us BIGINT UNSIGNED NOT NULL COMMENT 'UTC, microseconds since 1970',
    origin VARCHAR(32) NOT NULL COMMENT 'Who caused it, to suppress echoes',
    trace_parent VARCHAR(55) NULL COMMENT 'W3C trace context',
    payload_bytes INT UNSIGNED NOT NULL COMMENT 'Length of the payload in bytes',
    payload MEDIUMTEXT NOT NULL COMMENT 'ASCII-escaped JSON, decimals as strings',
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_general_ci
  COMMENT = 'Outbox of committed events for ERPs; append-only';
