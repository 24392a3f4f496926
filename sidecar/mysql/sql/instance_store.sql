-- name: read_server
SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port');

-- name: read_instance
SELECT i.instance_id, i.name, i.server, i.schema_name, i.address,
       (SELECT COALESCE(MAX(epoch), 1) FROM {prefix}erp_epoch) AS epoch
FROM {prefix}erp_instance i;

-- name: read_outbox
-- Four looks at the ends of the primary key and at one row: all of them in one snapshot.
SELECT NOW(6) AS now, DATABASE() AS schema_name,
       COALESCE((SELECT MAX(id) FROM {prefix}erp_outbox), 0) AS newest_id,
       COALESCE((SELECT event_id FROM {prefix}erp_outbox ORDER BY id DESC LIMIT 1), '') AS newest_event_id,
       COALESCE((SELECT MIN(id) FROM {prefix}erp_outbox), 0) AS oldest_id,
       (SELECT event_id FROM {prefix}erp_outbox WHERE id = :mark) AS at_mark;

-- name: read_streams
SELECT destination, stream, token, accounted_to
FROM {prefix}erp_cursor;

-- name: read_epochs
SELECT epoch, kind, after_id, after_entity, revision_shift
FROM {prefix}erp_epoch
ORDER BY epoch;

-- name: make_instance
INSERT IGNORE INTO {prefix}erp_instance
    (only_row, instance_id, name, server, schema_name, address)
VALUES
    (1, :instance_id, :name, :server, :schema_name, :address);

-- name: place_instance
UPDATE {prefix}erp_instance
SET server = :server, schema_name = :schema_name, address = :address, changed_at = NOW(6);
