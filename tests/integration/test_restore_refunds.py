"""After a declared restore no refund is made twice, and no customer is written over another's record."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.domain.events import EventType
from sidecar.domain.restore import Claim
from sidecar.engine.identity import Guard
from sidecar.engine.restore import Restoration
from sidecar.mysql.instance_store import InstanceStore
from sidecar.mysql.restore_store import RestoreStore
from sidecar.state_file import StateFile
from tests.support.backups import back_up
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

TAKES = POLICY.takes | {EventType.CREDITMEMO_CREATED, EventType.CUSTOMER_SAVED}


@pytest.fixture
def rig(database: Database, erp: Sandbox, tmp_path: Path) -> Iterator[Rig]:
    """A host that has served the database from the beginning."""
    with rig_on(database, erp, replace(POLICY, takes=TAKES)) as made:
        remember(made, tmp_path)
        yield made


def remember(rig: Rig, host: Path) -> None:
    Guard(InstanceStore(rig.session), StateFile(host / "host"), "M1", rig.notes).begin()


def deliver(rig: Rig, *events: int) -> None:
    """A relay's life, until these events are done with."""
    relay = rig.relay()
    turn_until(relay, lambda: set(events) <= rig.receipts_by_event().keys())
    relay.close()


def declare(rig: Rig, host: Path) -> None:
    """Declare that the database was restored, and begin again on the same host."""
    rig.shop.execute("UPDATE erp_lease SET expires_at = NOW(6)")
    stores = InstanceStore(rig.session), RestoreStore(rig.session), rig.outbox, rig.receipts, rig.stock
    restoration = Restoration("M1", [rig.policy], StateFile(host / "host"), *stores)
    restoration.declare(restoration.plan(Claim.RESTORED, None), "ann", "the disk died")
    remember(rig, host)


def references(rig: Rig, table: str) -> list[str]:
    return [row["reference"] for row in rig.erp.rows(f"SELECT reference FROM {table} ORDER BY rowid")]  # noqa: S608 -- the tables named here


def test_a_refund_and_a_customer_told_in_the_lost_time_are_found_and_not_told_again(rig: Rig, tmp_path: Path) -> None:
    deliver(rig, rig.shop.place(42))
    memo, saved = rig.shop.refund(17), rig.shop.save_customer(7)
    backup = back_up(rig.shop.database)
    deliver(rig, memo, saved)
    remember(rig, tmp_path)

    backup.restore(rig.shop.database)
    declare(rig, tmp_path)
    deliver(rig, memo, saved)

    assert [rig.receipts_by_event()[event] for event in (memo, saved)] == ["already_there"] * 2
    assert references(rig, "refunds") == ["M1-R-17"]
    assert len(rig.erp.rows("SELECT * FROM customer_revisions")) == 1


def test_new_credit_memos_and_customers_under_ids_of_the_lost_time_get_names_of_their_own(
    rig: Rig, tmp_path: Path
) -> None:
    deliver(rig, rig.shop.place(42), rig.shop.save_customer(5))
    backup = back_up(rig.shop.database)
    deliver(rig, rig.shop.refund(17), rig.shop.save_customer(7))
    remember(rig, tmp_path)

    backup.restore(rig.shop.database)
    declare(rig, tmp_path)
    somebody_else = rig.shop.save_customer(7, customer={"email": "else@example.com"})
    changed = rig.shop.save_customer(5, customer={"lastname": "Meyer"})
    memo = rig.shop.refund(17)
    deliver(rig, memo, somebody_else, changed)

    assert [rig.receipts_by_event()[event] for event in (memo, somebody_else, changed)] == ["delivered"] * 3
    assert references(rig, "refunds") == ["M1-R-17", "M1.2-R-17"]
    assert references(rig, "customers") == ["M1-C-5", "M1-C-7", "M1.2-C-7"]
