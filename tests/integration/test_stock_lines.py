"""A line that the ERP refuses is parked alone, later ones of its SKU are held behind it, and all else goes on."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sidecar.domain.special_cases import Skus
from sidecar.domain.stock import LineState, WindowKind
from sidecar.domain.units import UnitRule, Units
from sidecar.mysql import window_store
from sidecar.mysql.insights import Insights
from tests.support.daemon import configure
from tests.support.forgetful import ForgetfulErp, Killed, Trouble
from tests.support.rig import Rig, turn_until
from tests.support.stock_house import House, one_server
from tests.support.stores import ERP, Tables

ForgetfulHouse = House[ForgetfulErp]
SKUS = ("CUP", "GHOST", "TEE")
STANDING = ("parked", "held", "retrying", "skipping")


@pytest.fixture
def house(tables: Tables) -> ForgetfulHouse:
    return House(tables, ForgetfulErp())


def with_a_refused_line(house: ForgetfulHouse) -> None:
    house.erp.refused = {"GHOST"}
    house.freeze(GHOST="-1", TEE="-1")
    house.freeze(GHOST="-2.5", CUP="-4")
    house.freeze(GHOST="7")
    house.settle()


def test_later_lines_of_a_refused_sku_are_held_and_the_rest_goes_on(house: ForgetfulHouse) -> None:
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


def test_a_line_that_is_retried_goes_with_all_that_is_held_behind_it_in_one_new_window(house: ForgetfulHouse) -> None:
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


def test_a_line_that_is_skipped_is_given_up_and_what_was_held_behind_it_goes_on(house: ForgetfulHouse) -> None:
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


@one_server
def test_a_line_that_is_refused_again_is_parked_again_with_everything_before_it(house: ForgetfulHouse) -> None:
    with_a_refused_line(house)

    house.decide("retry", "GHOST")
    house.settle()
    house.freeze(GHOST="-9", TEE="-1")
    house.settle()

    (standing,) = house.decisions.standing_lines(10)
    assert (standing.sequence, standing.quantity) == (4, Decimal("3.5"))
    assert (standing.held, standing.held_quantity) == (1, Decimal(-9))
    assert house.erp.balance("TEE") == Decimal(-2)


@one_server
def test_what_adds_up_to_nothing_when_it_is_carried_is_kept_and_not_sent(house: ForgetfulHouse) -> None:
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


@one_server
def test_what_waits_behind_a_retried_line_does_not_overtake_it(house: ForgetfulHouse) -> None:
    with_a_refused_line(house)
    house.erp.refused = set()
    house.freeze(GHOST="-2", TEE="-1")

    house.decide("retry", "GHOST")
    house.settle()

    assert house.erp.booked["M1.W1.5"] == {"GHOST": Decimal("1.5")}
    assert house.erp.booked["M1.W1.4"] == {"TEE": Decimal(-1)}


@one_server
def test_a_window_of_which_everything_went_on_in_another_is_carried(house: ForgetfulHouse) -> None:
    house.erp.refused = {"GHOST"}
    house.freeze(GHOST="-1", TEE="-1")
    house.settle()
    house.erp.refused = set()
    house.freeze(GHOST="-2")

    house.decide("retry", "GHOST")
    house.settle()

    assert house.windows() == ["booked", "carried", "booked"]
    assert house.erp.booked["M1.W1.3"] == {"GHOST": Decimal(-3)}


def test_a_window_that_was_begun_keeps_its_content_whatever_is_refused_before_it_settles(house: ForgetfulHouse) -> None:
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


@one_server
def test_demand_is_not_held_behind_a_movement_of_the_same_sku(house: ForgetfulHouse) -> None:
    house.erp.refused = {"GHOST"}
    house.freeze(GHOST="-1")
    house.settle()
    house.erp.refused = set()

    house.freeze(WindowKind.DEMAND, GHOST="-3")
    house.settle()

    assert house.lines() == [(1, "GHOST", "parked"), (2, "GHOST", "booked")]


@one_server
def test_an_erp_that_makes_no_document_but_names_each_line_holds_up_no_other_window(house: ForgetfulHouse) -> None:
    house.erp.refused, house.erp.whole = {"GHOST"}, True
    house.freeze(GHOST="-1")
    house.freeze(TEE="-1")

    house.settle()

    assert house.windows() == ["held", "booked"]
    assert house.lines() == [(1, "GHOST", "parked"), (2, "TEE", "booked")]
    assert house.notes.named("window.lines_parked")[0]["lines"] == 1


@one_server
def test_lines_that_were_held_before_their_window_was_skipped_go_with_the_refused_one(
    house: ForgetfulHouse,
) -> None:
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


@one_server
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


@one_server
def test_what_was_held_for_long_is_carried_a_part_at_a_time(
    house: ForgetfulHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_store, "MOST_CARRIED", 3)
    house.erp.refused = set(SKUS)
    for _ in range(2):
        house.freeze(CUP="-1", GHOST="-1", TEE="-1")
    house.settle()
    house.erp.refused = set()

    house.decide("retry", None)
    house.settle()

    assert [house.erp.balance(sku) for sku in SKUS] == [Decimal(-2)] * 3
    assert [len(house.erp.booked[f"M1.W1.{number}"]) for number in (3, 4, 5)] == [1, 1, 1]


def test_a_line_frozen_before_ids_were_kept_is_carried_with_its_count_alone(house: ForgetfulHouse) -> None:
    with_a_refused_line(house)
    house.tables.run("UPDATE {prefix}erp_stock_window_line SET members = NULL, deltas = 7 WHERE state = 'parked'")
    house.erp.refused = set()

    house.decide("retry", "GHOST")
    house.settle()

    assert house.tables.rows(
        "SELECT deltas, members FROM {prefix}erp_stock_window_line ORDER BY window_id DESC LIMIT 1"
    ) == [(9, None)]


BOXES = Units("PCE", (UnitRule(Skus(prefix="CASE"), "BOX", Decimal(12)),))


@one_server
def test_what_is_no_whole_number_of_boxes_is_held_until_later_changes_complete_it(tables: Tables) -> None:
    house = House(tables, ForgetfulErp(), BOXES)
    house.freeze(CASE="-18", TEE="-1")
    house.freeze(CASE="-6")
    house.settle()
    (standing,) = house.decisions.standing_lines(10)

    house.decide("retry", "CASE")
    house.settle()

    assert standing.fault == "-18 pieces are no whole number of BOX: one BOX holds 12"
    assert (standing.quantity, standing.held_quantity) == (Decimal(-18), Decimal(-6))
    assert house.erp.booked == {"M1.W1.1": {"TEE": Decimal(-1)}, "M1.W1.3": {"CASE": Decimal(-2)}}
    assert house.erp.units == {"TEE": "PCE", "CASE": "BOX"}


@one_server
def test_a_window_is_told_in_the_units_of_its_first_attempt_whatever_the_blueprint_says_later(tables: Tables) -> None:
    house = House(tables, ForgetfulErp(), BOXES)
    house.freeze(CASE="-24")
    house.erp.trouble = "killed before"
    with pytest.raises(Killed):
        house.sender.send()

    house.units = Units("PCE")
    house.start()
    house.settle()

    assert house.erp.booked == {"M1.W1.1": {"CASE": Decimal(-2)}}


@one_server
def test_a_lost_answer_in_boxes_is_compared_in_boxes(tables: Tables) -> None:
    house = House(tables, ForgetfulErp(), BOXES)
    house.erp.trouble = "lost answer"
    house.freeze(CASE="-24", TEE="-1")

    house.settle()

    assert house.windows() == ["booked"]
    assert house.lines() == [(1, "CASE", "booked"), (1, "TEE", "booked")]


@one_server
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
    @settings(max_examples=6, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
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


def _play(house: ForgetfulHouse, kind: str, what: object, made: dict[str, Decimal]) -> None:
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


def _settled(house: ForgetfulHouse) -> None:
    house.erp.trouble = None
    house.start()  # whose governor has seen no failure yet
    house.settle()
    while house.sender.send():  # carries out what was decided last
        house.settle()


def _standing_skus_alone_differ(house: ForgetfulHouse, made: dict[str, Decimal]) -> None:
    _settled(house)
    standing = {line.sku for line in house.decisions.standing_lines(100)}
    for sku in set(SKUS) - standing:
        assert house.erp.balance(sku) == made[sku], f"{sku}: {house.erp}"
