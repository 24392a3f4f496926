"""The checker of `ops/chaos` finds what it is there to find: each promise, broken on purpose."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from ops.chaos_run import faults, schedule
from ops.chaos_run.__main__ import in_words
from ops.chaos_run.checker import Strikes, Verdict, judge
from ops.chaos_run.evidence import (
    CommitLog,
    Delta,
    Document,
    Event,
    Fault,
    FoldedLine,
    Ledger,
    Magento,
    Mark,
    Refusal,
    Revision,
    ShopOrder,
    Stop,
    read_commits,
)

ERPS = ("keyed", "exact", "weak", "blind")
MANY = 200
"""Orders that go well, so that one that does not is less than a hundredth."""


@dataclass
class World:
    """Everything that the checker looks at, still open to change."""

    events: list[Event] = field(default_factory=list)
    deltas: list[Delta] = field(default_factory=list)
    documents: dict[str, list[Document]] = field(default_factory=lambda: {name: [] for name in ERPS})
    revisions: dict[str, list[Revision]] = field(default_factory=lambda: {name: [] for name in ERPS})
    movements: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in ERPS})
    lines: dict[str, list[tuple[str, str, Decimal]]] = field(default_factory=lambda: {name: [] for name in ERPS})
    refusals: dict[str, list[Refusal]] = field(default_factory=lambda: {name: [] for name in ERPS})
    faults: dict[str, list[Fault]] = field(default_factory=lambda: {name: [] for name in ERPS})
    orders: dict[int, ShopOrder] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    cancelled_before: set[tuple[str, int]] = field(default_factory=set)
    trail: list[Mark] = field(default_factory=list)
    phantoms: set[int] = field(default_factory=set)
    purged: set[int] = field(default_factory=set)
    unfinished_windows: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    folded: list[FoldedLine] = field(default_factory=list)
    longest_movement: int = 3
    strikes: Strikes = field(default_factory=lambda: Strikes(kills=3))
    conflicts: list[dict[str, object]] = field(default_factory=list)

    def judged(self) -> Verdict:
        ledgers = {
            name: Ledger(
                tuple(self.documents[name]),
                tuple(self.revisions[name]),
                tuple(self.movements[name]),
                tuple(self.lines[name]),
                tuple(self.refusals[name]),
                tuple(self.faults[name]),
                longest_movement=self.longest_movement,
            )
            for name in ERPS
        }
        outbox = frozenset(entry.id for entry in self.events) | {delta.id for delta in self.deltas} | self.phantoms
        magento = Magento(
            self.orders,
            frozenset(outbox - self.purged),
            tuple(self.stops),
            frozenset(self.cancelled_before),
            tuple(self.trail),
            self.unfinished_windows,
            self.findings,
            tuple(self.folded),
        )
        log = CommitLog(tuple(sorted(self.events, key=lambda e: e.id)), tuple(self.deltas))
        return judge(log, magento, ledgers, self.strikes, self.conflicts)

    def commit(self, outbox_id: int, order: int, kind: str = "OrderPlaced", **changes: object) -> Event:
        """A committed event of an order."""
        event = replace(an_event(outbox_id, order), type=kind, **changes)  # type: ignore[arg-type]
        self.events.append(event)
        return event

    def send(self, event: Event, *names: str) -> None:
        """Let ERPs accept a version: the order's document is made, or replaced."""
        for name in names or ERPS:
            number = f"SO-{event.order}"
            self.revisions[name].append(
                Revision(len(self.revisions[name]) + 1, number, event.event_id, event.committed_us)
            )
            self.documents[name] = [document for document in self.documents[name] if document.number != number]
            self.documents[name].append(document_of(event))

    def acknowledge(self, order: int) -> None:
        """Show the number in Magento."""
        number = f"SO-{order}"
        self.orders[order] = ShopOrder(number, number, (f"exact booked this order as {number}.",))


def an_event(outbox_id: int, order: int, quantity: int = 2) -> Event:
    total = Decimal(5 * quantity)
    return Event(
        id=outbox_id,
        event_id=f"event-{outbox_id}",
        type="OrderPlaced",
        order=order,
        free=True,
        cancelled=False,
        lines={"7": ("SKU-A", str(quantity), str(total))},
        grand_total=total + Decimal("4.90"),
        content=f"content of {outbox_id}",
        committed_us=outbox_id * 1_000,
    )


