"""A line that the ERP refuses is parked alone, later ones of its SKU are held behind it, and all else goes on."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sidecar.daemon import SystemClock
from sidecar.domain.events import OutboxId
from sidecar.domain.step import Cursor
from sidecar.domain.stock import FoldedLine, FrozenFold, LineState, Membership, StandingLine, WindowKind
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.stock_sending import WindowSender
from sidecar.mysql.insights import Insights
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.line_decisions import LineDecisions
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.window_store import WindowStore
from tests.support.daemon import configure
from tests.support.forgetful import ForgetfulErp, Killed, Trouble
from tests.support.rig import POLICY, TERMS, Notes, Rig, turn_until
from tests.support.stores import ERP, Tables

SKUS = ("CUP", "GHOST", "TEE")
STANDING = ("parked", "held", "retrying", "skipping")


class House:
    """A destination whose windows a test freezes itself, and whose sender it turns."""

    def __init__(self, tables: Tables, erp: ForgetfulErp) -> None:
        self.tables, self.erp, self.notes = tables, erp, Notes()
        self.decisions, self.store = LineDecisions(tables.session), StockStore(tables.session)
        self.newest = 0
        self.start()

    def start(self) -> None:
        """A freshly started process, which fences the one before out."""
        session, clock = self.tables.session, SystemClock()
        self.lead = Leadership(LeaseStore(session.apart()), "stock", ERP, "one", TERMS, clock, self.notes)
        assert self.lead.acquire()
        policy = replace(POLICY, name=ERP, call_deadline=timedelta(milliseconds=1))
        governor = Governor(clock, 8, policy.governor)
        self.sender = WindowSender(policy, "M1", self.erp, governor, WindowStore(session), self.lead, clock, self.notes)

    def freeze(self, kind: WindowKind = WindowKind.MOVEMENT, /, **quantities: str) -> None:
        """One window of warehouse W1, each line made by one delta."""
        ids = range(self.newest + 1, self.newest + 1 + len(quantities))
        lines = tuple(
            FoldedLine(sku, Decimal(quantity), [outbox_id])
            for outbox_id, (sku, quantity) in zip(ids, sorted(quantities.items()), strict=True)
        )
        membership = Membership(OutboxId(self.newest), OutboxId(ids[-1]))
        self.newest = ids[-1]
        fold = FrozenFold("W1", lines, kind)
        cursor = Cursor(OutboxId(self.newest))
        self.store.freeze_windows(ERP, self.lead.token, cursor, membership, [fold], "v1", [])

    def settle(self) -> None:
        """Send until nothing is due."""
        while self.sender.send() or self.unfinished():
            continue

    def unfinished(self) -> int:
        """Windows that are on their way."""
        rows = self.tables.rows(
            "SELECT COUNT(*) FROM {prefix}erp_stock_window WHERE state IN ('frozen', 'sending', 'unknown')"
        )
        return int(rows[0][0])

    def lines(self) -> list[tuple[int, str, str]]:
        """Window, SKU and state of every line."""
        return self.tables.rows(
            "SELECT w.sequence, l.sku, l.state FROM {prefix}erp_stock_window_line l"
            " JOIN {prefix}erp_stock_window w ON w.id = l.window_id"
            " ORDER BY w.sequence, l.line"
        )

    def windows(self) -> list[str]:
        """The states of all windows, by number."""
        return [state for (state,) in self.tables.rows("SELECT state FROM {prefix}erp_stock_window ORDER BY sequence")]

    def decide(self, verb: str, sku: str | None) -> list[StandingLine]:
        """A person's word."""
        assert verb in ("retry", "skip")
        return list(
            self.decisions.decide("retry" if verb == "retry" else "skip", ERP, "W1", sku, "ann", "x", dry_run=False)
        )

    def counted(self) -> dict[str, list[int]]:
        """The ids of the deltas of every line that counts, by SKU."""
        ids: dict[str, list[int]] = {}
        rows = self.tables.rows("SELECT sku, members FROM {prefix}erp_stock_window_line WHERE state <> 'carried'")
        for sku, members in rows:
            ids.setdefault(sku, []).extend(json.loads(members))
        return {sku: sorted(members) for sku, members in ids.items()}


@pytest.fixture
def house(tables: Tables) -> House:
    return House(tables, ForgetfulErp())


def with_a_refused_line(house: House) -> None:
    house.erp.refused = {"GHOST"}
    house.freeze(GHOST="-1", TEE="-1")
    house.freeze(GHOST="-2.5", CUP="-4")
    house.freeze(GHOST="7")
    house.settle()


