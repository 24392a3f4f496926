-- The ledger of the sandbox ERP. README.md says what each table promises.

CREATE TABLE IF NOT EXISTS orders (
    number          TEXT    NOT NULL PRIMARY KEY,
    reference       TEXT    NOT NULL,
    source_event    TEXT,
    source_revision INTEGER NOT NULL,
    status          TEXT    NOT NULL CHECK (status IN
                    ('open', 'in_approval', 'credit_hold', 'blocked', 'posted', 'partly_delivered', 'delivered',
                     'invoiced', 'closed', 'rejected', 'cancelled')),
    revision        INTEGER NOT NULL,
    body            TEXT    NOT NULL,
    line_states     TEXT    NOT NULL,
    created_us      INTEGER NOT NULL,
    changed_us      INTEGER NOT NULL,
    change_seq      INTEGER NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS orders_by_reference ON orders (reference);

CREATE TABLE IF NOT EXISTS order_revisions (
    change_seq      INTEGER NOT NULL PRIMARY KEY,
    number          TEXT    NOT NULL REFERENCES orders (number),
    revision        INTEGER NOT NULL,
    reference       TEXT    NOT NULL,
    source_event    TEXT,
    source_revision INTEGER NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('create', 'change', 'cancel', 'status', 'lines')),
    status          TEXT    NOT NULL,
    body            TEXT    NOT NULL,
    dropped         TEXT    NOT NULL,
    accepted_us     INTEGER NOT NULL,
    UNIQUE (number, revision)
);

