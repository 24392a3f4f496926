"""An outbox with a past: events of any age, receipts, and a cursor, for tests of retention."""

from collections.abc import Iterable

from sidecar.daemon import SystemClock
from sidecar.domain.delivery import Receipt, ReceiptOutcome
from sidecar.domain.events import OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.retention import Retention
from sidecar.domain.step import Cursor, Step
from sidecar.engine.janitor import Janitor
from sidecar.engine.pace import Terms
from sidecar.mysql.janitor_store import JanitorStore
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.session import Session
from sidecar.ports import Archive
from tests.support.rig import Notes
from tests.support.stores import ERP, INSERT_EVENT, PREFIX, Tables, event_values

MANY_THREADS = 10_000


def old_events(tables: Tables, ids: Iterable[int], *, days: int = 40, payload: str = "{}") -> None:
    """Events that happened so many days ago, each of an order of its own."""
    sql = INSERT_EVENT.replace("{prefix}", PREFIX)
    with tables.database.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(sql, [event_values(number, lane=f"order:{number}", payload=payload) for number in ids])
        cursor.execute(
            f"UPDATE {PREFIX}erp_outbox SET occurred_at_us ="  # noqa: S608 -- a fixed prefix
            " (UNIX_TIMESTAMP(NOW(6) - INTERVAL %s DAY)) * 1000000 WHERE occurred_at_us = 1700000000000000",
            (days,),
        )


def done(tables: Tables, ids: Iterable[int], upto: int, gaps: tuple[Gap, ...] = (), step: Step | None = None) -> None:
    """Receipts for these events, and a cursor that accounts for everything up to an id."""
    token = LeaseStore(tables.session).acquire("relay", ERP, "test", LeaseTerms())
    assert token is not None
    receipts = tuple(Receipt(ERP, OutboxId(number), ReceiptOutcome.DELIVERED) for number in ids)
    more = step.deliveries if step else ()
    written = Step(Cursor(OutboxId(upto), gaps), receipts=receipts, deliveries=more)
    ReceiptStore(tables.session).commit_step(ERP, token, written)


def janitor_on(
    session: Session, retention: Retention | None = None, archive: Archive | None = None, chunk: int = 50
) -> Janitor:
    """A janitor that no other test's traffic holds up."""
    terms = Terms(largest=chunk, smallest=min(chunk, 50), busy_threads=MANY_THREADS)
    return Janitor(JanitorStore(session), archive, SystemClock(), Notes(), retention or Retention(), terms)


def events_left(tables: Tables) -> list[int]:
    """The ids that are still in the outbox."""
    return [number for (number,) in tables.rows("SELECT id FROM {prefix}erp_outbox ORDER BY id")]
