"""Each lifecycle of the demonstration's blueprint walked to its end: the ERP moves an order, and Magento's follows.

Every path of the map from a status that an order may begin in to one that it may stay in is walked by an order of its
own, all of them side by side: the ERP moves them one step, its changes are read, they are projected, and each order
in Magento is looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from ops.demonstration.stage import HERE
from sidecar.blueprint import load_blueprint
from sidecar.domain.delivery import ChangeKind
from sidecar.domain.lifecycle import ErpStatus, Lifecycle
from sidecar.domain.naming import Names
from sidecar.domain.policy import InboundPolicy
from sidecar.engine.changes_reader import ChangesReader
from sidecar.mysql.changes_store import ChangesStore
from tests.support.magento_rest import MagentoRest
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database
from tests.support.way_back import POLICY_BACK, WayBack, lines, way_back_on

MAP = load_blueprint(HERE / "blueprint.yaml").policy(ERP).lifecycle
CREATED_IN = "open"
"""The status that the sandbox ERP creates an order in; people move it on before anybody looks."""

INBOUND = InboundPolicy(takes=frozenset({ChangeKind.ORDERS}), every=timedelta(0))
STATES = ("new", "processing")
ENTITY = 42
ORDER = "SELECT state, status, hold_before_state, hold_before_status FROM sales_order WHERE entity_id = %s"
GRID = "SELECT status FROM sales_order_grid WHERE entity_id = %s"
MAGENTOS_OWN = ("processing", "complete", "canceled", "holded")
"""Statuses that every Magento has, each of them the default of the state of its name."""

HISTORY = "SELECT comment, status FROM sales_order_status_history WHERE parent_id = %s ORDER BY entity_id"


def walks(lifecycle: Lifecycle, *path: str) -> Iterator[tuple[str, ...]]:
    """Every way on from the end of a path to a status where an order may stay, none of them twice through one."""
    if lifecycle.statuses[path[-1]].ends:
        yield path
    for follower in lifecycle.statuses[path[-1]].next:
        if follower not in path:
            yield from walks(lifecycle, *path, follower)


WALKS = [path for first in MAP.first for path in walks(MAP, first)]


@dataclass
class Walker:
    """One order on its way, and what Magento should show of it."""

    entity_id: int
    number: str
    state: str
    path: tuple[str, ...]
    status: str = "pending"
    changes: int = 0

    def step(self, erp_status: str) -> None:
        self.status = MAP.status_for(erp_status, self.state) or self.status
        self.changes += 1

    def expected(self, erp_status: str) -> tuple[Any, ...]:
        if MAP.holds(erp_status):
            return ("holded", "holded", self.state, self.status)
        return (self.state, self.status, None, None)


@dataclass
class Walk:
    """The ERP, the reader of its changes and the projector, moved by the test."""

    rig: Rig

    def __post_init__(self) -> None:
        self.reader = ChangesReader(
            self.rig.policy,
            INBOUND,
            Names("M1"),
            self.rig.adapter,
            self.rig.governor,
            ChangesStore(self.rig.session),
            self.rig.leadership("changes"),
            self.rig.clock,
            self.rig.notes,
        )
        self.relay, self.projector = self.rig.relay(), self.rig.projector()

    def place(self, paths: list[tuple[str, ...]]) -> list[Walker]:
        """An order for each path, which the ERP holds and Magento does not show yet."""
        shop = self.rig.shop
        events = [shop.place(number, state=STATES[number % 2]) for number in range(1, len(paths) + 1)]
        turn_until(self.relay, lambda: set(events) <= self.rig.receipts_by_event().keys(), seconds=60)
        numbers = dict(shop.rows("SELECT entity_id, erp_number FROM erp_document"))
        return [
            Walker(entity_id, numbers[entity_id], STATES[entity_id % 2], path)
            for entity_id, path in enumerate(paths, start=1)
        ]

    def follow(self) -> None:
        """Read what the ERP tells, and project it, until nothing is left to do."""
        while self.reader.turn():
            pass
        turn_until(self.projector, lambda: self.rig.shop.rows("SELECT 1 FROM erp_document WHERE is_due = 1") == [])

    def let_an_hour_pass(self) -> None:
        """What was written so far is of an earlier hour: a comment's clock has only seconds."""
        self.rig.shop.execute("UPDATE sales_order_status_history SET created_at = created_at - INTERVAL 1 HOUR")

    def look_at(self, walker: Walker) -> tuple[Any, ...]:
        ((seen),) = self.rig.shop.rows(ORDER, walker.entity_id)
        return tuple(seen)


