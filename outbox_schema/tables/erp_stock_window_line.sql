-- The folded quantity of each SKU of a window.
CREATE TABLE IF NOT EXISTS {prefix}erp_stock_window_line (
    window_id BIGINT UNSIGNED NOT NULL COMMENT 'The window',
    line INT UNSIGNED NOT NULL COMMENT 'Counts from 1, in SKU order',
    sku VARCHAR(255) NOT NULL COMMENT 'The SKU, as Magento wrote it',
    quantity DECIMAL(36, 12) NOT NULL COMMENT 'Sum of the deltas; zero is kept and not sent',
    deltas INT UNSIGNED NOT NULL COMMENT 'How many deltas made it',
    members MEDIUMTEXT NULL COMMENT 'Ids of these deltas: JSON list, ascending; NULL: frozen before ids were kept',
    unit VARCHAR(16) NOT NULL DEFAULT '' COMMENT 'Unit of the ERP in which it was told; empty: none was named',
    told DECIMAL(36, 12) NULL COMMENT 'The quantity in that unit; NULL: not told yet, or as it is',
    expected DECIMAL(36, 12) NULL COMMENT 'What the ERP had, of one that is told absolutely, in that unit',
    target DECIMAL(36, 12) NULL COMMENT 'What it was told to have instead',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open'
        COMMENT 'open, booked, net_zero, parked, held, retrying, skipping, carried or skipped',
    fault TEXT NOT NULL COMMENT 'The ERP''s refusal of this line in its own words',
    carried_to BIGINT UNSIGNED NULL COMMENT 'The window that goes on with it, of one that was carried',
    PRIMARY KEY (window_id, line),
    KEY {prefix}erp_stock_window_line_standing (state, window_id),
    KEY {prefix}erp_stock_window_line_sku (sku, window_id),
    CONSTRAINT {prefix}erp_stock_window_line_members_are_json CHECK (JSON_VALID(members)),
    CONSTRAINT {prefix}erp_stock_window_line_state_is_known
        CHECK (state IN ('open', 'booked', 'net_zero', 'parked', 'held', 'retrying', 'skipping', 'carried', 'skipped')),
    CONSTRAINT {prefix}erp_stock_window_line_carried_somewhere CHECK ((state = 'carried') = (carried_to IS NOT NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'Folded quantities of stock windows';