def document_of(event: Event) -> Document:
    lines = [
        {"lineReference": name, "sku": sku, "quantity": f"{quantity}.0000", "total": total}
        for name, (sku, quantity, total) in event.lines.items()
    ]
    body = {"lines": lines, "totals": {"grandTotal": str(event.grand_total)}}
    return Document(f"SO-{event.order}", "cancelled" if event.cancelled else "open", body)


@pytest.fixture
def world() -> World:
    """A shop in which all went well: many orders, one of them edited, and stock that adds up."""
    world = World()
    for order in range(10, 10 + MANY):
        world.send(world.commit(order * 10, order))
        world.acknowledge(order)
    edit = an_event(105, 10, quantity=3)
    world.events.append(replace(edit, type="OrderUpdated"))
    world.send(edit)
    world.deltas.append(Delta(7, "event-7", "SKU-A", "west", Decimal(-2), "shipment", 7_000))
    for name in ("keyed", "exact"):
        world.movements[name].append("chaos.W-WEST.1")
        world.lines[name].append(("W-WEST", "SKU-A", Decimal(-2)))
        world.folded.append(FoldedLine(name, "W-WEST 1", "W-WEST", "SKU-A", Decimal(-2), "booked", (7,)))
    return world


def test_a_run_in_which_all_went_well_breaks_no_promise(world: World) -> None:
    verdict = world.judged()

    assert verdict.problems() == []
    assert verdict.events == verdict.delivered == (MANY + 1) * 4
    assert verdict.acknowledged == MANY
    assert json.loads(verdict.as_json(seed=3))["kills"] == 3


def test_a_verdict_is_told_in_words_with_every_kind_of_fault() -> None:
    told = list(in_words(Verdict(kills=3, faults={"http_429": 2}), {"seed": 3}))

    assert told[0] == "seed 3"
    assert {"        3  kills", "        2  http 429"} <= set(told)


# --- What must not be ---------------------------------------------------------------------------------------------


def lose_an_order(world: World) -> None:
    world.commit(1, 5)


def lose_an_edit(world: World) -> None:
    world.commit(2001, 20, "OrderUpdated")


def lose_a_cancellation(world: World) -> None:
    world.commit(2001, 20, "OrderCancelled", cancelled=True)


def double_a_document(world: World) -> None:
    world.documents["exact"].append(replace(world.documents["exact"][0], number="SO-999"))
    world.revisions["exact"].append(Revision(9_999, "SO-999", "event-110", 9))


def make_a_document_from_nothing(world: World) -> None:
    world.revisions["weak"].append(Revision(9_999, "SO-999", "event-of-nobody", 9))


def accept_a_version_twice(world: World) -> None:
    world.revisions["keyed"].append(Revision(9_999, "SO-20", "event-200", 9))


def double_a_movement(world: World) -> None:
    world.movements["keyed"].append("chaos.W-WEST.1")


def accept_an_older_version_later(world: World) -> None:
    world.revisions["exact"].append(Revision(9_999, "SO-10", "event-100", 9_000_000))


def try_an_older_version_later(world: World) -> None:
    world.refusals["exact"].append(Refusal(409, "STALE_REVISION", "chaos-10", "event-100", 9_000_000))


def refuse_a_request(world: World) -> None:
    world.refusals["exact"].append(Refusal(422, "TOTALS_MISMATCH", "chaos-10", "event-100", 9_000_000))


def forget_the_number(world: World) -> None:
    world.orders[20] = replace(world.orders[20], ext_order_id=None)


def forget_the_grid(world: World) -> None:
    world.orders[20] = replace(world.orders[20], grid_ext_order_id=None)


def forget_the_comment(world: World) -> None:
    world.orders[20] = replace(world.orders[20], comments=())


def forget_the_status(world: World) -> None:
    world.orders[20] = replace(world.orders[20], state="new", status="pending", grid_status="booked")


def deadlock_with_a_sidecar(world: World) -> None:
    world.conflicts += [{"code": 1213, "met": ""}, {"code": 1213, "met": "thread id 7, 127.0.0.1 sidecar_a Updating"}]


def comment_twice(world: World) -> None:
    world.orders[20] = replace(world.orders[20], comments=world.orders[20].comments * 2)


def forget_a_delta(world: World) -> None:
    world.deltas.append(Delta(8, "event-8", "SKU-B", "east", Decimal(1), "refund", 8_000))


def book_a_delta_twice(world: World) -> None:
    world.lines["exact"].append(("W-WEST", "SKU-A", Decimal(-2)))


def fold_a_delta_twice(world: World) -> None:
    world.folded.append(replace(world.folded[0], window="W-WEST 2"))