@pytest.fixture
def walk(database: Database, erp: Sandbox) -> Iterator[Walk]:
    with rig_on(database, erp, policy=replace(POLICY, lifecycle=MAP, inbound=INBOUND)) as rig:
        know_statuses(rig)
        yield Walk(rig)


def know_statuses(rig: Rig) -> None:
    for status in MAGENTOS_OWN:
        rig.shop.execute("INSERT IGNORE INTO sales_order_status VALUES (%s, %s)", status, status)
        rig.shop.execute("INSERT IGNORE INTO sales_order_status_state VALUES (%s, %s, 1, 1)", status, status)


def test_the_walks_take_every_step_of_the_map() -> None:
    taken = {step for path in WALKS for step in pairwise(path)}

    assert taken == {(name, follower) for name, status in MAP.statuses.items() for follower in status.next}
    assert {path[-1] for path in WALKS} == {name for name, status in MAP.statuses.items() if status.ends}


@pytest.mark.slow
def test_magento_follows_an_order_through_every_lifecycle_to_its_end(walk: Walk) -> None:
    walkers = walk.place(WALKS)

    for turn in range(max(map(len, WALKS))):
        moving = [walker for walker in walkers if turn < len(walker.path)]
        for walker in moving:
            if walker.path[turn] != CREATED_IN or turn:
                walk.rig.erp.attend(walker.number, status=walker.path[turn])
            walker.step(walker.path[turn])
        walk.follow()
        for walker in moving:
            reached = walker.path[turn]
            assert walk.look_at(walker) == walker.expected(reached), walker.path[: turn + 1]
            ((grid,),) = walk.rig.shop.rows(GRID, walker.entity_id)
            assert grid == walker.expected(reached)[1]
            comments = walk.rig.shop.rows(HISTORY, walker.entity_id)
            assert len(comments) == walker.changes, comments
            assert comments[-1][1] == walker.expected(reached)[1]
        walk.let_an_hour_pass()

    assert walk.rig.shop.rows("SELECT COUNT(*) FROM erp_finding") == [(0,)]
    assert walk.rig.notes.named("order.acknowledgement_refused") == []
    cancelled = [walker for walker in walkers if walker.path[-1] == "cancelled"]
    asked = walk.rig.shop.rows("SELECT COUNT(*) FROM erp_inbound_document WHERE kind = 'cancellation'")
    assert asked == [(len(cancelled),)]


@pytest.mark.parametrize("ended", [name for name, status in MAP.statuses.items() if status.ends])
def test_an_order_that_comes_back_from_its_end_is_a_finding_and_is_not_shown(walk: Walk, ended: str) -> None:
    (walker,) = walk.place([next(path for path in WALKS if path[-1] == ended)])
    walk.rig.erp.attend(walker.number, status=ended)
    walk.follow()
    before = walk.look_at(walker)

    walk.rig.erp.attend(walker.number, status=CREATED_IN)
    walk.follow()

    assert walk.look_at(walker) == before
    ((kind, told),) = walk.rig.shop.rows("SELECT kind, erp_value FROM erp_finding")
    assert kind == "forbidden_transition"
    assert f"'{ended}' is irreversible, and '{CREATED_IN}' does not follow it" in told