def test_later_lines_of_a_refused_sku_are_held_and_the_rest_goes_on(house: House) -> None:
    with_a_refused_line(house)

    assert house.lines() == [
        (1, "GHOST", "parked"),
        (1, "TEE", "booked"),
        (2, "CUP", "booked"),
        (2, "GHOST", "held"),
        (3, "GHOST", "held"),
    ]
    assert house.windows() == ["booked", "booked", "held"]
    assert house.erp.calls == 2
    (standing,) = house.decisions.standing_lines(10)
    assert (standing.sku, standing.sequence, standing.state) == ("GHOST", 1, LineState.PARKED)
    assert (standing.quantity, standing.held, standing.held_quantity) == (Decimal(-1), 2, Decimal("4.5"))
    assert standing.fault == "it is counted"


def test_a_line_that_is_retried_goes_with_all_that_is_held_behind_it_in_one_new_window(house: House) -> None:
    with_a_refused_line(house)
    house.erp.refused = set()

    (decided,) = house.decide("retry", "GHOST")
    house.settle()

    assert decided.sku == "GHOST"
    assert house.erp.booked["M1.W1.4"] == {"GHOST": Decimal("3.5")}
    assert house.lines()[-1] == (4, "GHOST", "booked")
    assert house.tables.rows(
        "SELECT w.sequence, l.state, t.sequence FROM {prefix}erp_stock_window_line l"
        " JOIN {prefix}erp_stock_window w ON w.id = l.window_id"
        " JOIN {prefix}erp_stock_window t ON t.id = l.carried_to ORDER BY 1"
    ) == [(1, "carried", 4), (2, "carried", 4), (3, "carried", 4)]
    assert house.windows() == ["booked", "booked", "carried", "booked"]
    assert house.counted() == {"CUP": [3], "GHOST": [1, 4, 5], "TEE": [2]}
    assert house.tables.rows("SELECT action, actor, lane, state_before, detail FROM {prefix}erp_operator_action") == [
        ("retry", "ann", "stock:W1.1", "parked", "SKU GHOST: -1 parked; 2 lines held behind it: 4.5")
    ]


def test_a_line_that_is_skipped_is_given_up_and_what_was_held_behind_it_goes_on(house: House) -> None:
    with_a_refused_line(house)
    house.erp.refused = set()

    house.decide("skip", "GHOST")
    house.settle()

    assert house.erp.balance("GHOST") == Decimal("4.5")
    assert [line for line in house.lines() if line[1] == "GHOST"] == [
        (1, "GHOST", "skipped"),
        (2, "GHOST", "carried"),
        (3, "GHOST", "carried"),
        (4, "GHOST", "booked"),
    ]


def test_a_line_that_is_refused_again_is_parked_again_with_everything_before_it(house: House) -> None:
    with_a_refused_line(house)

    house.decide("retry", "GHOST")
    house.settle()
    house.freeze(GHOST="-9", TEE="-1")
    house.settle()

    (standing,) = house.decisions.standing_lines(10)
    assert (standing.sequence, standing.quantity) == (4, Decimal("3.5"))
    assert (standing.held, standing.held_quantity) == (1, Decimal(-9))
    assert house.erp.balance("TEE") == Decimal(-2)


def test_what_adds_up_to_nothing_when_it_is_carried_is_kept_and_not_sent(house: House) -> None:
    house.erp.refused = {"GHOST"}
    house.freeze(GHOST="-1")
    house.freeze(GHOST="1")
    house.settle()
    calls = house.erp.calls

    house.decide("retry", "GHOST")
    house.settle()

    assert house.erp.calls == calls
    assert house.lines()[-1] == (3, "GHOST", "net_zero")
    assert house.windows() == ["booked", "carried", "net_zero"]


def test_what_waits_behind_a_retried_line_does_not_overtake_it(house: House) -> None:
    with_a_refused_line(house)
    house.erp.refused = set()
    house.freeze(GHOST="-2", TEE="-1")

    house.decide("retry", "GHOST")
    house.settle()

    assert house.erp.booked["M1.W1.5"] == {"GHOST": Decimal("1.5")}
    assert house.erp.booked["M1.W1.4"] == {"TEE": Decimal(-1)}


def test_a_window_of_which_everything_went_on_in_another_is_carried(house: House) -> None:
    house.erp.refused = {"GHOST"}
    house.freeze(GHOST="-1", TEE="-1")
    house.settle()
    house.erp.refused = set()
    house.freeze(GHOST="-2")

    house.decide("retry", "GHOST")
    house.settle()

    assert house.windows() == ["booked", "carried", "booked"]
    assert house.erp.booked["M1.W1.3"] == {"GHOST": Decimal(-3)}