def fold_what_was_never_committed(world: World) -> None:
    world.folded[0] = replace(world.folded[0], members=(7, 8))


def fold_another_warehouses_delta(world: World) -> None:
    world.folded[0] = replace(world.folded[0], warehouse="W-EAST")


def add_up_wrongly(world: World) -> None:
    world.folded[0] = replace(world.folded[0], quantity=Decimal(-3))


def send_too_many_lines(world: World) -> None:
    world.longest_movement = 4


def carry_a_line_nowhere(world: World) -> None:
    world.folded[0] = replace(world.folded[0], state="carried")


def leave_a_line_refused(world: World) -> None:
    world.folded[0] = replace(world.folded[0], state="parked")


def leave_a_window_open(world: World) -> None:
    world.unfinished_windows = ("exact W-WEST 7 is parked",)


def raise_a_false_alarm(world: World) -> None:
    world.findings = ("exact order:10 line_missing read-back",)


def purge_what_is_not_old(world: World) -> None:
    world.purged.add(200)


def send_what_was_never_paid(world: World) -> None:
    world.send(world.commit(3001, 300, free=False), "weak")


def ship_another_quantity(world: World) -> None:
    world.documents["blind"] = [document_of(an_event(200, 20, quantity=9)), *world.documents["blind"]]
    world.documents["blind"] = [
        d for place, d in enumerate(world.documents["blind"]) if place == 0 or d.number != "SO-20"
    ]


def keep_what_was_cancelled(world: World) -> None:
    cancelled = world.commit(2001, 20, "OrderCancelled", cancelled=True)
    for name in ERPS:
        world.revisions[name].append(Revision(9_999, "SO-20", cancelled.event_id, 9))


def park_without_a_loss(world: World) -> None:
    world.events.append(an_event(1, 5))
    for name in ("keyed", "exact", "weak"):
        world.send(world.events[-1], name)
    world.acknowledge(5)
    world.stops.append(Stop("blind", 1, 5, "unknown", for_a_person=True))


def park_at_an_erp_that_can_be_searched(world: World) -> None:
    event = world.commit(1, 5)
    world.send(event, "keyed", "weak", "blind")
    world.faults["exact"].append(Fault("lose_request", "order.create", event.event_id))
    world.stops.append(Stop("exact", 1, 5, "unknown", for_a_person=True))


def let_a_stranger_write(world: World) -> None:
    world.trail += [
        Mark("takeover", "exact", "documents", "chaos_a", (), 1),
        Mark("takeover", "exact", "documents", "chaos_b", (), 2),
        Mark("write", "exact", "documents", "chaos_a", (), 3),
    ]


def commit_without_a_log(world: World) -> None:
    world.phantoms.add(99_999)


def send_the_parked_order(world: World) -> None:
    world.send(world.commit(1, 1), "weak")
    world.stops += [Stop(name, 1, 1, "parked", for_a_person=True) for name in ERPS]


def let_a_follower_of_the_parked_order_vanish(world: World) -> None:
    world.commit(1, 1)
    world.commit(2, 1, "OrderUpdated")
    world.stops += [Stop(name, 1, 1, "parked", for_a_person=True) for name in ERPS]


@pytest.mark.parametrize(
    ("break_it", "blamed"),
    [
        (lose_an_order, "lost"),
        (lose_an_edit, "lost"),
        (lose_a_cancellation, "lost"),
        (double_a_document, "duplicates"),
        (make_a_document_from_nothing, "duplicates"),
        (accept_a_version_twice, "duplicates"),
        (double_a_movement, "duplicates"),
        (accept_an_older_version_later, "inversions"),
        (try_an_older_version_later, "inversions"),
        (refuse_a_request, "refused"),
        (forget_the_number, "unacknowledged"),
        (forget_the_grid, "unacknowledged"),
        (forget_the_comment, "unacknowledged"),
        (forget_the_status, "unacknowledged"),
        (comment_twice, "unacknowledged"),
        (deadlock_with_a_sidecar, "deadlocks_with_us"),
        (forget_a_delta, "stock_mismatch"),
        (forget_a_delta, "misfolded"),
        (fold_a_delta_twice, "misfolded"),
        (fold_what_was_never_committed, "misfolded"),
        (fold_another_warehouses_delta, "misfolded"),
        (add_up_wrongly, "misfolded"),
        (carry_a_line_nowhere, "misfolded"),
        (send_too_many_lines, "misfolded"),
        (book_a_delta_twice, "stock_mismatch"),
        (leave_a_line_refused, "kept_back"),
        (leave_a_window_open, "unfinished_windows"),
        (raise_a_false_alarm, "findings"),
        (purge_what_is_not_old, "purged_too_early"),
        (send_what_was_never_paid, "unreleased_sent"),
        (ship_another_quantity, "differs"),
        (keep_what_was_cancelled, "differs"),
        (park_without_a_loss, "unexplained"),
        (park_at_an_erp_that_can_be_searched, "unexplained"),
        (let_a_stranger_write, "writes_after_lease"),
        (commit_without_a_log, "phantoms"),
        (send_the_parked_order, "parked_lane_broken"),
        (let_a_follower_of_the_parked_order_vanish, "parked_lane_broken"),
    ],
)
def test_each_promise_that_is_broken_is_counted_and_told(
    world: World, break_it: Callable[[World], None], blamed: str
) -> None:
    break_it(world)

    verdict = world.judged()

    assert getattr(verdict, blamed) > 0
    assert verdict.examples[blamed]
    assert verdict.problems()


