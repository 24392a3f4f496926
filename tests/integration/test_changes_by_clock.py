"""An ERP without a cursor, with a coarse clock: what its reader is told twice is kept once, and nothing is left out."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sidecar.domain.delivery import ChangeKind
from sidecar.domain.naming import Names
from sidecar.domain.policy import InboundPolicy
from sidecar.engine.changes_reader import ChangesReader
from sidecar.mysql.changes_store import ChangesStore
from tests.support.profiles import profile_with_a_clock
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

INBOUND = InboundPolicy(takes=frozenset({ChangeKind.DELIVERIES}), every=timedelta(0), sources={}, capture={})


def reader(rig: Rig) -> ChangesReader:
    """A reader as a freshly started process has it."""
    store = ChangesStore(rig.session)
    lead = rig.leadership("changes")
    return ChangesReader(rig.policy, INBOUND, Names("M1"), rig.adapter, rig.governor, store, lead, rig.clock, rig.notes)


def kept(rig: Rig) -> list[tuple[str, str]]:
    return rig.shop.rows(
        "SELECT erp_id, version FROM erp_inbound_document ORDER BY CAST(SUBSTRING(erp_id, 4) AS SIGNED)"
    )


def test_deliveries_of_one_instant_are_kept_once_each_whoever_reads_them(database: Database, tmp_path: Path) -> None:
    policy = replace(POLICY, inbound=INBOUND)
    with (
        sandbox(tmp_path, "--tick-ms", "1000") as erp,
        rig_on(database, erp, policy, profile=profile_with_a_clock(tmp_path)) as rig,
    ):
        event = rig.shop.place(42)
        turn_until(rig.relay(), lambda: event in rig.receipts_by_event())
        order = rig.accepted(42)[0]["number"]
        made = [erp.deliver(order, lines=[], final=False) for _ in range(7)]

        first = reader(rig)
        turn_until(first, lambda: len(kept(rig)) == len(made))
        erp.amend(made[0], tracks=[{"number": "0034"}])
        second = reader(rig)
        turn_until(second, lambda: (made[0], "2") in kept(rig))
        for _ in range(3):
            second.turn()

        assert kept(rig) == [(made[0], "2"), *((number, "1") for number in made[1:])]
