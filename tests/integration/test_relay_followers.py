"""A lane parked with a million followers costs nothing: not at a restart, not where people look."""

from collections.abc import Callable
from typing import Final

import pytest

from sidecar.domain.events import OutboxId
from sidecar.mysql.operator_store import OperatorStore
from tests.support.followers import hold_behind
from tests.support.rig import ERP, Rig, turn_until

FOLLOWERS: Final = 1_000_000
FEW: Final = 2_000
"""Rows that may be read more with all those followers than without."""

COUNTED: Final = 40_000
"""Rows that counting up to a bound may read, a few times over."""


def rows_read(rig: Rig, work: Callable[[], object]) -> int:
    """How many rows the server's storage engine handed out during this work, for every connection together."""
    before = _handler_reads(rig)
    work()
    return _handler_reads(rig) - before


def _handler_reads(rig: Rig) -> int:
    rows = rig.shop.rows("SHOW GLOBAL STATUS LIKE 'Handler_read%%'", *())
    return sum(int(value) for _, value in rows)


def parked(rig: Rig) -> OutboxId:
    rule = {"operation": "order.create", "nth": 1, "count": 1, "kind": "reject", "code": "CREDIT_BLOCKED"}
    rig.erp.plan({**rule, "message": "no"})
    head = OutboxId(rig.shop.place(42))
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {head: "parked"})
    relay.close()  # forgets everything, as kill -9 does
    return head


def restart_and_deliver(rig: Rig, entity_id: int) -> None:
    """What a new process does until the first new order is with the ERP."""
    placed = rig.shop.place(entity_id)
    relay = rig.relay()
    receipt = "SELECT outcome FROM erp_receipt WHERE destination = %s AND outbox_id = %s"
    turn_until(relay, lambda: rig.shop.rows(receipt, ERP, placed) == [("delivered",)])
    relay.close()


@pytest.mark.slow
def test_a_lane_with_a_million_followers_slows_no_restart_and_no_look(rig: Rig) -> None:
    head = parked(rig)
    without = rows_read(rig, lambda: restart_and_deliver(rig, 50))

    hold_behind(rig.shop, head, "order:42", FOLLOWERS)

    assert rows_read(rig, lambda: restart_and_deliver(rig, 51)) < without + FEW
    looks: dict[str, Callable[[], object]] = {
        "status": rig.insights.backlog,
        "event list": lambda: rig.insights.waiting_events(100),
        "lane list": lambda: OperatorStore(rig.session).lanes(100),
        "order waiting": lambda: rig.insights.waiting_orders(100),
        "backlog": lambda: rig.shop.rows("SELECT * FROM erp_v_backlog"),
        "parked": lambda: rig.shop.rows("SELECT * FROM erp_v_parked"),
        "waiting": lambda: rig.shop.rows("SELECT * FROM erp_v_waiting"),
    }
    read = {name: rows_read(rig, look) for name, look in looks.items()}
    assert {name: count for name, count in read.items() if count > COUNTED} == {}

    (standing,) = OperatorStore(rig.session).lanes(10)
    assert standing.head is not None
    assert standing.head.followers == 1001
    assert rig.insights.backlog()[0].states == {"parked": 1, "held": 10_001}
    assert rig.shop.rows("SELECT held FROM erp_v_backlog WHERE stream = 'documents'") == [(10_001,)]
    assert rig.shop.rows("SELECT followers FROM erp_v_parked") == [(1001,)]


@pytest.mark.slow
def test_a_lane_with_a_million_followers_goes_on_a_page_at_a_time(rig: Rig) -> None:
    head = parked(rig)
    hold_behind(rig.shop, head, "order:42", FOLLOWERS)
    relay = rig.relay()
    following = "SELECT state FROM erp_delivery WHERE destination = 'erp' AND outbox_id = %s"

    assert rig.insights.skip_event(ERP, head, "ann", "entered by hand")
    read = rows_read(rig, lambda: turn_until(relay, lambda: rig.shop.rows(following, head + 1) == [("parked",)]))

    assert read < COUNTED  # the next head's payload says nothing, and nothing else of the million was looked at