@pytest.mark.parametrize(
    ("well", "parked", "too_many"), [(0, 20, False), (0, 60, True), (400, 20, False), (400, 40, True)]
)
def test_parking_is_no_way_out(world: World, well: int, parked: int, *, too_many: bool) -> None:
    """Each loss is explained, yet more than one in a hundred is too much; in a short run, one in twenty."""
    for order in range(2000, 2000 + well):
        world.send(world.commit(order * 10, order))
        world.acknowledge(order)
    for order in range(1000, 1000 + parked):
        event = world.commit(order * 10, order)
        world.send(event, "keyed", "exact", "weak")
        world.acknowledge(order)
        world.faults["blind"].append(Fault("lose_request", "order.create", event.event_id))
        world.stops.append(Stop("blind", event.id, order, "unknown", for_a_person=True))

    verdict = world.judged()

    assert (verdict.unknown_parked, verdict.unexplained) == (parked, 0)
    assert any("only" in problem for problem in verdict.problems()) is too_many


# --- What may be --------------------------------------------------------------------------------------------------


def test_an_edit_that_a_later_version_absorbed_is_delivered(world: World) -> None:
    world.commit(2001, 20, "OrderUpdated")
    world.send(world.commit(2002, 20, "OrderUpdated"))

    assert world.judged().problems() == []


def test_a_save_that_changed_nothing_is_delivered_with_the_version_before_it(world: World) -> None:
    world.commit(2001, 20, "OrderUpdated", content="content of 200")

    assert world.judged().problems() == []


def test_an_order_that_was_never_free_to_go_is_owed_to_nobody(world: World) -> None:
    world.commit(3001, 300, free=False)

    verdict = world.judged()

    assert verdict.problems() == []
    assert verdict.waiting == 4


def test_an_order_that_was_cancelled_in_time_is_owed_to_nobody_if_the_receipt_says_so(world: World) -> None:
    world.commit(3001, 300)
    world.commit(3002, 300, "OrderCancelled", cancelled=True)
    assert world.judged().lost == 8

    world.cancelled_before |= {(name, 3001) for name in ERPS}

    verdict = world.judged()
    assert verdict.problems() == []
    assert verdict.cancelled_before_release == 8


@pytest.mark.parametrize("name", ["weak", "blind"])
def test_a_loss_that_cannot_be_searched_may_be_parked_with_what_follows_it(world: World, name: str) -> None:
    event, follower = world.commit(1, 5), world.commit(2, 5, "OrderUpdated")
    for other in ERPS:
        if other != name:
            world.send(event, other)
            world.send(follower, other)
    world.acknowledge(5)
    world.faults[name].append(Fault("lose_response_after_commit", "order.create", event.event_id))
    world.stops.append(Stop(name, 1, 5, "unknown", for_a_person=True))
    assert world.judged().lost == 1

    world.stops.append(Stop(name, 2, 5, "held", for_a_person=True))

    verdict = world.judged()
    assert verdict.problems() == []
    assert (verdict.unknown_parked, verdict.held_behind_unknown, verdict.losses_injected_unsearchable) == (1, 1, 1)


def test_a_call_that_a_takeover_cut_off_explains_an_unknown_outcome(world: World) -> None:
    park_without_a_loss(world)

    world.trail.append(Mark("takeover", "blind", "documents", "chaos_b", (1,), 5))

    verdict = world.judged()
    assert verdict.problems() == []
    assert (verdict.takeovers, verdict.losses_injected_unsearchable) == (1, 1)


