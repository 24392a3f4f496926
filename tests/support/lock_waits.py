"""Tells when a connection stands in front of a lock, so that a test can go on from there."""

import time

from tests.support.servers import Database

PATIENCE_SECONDS = 10.0
REFRESH_SECONDS = 0.15
"""innodb_trx is a snapshot that is renewed only after it has been left alone for 0.1 s."""

WAITING = (
    "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = %s AND trx_state = 'LOCK WAIT'"
)


def wait_until_blocked(database: Database, connection_id: int) -> None:
    """Return once this connection waits for a lock; fail when it does not within ten seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with database.connect() as connection, connection.cursor() as cursor:
        while time.monotonic() < deadline:
            time.sleep(REFRESH_SECONDS)
            cursor.execute(WAITING, (connection_id,))
            row = cursor.fetchone()
            if row and row[0]:
                return
    raise AssertionError(f"Connection {connection_id} did not wait for a lock within {PATIENCE_SECONDS} s.")