CREATE TABLE IF NOT EXISTS documents (
    number          TEXT    NOT NULL PRIMARY KEY,
    kind            TEXT    NOT NULL CHECK (kind IN ('delivery', 'invoice', 'credit_memo')),
    order_number    TEXT    NOT NULL REFERENCES orders (number),
    order_reference TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    reversed        INTEGER NOT NULL CHECK (reversed IN (0, 1)),
    body            TEXT    NOT NULL,
    created_us      INTEGER NOT NULL,
    changed_us      INTEGER NOT NULL,
    change_seq      INTEGER NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS documents_by_order ON documents (order_number, kind);
CREATE INDEX IF NOT EXISTS documents_by_change ON documents (kind, change_seq);

CREATE TABLE IF NOT EXISTS refunds (
    number          TEXT    NOT NULL PRIMARY KEY,
    reference       TEXT    NOT NULL,
    order_number    TEXT    NOT NULL REFERENCES orders (number),
    source_event    TEXT,
    body            TEXT    NOT NULL,
    dropped         TEXT    NOT NULL,
    accepted_us     INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_by_reference ON refunds (reference);
CREATE INDEX IF NOT EXISTS refunds_by_order ON refunds (order_number);

CREATE TABLE IF NOT EXISTS customers (
    number          TEXT    NOT NULL PRIMARY KEY,
    reference       TEXT    NOT NULL UNIQUE,
    source_event    TEXT,
    source_revision INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    body            TEXT    NOT NULL,
    created_us      INTEGER NOT NULL,
    changed_us      INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS customer_revisions (
    number          TEXT    NOT NULL REFERENCES customers (number),
    revision        INTEGER NOT NULL,
    source_event    TEXT,
    source_revision INTEGER NOT NULL,
    body            TEXT    NOT NULL,
    dropped         TEXT    NOT NULL,
    accepted_us     INTEGER NOT NULL,
    PRIMARY KEY (number, revision)
);

CREATE TABLE IF NOT EXISTS jobs (
    handle          TEXT    NOT NULL PRIMARY KEY,
    operation       TEXT    NOT NULL,
    reference       TEXT    NOT NULL,
    number          TEXT,
    request         TEXT    NOT NULL,
    dropped         TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('pending', 'done', 'rejected')),
    answer          TEXT    NOT NULL,
    retry_after     INTEGER,
    due_us          INTEGER,
    accepted_us     INTEGER NOT NULL,
    decided_us      INTEGER
);
CREATE INDEX IF NOT EXISTS jobs_by_due ON jobs (due_us) WHERE state = 'pending';

CREATE TABLE IF NOT EXISTS stock_movements (
    number          TEXT    NOT NULL PRIMARY KEY,
    sequence        INTEGER NOT NULL UNIQUE,
    reference       TEXT    NOT NULL,
    source_event    TEXT,
    warehouse       TEXT    NOT NULL,
    dropped         TEXT    NOT NULL,
    accepted_us     INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS stock_movements_by_reference ON stock_movements (reference);

CREATE TABLE IF NOT EXISTS stock_movement_lines (
    number          TEXT    NOT NULL REFERENCES stock_movements (number),
    position        INTEGER NOT NULL,
    sku             TEXT    NOT NULL,
    quantity        TEXT    NOT NULL,
    unit            TEXT,
    reason          TEXT,
    status          TEXT    NOT NULL CHECK (status IN ('booked', 'rejected')),
    message         TEXT,
    PRIMARY KEY (number, position)
);

CREATE TABLE IF NOT EXISTS stock_balances (
    warehouse       TEXT    NOT NULL,
    sku             TEXT    NOT NULL,
    opening         TEXT    NOT NULL,
    on_hand         TEXT    NOT NULL,
    PRIMARY KEY (warehouse, sku)
);

CREATE TABLE IF NOT EXISTS stock_counts (
    number          TEXT    NOT NULL PRIMARY KEY,
    sequence        INTEGER NOT NULL UNIQUE,
    reference       TEXT    NOT NULL,
    source_event    TEXT,
    source_revision INTEGER,
    warehouse       TEXT    NOT NULL,
    dropped         TEXT    NOT NULL,
    accepted_us     INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS stock_count_lines (
    number          TEXT    NOT NULL REFERENCES stock_counts (number),
    position        INTEGER NOT NULL,
    sku             TEXT    NOT NULL,
    expected        TEXT,
    quantity        TEXT    NOT NULL,
    unit            TEXT,
    found           TEXT    NOT NULL,
    status          TEXT    NOT NULL CHECK (status IN ('set', 'moved', 'rejected')),
    message         TEXT,
    PRIMARY KEY (number, position)
);

CREATE TABLE IF NOT EXISTS demands (
    number          TEXT    NOT NULL PRIMARY KEY,
    sequence        INTEGER NOT NULL UNIQUE,
    reference       TEXT    NOT NULL,
    source_event    TEXT,
    warehouse       TEXT    NOT NULL,
    dropped         TEXT    NOT NULL,
    accepted_us     INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS demands_by_reference ON demands (reference);

CREATE TABLE IF NOT EXISTS demand_lines (
    number          TEXT    NOT NULL REFERENCES demands (number),
    position        INTEGER NOT NULL,
    sku             TEXT    NOT NULL,
    quantity        TEXT    NOT NULL,
    unit            TEXT,
    reason          TEXT,
    status          TEXT    NOT NULL CHECK (status IN ('booked', 'rejected')),
    message         TEXT,
    PRIMARY KEY (number, position)
);

CREATE TABLE IF NOT EXISTS demand_balances (
    warehouse       TEXT    NOT NULL,
    sku             TEXT    NOT NULL,
    quantity        TEXT    NOT NULL,
    PRIMARY KEY (warehouse, sku)
);

CREATE TABLE IF NOT EXISTS refusals (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    operation       TEXT,
    reference       TEXT,
    source_event    TEXT,
    status          INTEGER NOT NULL,
    code            TEXT    NOT NULL,
    message         TEXT    NOT NULL,
    at_us           INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS faults (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT    NOT NULL,
    operation       TEXT    NOT NULL,
    reference       TEXT,
    source_event    TEXT,
    number          TEXT,
    detail          TEXT    NOT NULL,
    at_us           INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS master_data (
    name            TEXT    NOT NULL PRIMARY KEY,
    value           TEXT    NOT NULL
);

CREATE TABLE IF NOT EXISTS counters (
    series          TEXT    NOT NULL PRIMARY KEY,
    last            INTEGER NOT NULL
);