def test_a_second_loss_ends_at_a_person_even_where_one_can_search(world: World) -> None:
    park_at_an_erp_that_can_be_searched(world)

    world.trail.append(Mark("takeover", "exact", "documents", "chaos_b", (1,), 5))

    verdict = world.judged()
    assert verdict.problems() == []
    assert (verdict.unknown_parked, verdict.losses_injected_unsearchable) == (1, 1)


def test_a_successor_that_is_struck_before_it_begins_cuts_nothing_off_again(world: World) -> None:
    park_without_a_loss(world)

    for at_us in (1_000_000, 2_000_000, 3_500_000):
        world.trail.append(Mark("takeover", "blind", "documents", "chaos_b", (1,), at_us))

    assert world.judged().losses_injected_unsearchable == 1


def test_an_event_that_the_sidecar_calls_unknown_is_not_delivered_whatever_the_ledger_says(world: World) -> None:
    park_without_a_loss(world)
    world.send(world.events[-1], "blind")

    verdict = world.judged()

    assert verdict.events - verdict.delivered == verdict.unknown_parked == 1


def test_a_key_that_refuses_a_second_creation_breaks_nothing(world: World) -> None:
    world.refusals["keyed"].append(Refusal(409, "DUPLICATE_REFERENCE", "chaos-10", "event-100", 9_000_000))

    assert world.judged().problems() == []


def test_commits_that_come_after_their_window_are_counted(world: World) -> None:
    world.deltas.append(Delta(8, "event-8", "SKU-A", "west", Decimal(3), "import", 60_000_000))

    verdict = world.judged()

    assert verdict.problems() == []
    assert verdict.late_deltas == 1
    assert verdict.late_commits >= 1


def test_old_events_that_are_gone_are_counted_as_purged_and_still_add_up(world: World) -> None:
    world.deltas[0] = replace(world.deltas[0], old=True)
    world.purged.add(world.deltas[0].id)

    verdict = world.judged()

    assert verdict.problems() == []
    assert verdict.purged == 1


def test_a_takeover_is_timed_from_the_blow_unless_another_blow_came_between(world: World) -> None:
    world.trail += [
        Mark("takeover", "exact", "documents", "chaos_b", (), 4_500_000),
        Mark("takeover", "weak", "documents", "chaos_b", (), 9_000_000),
        Mark("takeover", "exact", "documents", "chaos_a", (), 60_000_000),
    ]
    world.strikes = Strikes(owners_struck_us=(2_000_000, 30_000_000), blows_us=(2_000_000, 30_000_000, 41_000_000))

    assert world.judged().slowest_takeover_s == 2.5


def test_the_commit_log_is_read_in_the_order_of_ids() -> None:
    claim = {
        "type": "OrderPlaced",
        "order": 5,
        "free": True,
        "cancelled": False,
        "lines": {},
        "grand_total": "9.9000",
        "content": "x",
        "committed_us": 9,
        "resolved": True,
    }
    facts = {"sku": "A", "source_code": "west", "quantity": "-1.0000", "reason": "shipment"}
    delta = {**facts, "committed_us": 3, "resolved": False, "old": False}
    log = read_commits(
        [
            {**claim, "id": 12, "event_id": "b"},
            {**claim, "id": 4, "event_id": "a"},
            {**delta, "id": 7, "event_id": "c", "type": "InventoryAdjusted"},
        ]
    )

    assert [event.id for event in log.events] == [4, 12]
    assert log.deltas[0].quantity == Decimal(-1)


# --- The plan -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_ten_minutes_hold_sixty_kills_ten_freezes_and_ten_crashes_of_the_database(seed: int) -> None:
    strikes = schedule.draw(seed, 600)
    number = {blow: sum(strike.blow == blow for strike in strikes) for blow in ("kill", "freeze", "database")}

    assert number["kill"] >= 60
    assert number["freeze"] >= 10
    assert number["database"] >= 10
    assert all(0 <= strike.at < 600 for strike in strikes)
    assert strikes == schedule.draw(seed, 600)


def test_seeds_draw_different_strikes() -> None:
    assert schedule.draw(1, 60) != schedule.draw(2, 60)


def test_losses_are_rare_where_nobody_can_look_them_up() -> None:
    assert faults.plan("weak") == faults.plan("blind")
    for name, limit in (("keyed", 0.05), ("blind", 0.002)):
        losing = [
            rule for rule in faults.plan(name) if rule["operation"] == "order.create" and rule["kind"] in faults.OPEN
        ]
        assert losing
        assert sum(float(str(rule["probability"])) for rule in losing) <= limit
