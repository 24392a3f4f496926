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
