"""A sidecar that stands still amid a transaction, frozen or cut off, keeps nobody waiting for longer than its lease."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from sidecar.daemon import SystemClock
from sidecar.domain.errors import StorageUnavailable
from sidecar.domain.lease import LeaseTerms
from sidecar.engine.leadership import Leadership
from sidecar.mysql.fence import DOCUMENTS, Fence
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.session import Session, Work
from sidecar.telemetry import Telemetry
from tests.support.daemon import until
from tests.support.stores import ERP, PREFIX, Tables, session_for

TTL = timedelta(seconds=1)
TERMS = LeaseTerms(ttl=TTL, margin=timedelta(milliseconds=300))
SPEND = text(f"UPDATE {PREFIX}erp_cursor SET accounted_to = 7 WHERE destination = :destination")  # noqa: S608 -- a fixed prefix


@contextmanager
def standing_still(session: Session, token: int) -> Iterator[list[BaseException]]:
    """A fenced write that has begun and does not go on until the block ends; what became of it is in the list."""
    inside, go_on, ended = threading.Event(), threading.Event(), list[BaseException]()

    def body(work: Work) -> None:
        Fence(session, DOCUMENTS).check(work, ERP, token)
        inside.set()
        go_on.wait(30)
        work.run(SPEND, destination=ERP)

    def write() -> None:
        try:
            session.transaction(body)
        except StorageUnavailable as error:
            ended.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    assert inside.wait(10)
    try:
        yield ended
    finally:
        go_on.set()
        writer.join(30)


def test_a_predecessor_that_stands_still_amid_a_write_holds_its_successor_up_no_longer_than_its_lease(
    tables: Tables,
) -> None:
    frozen, successor = (session_for(tables.database, silence=TTL) for _ in range(2))
    token = LeaseStore(frozen).acquire("relay", ERP, "frozen", TERMS)
    assert token is not None

    with standing_still(frozen, token) as ended:
        until(lambda: LeaseStore(successor).acquire("relay", ERP, "successor", TERMS) is not None, seconds=4)

    assert len(ended) == 1
    assert tables.value("SELECT accounted_to FROM {prefix}erp_cursor") == 0
    frozen.close()
    successor.close()


def test_a_renewal_that_comes_too_late_takes_nothing_from_the_lease_that_was_acquired_meanwhile(tables: Tables) -> None:
    class Overtaken(LeaseStore):
        """While the thread that renews waits for the database, the loop's own thread acquires the lease anew."""

        def renew(self, role: str, scope: str, owner: str, token: int, terms: LeaseTerms) -> bool:
            assert leadership.acquire()
            return super().renew(role, scope, owner, token, terms)

    leases = Overtaken(tables.session)
    leadership = Leadership(leases, "relay", ERP, "ours", LeaseTerms(), SystemClock(), Telemetry())
    assert leadership.acquire()

    leadership.keep()

    assert leadership.trusted()
    assert leadership.token == tables.value("SELECT token FROM {prefix}erp_lease")


def test_a_connection_that_lay_still_for_too_long_is_replaced_before_it_is_used(tables: Tables) -> None:
    session = session_for(tables.database, silence=TTL)
    ours = text("SELECT CONNECTION_ID() AS number")
    (first,) = session.rows(ours)
    until(
        lambda: not tables.value("SELECT COUNT(*) FROM information_schema.processlist WHERE id = %s", first["number"])
    )

    (second,) = session.rows(ours)

    session.close()
    assert second["number"] != first["number"]


@pytest.mark.parametrize(("silence", "seconds"), [(timedelta(milliseconds=1500), 2), (timedelta(seconds=10), 10)])
def test_the_server_is_told_the_limit_in_whole_seconds(tables: Tables, silence: timedelta, seconds: int) -> None:
    session = session_for(tables.database, silence=silence)

    (row,) = session.rows(text("SELECT @@SESSION.wait_timeout AS seconds"))

    session.close()
    assert row["seconds"] == seconds