def test_a_window_that_was_begun_keeps_its_content_whatever_is_refused_before_it_settles(house: House) -> None:
    house.freeze(GHOST="-1", TEE="-1")
    house.erp.trouble = "lost request"
    house.sender.send()
    house.tables.run(
        "INSERT INTO {prefix}erp_stock_window (destination, warehouse, sequence, state, after_id, upto_id, holes,"
        " late_ids, blueprint_version, fault) VALUES ('main-erp', 'W1', 0, 'booked', 0, 0, '[]', '[]', 'v0', '')"
    )
    house.tables.run(
        "INSERT INTO {prefix}erp_stock_window_line (window_id, line, sku, quantity, deltas, state, fault)"
        " SELECT id, 1, 'GHOST', -5, 1, 'parked', 'no' FROM {prefix}erp_stock_window WHERE sequence = 0"
    )

    house.settle()

    assert house.erp.booked["M1.W1.1"] == {"GHOST": Decimal(-1), "TEE": Decimal(-1)}


def test_demand_is_not_held_behind_a_movement_of_the_same_sku(house: House) -> None:
    house.erp.refused = {"GHOST"}
    house.freeze(GHOST="-1")
    house.settle()
    house.erp.refused = set()

    house.freeze(WindowKind.DEMAND, GHOST="-3")
    house.settle()

    assert house.lines() == [(1, "GHOST", "parked"), (2, "GHOST", "booked")]


def test_an_erp_that_makes_no_document_but_names_each_line_holds_up_no_other_window(house: House) -> None:
    house.erp.refused, house.erp.whole = {"GHOST"}, True
    house.freeze(GHOST="-1")
    house.freeze(TEE="-1")

    house.settle()

    assert house.windows() == ["held", "booked"]
    assert house.lines() == [(1, "GHOST", "parked"), (2, "TEE", "booked")]
    assert house.notes.named("window.lines_parked")[0]["lines"] == 1


def test_lines_that_were_held_before_their_window_was_skipped_stand_and_go_with_the_refused_one(house: House) -> None:
    with_a_refused_line(house)
    house.freeze(GHOST="-2", TEE="-8")
    house.tables.run("UPDATE {prefix}erp_stock_window SET state = 'parked' WHERE sequence = 4")
    house.tables.run("UPDATE {prefix}erp_stock_window_line SET state = 'held' WHERE quantity = -2")

    assert Insights(house.tables.session).skip_window(ERP, "W1", 4, "ann", "booked by hand")
    house.erp.refused = set()
    house.decide("retry", "GHOST")
    house.settle()

    assert house.erp.balance("GHOST") == Decimal("1.5")
    assert [state for number, sku, state in house.lines() if (number, sku) == (4, "TEE")] == ["skipped"]


def test_all_refused_lines_of_a_warehouse_are_retried_within_the_erps_batches(tables: Tables) -> None:
    house = House(tables, ForgetfulErp(batch=2))
    house.erp.refused = set(SKUS)
    house.freeze(CUP="-1", GHOST="-2")
    house.freeze(TEE="-3")
    house.settle()
    house.erp.refused = set()

    decided = house.decide("retry", None)
    house.settle()

    assert [line.sku for line in decided] == list(SKUS)
    assert [house.erp.balance(sku) for sku in SKUS] == [Decimal(-1), Decimal(-2), Decimal(-3)]
    assert [len(house.erp.booked[f"M1.W1.{number}"]) for number in (3, 4)] == [2, 1]


def test_a_line_frozen_before_ids_were_kept_is_carried_with_its_count_alone(house: House) -> None:
    with_a_refused_line(house)
    house.tables.run("UPDATE {prefix}erp_stock_window_line SET members = NULL, deltas = 7 WHERE state = 'parked'")
    house.erp.refused = set()

    house.decide("retry", "GHOST")
    house.settle()

    assert house.tables.rows(
        "SELECT deltas, members FROM {prefix}erp_stock_window_line ORDER BY window_id DESC LIMIT 1"
    ) == [(9, None)]


