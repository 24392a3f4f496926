-- name: known_fingerprints
SELECT fingerprint
FROM {prefix}erp_finding
WHERE fingerprint IN :fingerprints;

-- name: put_findings
-- A difference that was called repaired and is seen again is open again; ignored and explained ones stay so.
INSERT INTO {prefix}erp_finding
    (fingerprint, destination, kind, subject, path, magento_value, erp_value, source)
VALUES
    (:fingerprint, :destination, :kind, :subject, :path, :magento_value, :erp_value, :source)
ON DUPLICATE KEY UPDATE
    magento_value = VALUES(magento_value), erp_value = VALUES(erp_value), source = VALUES(source),
    state = IF(state = 'repaired', 'open', state), seen_count = seen_count + 1, last_seen_at = NOW(6);

-- name: resolve_findings
UPDATE {prefix}erp_finding
SET state = 'repaired'
WHERE fingerprint IN :fingerprints AND state = 'open';
