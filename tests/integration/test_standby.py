"""Two daemons and one lease: a standby takes over in time, and a daemon frozen past its lease does nothing."""

import os
import signal
from pathlib import Path

import pytest

from tests.support.daemon import Configured, Daemon, configure, until
from tests.support.sandbox import Sandbox
from tests.support.shop import Shop

TTL_US = 2_000_000
AN_ATTEMPT_US = 1_500_000
"""A standby tries four times in a ttl; the rest is for a machine that is busy with other tests."""

LEASE = """
    SELECT owner, token, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', acquired_at),
           TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), expires_at > UTC_TIMESTAMP(6)
    FROM erp_lease WHERE role = 'relay'
"""
NOW = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"
RECEIPTS = """
    SELECT outbox_id, outcome, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', receipted_at)
    FROM erp_receipt ORDER BY outbox_id
"""


@pytest.fixture
def hosts(tmp_path: Path, shop: Shop, erp: Sandbox) -> tuple[Configured, Configured]:
    """Two hosts with the same settings, each with a folder of its own."""
    folders = tmp_path / "first", tmp_path / "second"
    for folder in folders:
        folder.mkdir()
    first, second = (configure(folder, shop.database, erp.url) for folder in folders)
    return first, second


def owner_of(shop: Shop) -> str | None:
    return next((owner for owner, _, _, _, alive in shop.rows(LEASE) if alive), None)


def receipted(shop: Shop) -> list[int]:
    return [outbox_id for outbox_id, _, _ in shop.rows(RECEIPTS)]


def tell(daemon: Daemon, number: signal.Signals) -> None:
    os.kill(daemon.process.pid, number)


@pytest.mark.slow
def test_a_standby_takes_over_within_a_ttl_of_its_predecessors_death(
    hosts: tuple[Configured, Configured], shop: Shop, erp: Sandbox
) -> None:
    first, second = hosts
    with first.daemon() as active:
        until(lambda: owner_of(shop) is not None)
        before = owner_of(shop)
        with second.daemon() as standby:
            standby.notified("READY=1")
            ((killed_us,),) = shop.rows(NOW)

            active.process.kill()

            until(lambda: owner_of(shop) not in (before, None))
            (_, _, acquired_us, _, _) = shop.rows(LEASE)[0]
            shop.place(1)
            until(lambda: receipted(shop) == [1])
    assert acquired_us - killed_us <= TTL_US + AN_ATTEMPT_US
    assert len(erp.rows("SELECT number FROM orders")) == 1


@pytest.mark.slow
def test_a_daemon_that_was_frozen_past_its_lease_writes_nothing_and_begins_nothing(
    hosts: tuple[Configured, Configured], shop: Shop, erp: Sandbox
) -> None:
    """It is frozen amid a call; when it goes on, its successor is frozen too, so that nobody stands in its way."""
    first, second = hosts
    erp.plan({"operation": "order.create", "nth": 1, "kind": "delay", "seconds": 3, "when": "after"})
    with first.daemon() as frozen:
        until(lambda: owner_of(shop) is not None)
        with second.daemon() as successor:
            successor.notified("READY=1")
            shop.place(1)
            until(lambda: len(erp.rows("SELECT number FROM orders")) == 1)
            tell(frozen, signal.SIGSTOP)
            before, old_token, *_ = shop.rows(LEASE)[0]
            until(lambda: owner_of(shop) not in (before, None))
            shop.place(2)
            until(lambda: receipted(shop) == [1, 2])

            tell(successor, signal.SIGSTOP)
            shop.place(3)
            _, token_between, _, expires_us, _ = shop.rows(LEASE)[0]
            tell(frozen, signal.SIGCONT)

            until(lambda: receipted(shop) == [1, 2, 3])
            owner, token, acquired_us, _, _ = shop.rows(LEASE)[0]

    documents = erp.rows("SELECT reference, created_us FROM orders ORDER BY created_us")
    receipts = shop.rows(RECEIPTS)
    assert owner == before
    assert old_token < token_between < token
    assert acquired_us >= expires_us
    assert [document["reference"].rpartition("-")[2] for document in documents] == ["1", "2", "3"]
    assert documents[2]["created_us"] >= acquired_us
    assert receipts[2][2] >= acquired_us
    assert [outcome for _, outcome, _ in receipts] == ["already_there", "delivered", "delivered"]