def test_a_person_retries_a_refused_line_at_the_sandbox(rig: Rig, tmp_path: Path) -> None:
    rig.erp.control("POST", "masterdata", {"unknownItems": ["GHOST"]})
    aggregator = rig.aggregator()
    for quantity in ("-1.0000", "-2.0000"):
        rig.shop.adjust("GHOST", quantity)
        rig.shop.adjust("TEE", "-1.0000")
        before = len(rig.notes.named("window.booked"))
        turn_until(aggregator, lambda: len(rig.notes.named("window.booked")) > before)  # noqa: B023 -- run at once
    rig.erp.control("POST", "masterdata", {"unknownItems": []})
    folder = tmp_path / "configured"
    folder.mkdir()
    sidecar = configure(folder, rig.shop.database, rig.erp.url)

    listed = json.loads(sidecar.run("--json", "stock", "line", "list").stdout)
    tried = sidecar.run("stock", "line", "retry", "erp", "W1", "GHOST", "--reason", "item made", "--dry-run")
    said = sidecar.run("stock", "line", "retry", "erp", "W1", "GHOST", "--reason", "item made")
    again = sidecar.run("stock", "line", "skip", "erp", "W1", "GHOST", "--reason", "too late")
    turn_until(aggregator, lambda: len(rig.notes.named("window.booked")) > 2)

    assert [(row["sku"], row["quantity"], row["held"], row["held_quantity"]) for row in listed] == [
        ("GHOST", "-1", 1, "-2")
    ]
    assert tried.stdout == "GHOST: -3 goes in a new window, with -2 of 1 later window; nothing was decided.\n"
    assert said.stdout.startswith("GHOST: -3 goes in a new window, with -2 of 1 later window; recorded as decided by ")
    assert (tried.returncode, said.returncode, again.returncode) == (0, 0, 1)
    assert "SKU GHOST is parked in no line of warehouse W1 at erp" in again.stdout
    on_hand = {row["sku"]: Decimal(row["on_hand"]) for row in rig.erp.rows("SELECT sku, on_hand FROM stock_balances")}
    assert on_hand == {"GHOST": Decimal(-3), "TEE": Decimal(-2)}


# -- whatever happens ------------------------------------------------------------------------------------

TROUBLES: tuple[Trouble, ...] = ("lost request", "lost answer", "killed before", "killed after", "throttled")
STEP = st.one_of(
    st.tuples(st.just("freeze"), st.dictionaries(st.sampled_from(SKUS), st.integers(-3, 3), min_size=1)),
    st.tuples(st.just("send"), st.sampled_from((None, *TROUBLES))),
    st.tuples(st.just("refuse"), st.sets(st.sampled_from(SKUS), max_size=2)),
    st.tuples(st.just("retry"), st.sampled_from(SKUS)),
    st.tuples(st.just("skip"), st.sampled_from(SKUS)),
)


@pytest.mark.slow
def test_every_delta_counts_once_whatever_is_refused_retried_skipped_and_killed(tables: Tables) -> None:
    @settings(max_examples=8, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.lists(STEP, min_size=8, max_size=30), st.booleans())
    def run(steps: list[tuple[str, object]], whole: bool) -> None:  # noqa: FBT001 -- drawn
        for table in ("erp_stock_window_line", "erp_stock_window", "erp_cursor"):
            tables.run(f"DELETE FROM {{prefix}}{table}")  # noqa: S608 -- the names above
        house = House(tables, ForgetfulErp(whole=whole))
        made: dict[str, Decimal] = dict.fromkeys(SKUS, Decimal(0))
        for kind, what in steps:
            _play(house, kind, what, made)
        _standing_skus_alone_differ(house, made)
        house.erp.refused = set()
        house.decide("retry", None)
        _settled(house)
        assert {sku: house.erp.balance(sku) for sku in SKUS} == made
        counted = [one for members in house.counted().values() for one in members]
        assert sorted(counted) == list(range(1, house.newest + 1))

    run()


def _play(house: House, kind: str, what: object, made: dict[str, Decimal]) -> None:
    match kind, what:
        case "freeze", dict(quantities):
            house.freeze(**{sku: str(quantity) for sku, quantity in quantities.items()})
            for sku, quantity in quantities.items():
                made[sku] += quantity
        case "refuse", set(skus):
            house.erp.refused = skus
        case "send", trouble:
            house.erp.trouble = trouble  # type: ignore[assignment]
            try:
                house.sender.send()
            except Killed:
                house.start()
        case (("retry" | "skip"), str(sku)):
            for line in house.decide(kind, sku):
                made[sku] -= line.quantity if kind == "skip" else 0


def _settled(house: House) -> None:
    house.erp.trouble = None
    house.settle()
    while house.sender.send():  # carries out what was decided last
        house.settle()


def _standing_skus_alone_differ(house: House, made: dict[str, Decimal]) -> None:
    _settled(house)
    standing = {line.sku for line in house.decisions.standing_lines(100)}
    for sku in set(SKUS) - standing:
        assert house.erp.balance(sku) == made[sku], f"{sku}: {house.erp}"