def test_a_forbidden_step_that_an_answer_tells_is_a_finding_and_is_not_shown_either(walk: Walk) -> None:
    (walker,) = walk.place([next(path for path in WALKS if path[-1] == "closed")])
    walk.rig.erp.attend(walker.number, status="closed")
    walk.follow()
    before = walk.look_at(walker)

    walk.rig.erp.attend(walker.number, status=CREATED_IN)
    event = walk.rig.shop.update(walker.entity_id, quantity="3.0000")
    turn_until(walk.relay, lambda: event in walk.rig.receipts_by_event())
    assert walk.rig.shop.rows("SELECT erp_status FROM erp_document") == [(CREATED_IN,)]
    walk.follow()

    assert walk.look_at(walker) == before
    assert walk.rig.shop.rows("SELECT kind, path FROM erp_finding") == [
        ("forbidden_transition", f"status closed to {CREATED_IN}")
    ]


def test_an_order_that_is_met_in_a_status_outside_the_map_shows_its_number_and_is_a_finding(
    database: Database, erp: Sandbox
) -> None:
    without = Lifecycle({"booked": ErpStatus(shows={"new": "erp_accepted"})}, first=("booked",))
    with rig_on(database, erp, policy=replace(POLICY, lifecycle=without, inbound=INBOUND)) as rig:
        walk = Walk(rig)
        (walker,) = walk.place([(CREATED_IN,)])

        walk.follow()

        assert walk.look_at(walker)[1] == "pending"
        assert rig.shop.rows("SELECT ext_order_id FROM sales_order") == [(walker.number,)]
        findings = rig.shop.rows("SELECT DISTINCT kind FROM erp_finding")
        assert findings == [("forbidden_transition",)]


@pytest.fixture
def way(database: Database, erp: Sandbox, magento: MagentoRest) -> Iterator[WayBack]:
    """The way back on the demonstration's map, with Magento's services."""
    with way_back_on(database, erp, magento, replace(POLICY_BACK, lifecycle=MAP)) as made:
        know_statuses(made.rig)
        yield made


def shows(way: WayBack, state: str, status: str) -> bool:
    """Read, make documents of it, and project, until Magento shows this; else an AssertionError."""
    way.carry()
    turn_until(way.rig.projector(), lambda: way.shop.rows(ORDER, ENTITY)[0][:2] == (state, status))
    return True


@pytest.mark.slow
@pytest.mark.needs_php
def test_the_erp_s_own_documents_take_an_order_to_its_end_on_both_sides(way: WayBack) -> None:
    number = way.place(ENTITY)
    assert shows(way, "new", "erp_accepted")

    way.erp.attend(number, status="posted")
    assert shows(way, "new", "erp_posted")

    way.erp.deliver(number, lines=lines((ENTITY * 10 + 1, "1")))
    assert shows(way, "processing", "erp_partly_delivered")

    way.erp.deliver(number, final=True)
    assert shows(way, "processing", "erp_delivered")

    way.erp.invoice(number)
    assert shows(way, "complete", "complete")

    way.erp.attend(number, status="closed")
    assert shows(way, "complete", "complete")
    assert way.shop.rows("SELECT erp_status FROM erp_document") == [("closed",)]
    assert [state for _, state in way.states()] == ["done"] * 3
    assert way.findings() == []


@pytest.mark.slow
@pytest.mark.needs_php
def test_an_order_that_the_erp_holds_and_then_cancels_is_let_go_and_cancelled_in_magento(way: WayBack) -> None:
    number = way.place(ENTITY)
    way.erp.attend(number, status="credit_hold")
    assert shows(way, "holded", "holded")

    way.erp.attend(number, status="cancelled")
    way.reader.turn()
    turn_until(way.rig.projector(), lambda: way.shop.rows(ORDER, ENTITY)[0][0] == "new")
    assert shows(way, "canceled", "canceled")

    assert way.states() == [("cancellation", "done")]
    assert way.findings() == []
