-- name: variables
SHOW GLOBAL VARIABLES WHERE Variable_name IN (
    'auto_increment_increment', 'binlog_format', 'group_replication_group_name',
    'group_replication_single_primary_mode', 'innodb_flush_log_at_trx_commit', 'innodb_read_only', 'log_bin',
    'max_allowed_packet', 'read_only', 'super_read_only', 'sync_binlog', 'wsrep_node_name', 'wsrep_on',
    'wsrep_provider');

-- name: cluster
SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_ready');

-- name: replica_threads
-- With PROCESS everybody's threads are listed; without it only our own, and then nothing can be said.
SELECT COUNT(*) AS replica_threads
FROM information_schema.processlist
WHERE user = 'system user' AND command <> 'Daemon';

-- name: writers
-- Each node of a cluster gives ids with a remainder of its own.
SELECT COUNT(DISTINCT id % @@GLOBAL.auto_increment_increment) AS writers,
       COALESCE(MAX(payload_bytes), 0) AS largest_payload
FROM (SELECT id, payload_bytes FROM {prefix}erp_outbox ORDER BY id DESC LIMIT 1000) newest;

-- name: event_versions
SELECT DISTINCT type, schema_version
FROM (SELECT type, schema_version FROM {prefix}erp_outbox ORDER BY id DESC LIMIT 1000) newest;

-- name: newest_order
SELECT entity_id, TIMESTAMPDIFF(SECOND, created_at, NOW()) AS age_s
FROM {prefix}sales_order
ORDER BY entity_id DESC
LIMIT 1;

-- name: events_of_order
SELECT COUNT(*) AS events
FROM (SELECT aggregate_id, type FROM {prefix}erp_outbox ORDER BY id DESC LIMIT 10000) newest
WHERE aggregate_id = :aggregate_id AND type LIKE 'Order%';

-- name: product_events
SELECT payload
FROM {prefix}erp_outbox
WHERE id > (SELECT COALESCE(MAX(newest.id), 0) FROM {prefix}erp_outbox newest) - CAST(10000 AS SIGNED)
  AND type = 'ProductUpdated'
ORDER BY id DESC
LIMIT 200;

-- name: status_pairs
SELECT status, state, is_default, visible_on_front
FROM {prefix}sales_order_status_state;

-- name: read_clock
SELECT NOW(6) AS now;

-- name: columns
SELECT table_name AS table_name, column_name AS column_name, column_type AS column_type, is_nullable AS is_nullable
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name LIKE '%erp\_%';

-- name: indexes
SELECT table_name AS table_name, index_name AS index_name, column_name AS column_name
FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name LIKE '%erp\_%'
ORDER BY table_name, index_name, seq_in_index;

-- name: check_constraints
SELECT table_name AS table_name, constraint_name AS constraint_name
FROM information_schema.table_constraints
WHERE table_schema = DATABASE() AND constraint_type = 'CHECK' AND table_name LIKE '%erp\_%';
