-- Who owns a role, by this database's clock.
CREATE TABLE IF NOT EXISTS {prefix}erp_lease (
    role VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'relay, projector or scheduler',
    scope VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The destination, or empty',
    owner VARCHAR(255) NOT NULL COMMENT 'Host and process that owns it or owned it last',
    token BIGINT UNSIGNED NOT NULL COMMENT 'Grows with each acquisition',
    acquired_at DATETIME(6) NOT NULL COMMENT 'UTC',
    expires_at DATETIME(6) NOT NULL COMMENT 'UTC; free from this instant on',
    PRIMARY KEY (role, scope)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Ownership of roles, judged by the clock of this database';
