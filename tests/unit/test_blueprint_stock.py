"""What a blueprint says about stock: warehouses by rules, demand, and when windows close."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from sidecar.blueprint import load_blueprint
from sidecar.blueprint.checks import unmade_problems
from sidecar.domain.delivery import Capabilities, DocumentKind
from sidecar.domain.events import DestinationName
from sidecar.domain.policy import StockPolicy
from sidecar.domain.special_cases import Skus
from sidecar.domain.stock import MOST_DELTAS
from sidecar.domain.warehouses import WarehouseRule
from tests.support.blueprints import BASE, Change, NoAliases, Values, erp, problems_after

AT = "destinations.erp.stock"
HUB: list[Values] = [
    {"reasons": ["refund"], "warehouse": "Q1"},
    {"skus": {"prefix": "HAZ-"}, "warehouse": "HZ"},
    {"warehouse": "H1"},
]


def stock(values: Values) -> Values:
    found: Values = erp(values)["stock"]
    return found


def policy_of(change: Change, folder: Path) -> StockPolicy:
    values = deepcopy(BASE)
    change(values)
    path = folder / "blueprint.yaml"
    path.write_text(yaml.dump(values, Dumper=NoAliases, sort_keys=False), encoding="utf-8")
    found = load_blueprint(path).policy(DestinationName("erp")).stock
    assert found is not None
    return found


def _demand_only(values: Values) -> None:
    erp(values).update(takes=["InventoryReserved"], release=[], lifecycle={}, stock={"demand": {1: "W1", "2": "SHOP"}})
    del values["domains"]["orders"]


def _demanding(change: Change) -> Change:
    def both(values: Values) -> None:
        _demand_only(values)
        change(values)

    return both


def _rules(*rules: Values, reasons: tuple[str, ...] = ("shipment", "refund")) -> Change:
    def change(values: Values) -> None:
        stock(values).update(reasons=list(reasons), warehouses={"west": "W1", "hub": list(rules)})

    return change


def test_a_source_has_one_warehouse_or_rules_that_end_with_one_for_all(tmp_path: Path) -> None:
    policy = policy_of(_rules(*HUB), tmp_path)

    assert policy.warehouses == {
        "west": "W1",
        "hub": (
            WarehouseRule("Q1", reasons=frozenset({"refund"})),
            WarehouseRule("HZ", skus=Skus(prefix="HAZ-")),
            WarehouseRule("H1"),
        ),
    }


def test_a_destination_may_take_demand_alone(tmp_path: Path) -> None:
    policy = policy_of(_demand_only, tmp_path)

    assert (policy.demand, policy.reasons) == ({1: "W1", 2: "SHOP"}, frozenset())


def test_a_window_closes_early_where_stock_runs_out_unless_the_blueprint_says_otherwise(tmp_path: Path) -> None:
    usual = policy_of(lambda _: None, tmp_path)
    window = {"deltas": MOST_DELTAS, "crossing": "2.5", "crossing_pause": "30s", "every": "10m"}
    other = policy_of(lambda v: stock(v).update(window=window), tmp_path)
    never = policy_of(lambda v: stock(v).update(window={"crossing": "never"}), tmp_path)

    assert (usual.crossing, usual.crossing_pause, usual.every) == (Decimal(0), timedelta(seconds=5), timedelta())
    assert (other.crossing, other.crossing_pause, other.every) == (
        Decimal("2.5"),
        timedelta(seconds=30),
        timedelta(minutes=10),
    )
    assert never.crossing is None


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            _rules(*HUB[:2]),
            (
                f"{AT}.warehouses.hub[1]: found a last rule that does not hold for all, allowed: one more with nothing "
                "but a warehouse: what no rule holds for would go nowhere"
            ),
        ),
        (
            _rules(HUB[2], HUB[2]),
            (
                f"{AT}.warehouses.hub[0]: found a rule for all before the last, allowed: reasons, skus; or the end of "
                "the list"
            ),
        ),
        (
            _rules(*HUB, reasons=("shipment",)),
            f"{AT}.warehouses.hub[0].reasons: found refund, which does not flow, allowed: shipment",
        ),
        (
            _rules({"skus": {"like": "A"}, "warehouse": "Q1"}, HUB[2]),
            (
                f"{AT}.warehouses.hub[0].skus: found a table of keys, allowed: a list of SKUs, {{prefix: ABC-}}, or "
                "{from: A100, to: A199} with ends of one length"
            ),
        ),
        (
            lambda v: erp(v).update(takes=["OrderPlaced"]),
            f"{AT}: found a table that is never used, allowed: none, or InventoryAdjusted in takes",
        ),
        (
            lambda v: stock(v).pop("warehouses"),
            (
                f"{AT}.warehouses: found nothing, allowed: the ERP's warehouse for each of Magento's sources, up to 16 "
                "of A-Z a-z 0-9 _ . : -"
            ),
        ),
        (
            lambda v: stock(v).update(demand={1: "W1"}),
            f"{AT}.demand: found a table that is never used, allowed: none, or InventoryReserved in takes",
        ),
        (
            _demanding(lambda v: stock(v).update(warehouses={"west": "W1"})),
            f"{AT}.warehouses: found a table that is never used, allowed: none, or InventoryAdjusted in takes",
        ),
        (
            _demanding(lambda v: erp(v).update(takes=["InventoryReserved", "InventoryAdjusted"])),
            (
                f"{AT}.reasons: found nothing, allowed: a list of shipment, refund, manual, import, transfer, "
                "correction, order, invoice, rename, deletion"
            ),
        ),
        (
            _demanding(lambda v: erp(v).pop("stock")),
            f"{AT}: found nothing, allowed: a table with demand, as the destination takes InventoryReserved",
        ),
        (
            _demanding(lambda v: stock(v).update(demand={"one": "W1"})),
            f"{AT}.demand.one: found 'one', allowed: the number of one of Magento's stocks, such as 1",
        ),
        (
            lambda v: stock(v).update(window={"crossing": "never", "crossing_pause": "9s"}),
            f"{AT}.window.crossing_pause: found a pause that is never made, allowed: none, as crossing is never",
        ),
        (
            lambda v: stock(v).update(window={"crossing": -1}),
            f"{AT}.window.crossing: found -1, allowed: a quantity such as 0, up to 4 places, or never",
        ),
        (
            lambda v: stock(v).update(window={"every": "2d"}),
            (
                f"{AT}.window.every: found more than a day (2 days, 0:00:00), allowed: up to 1d: what waits is read "
                "again after each restart"
            ),
        ),
    ],
)
def test_what_nobody_could_follow_is_refused(change: Change, line: str, tmp_path: Path) -> None:
    assert line in problems_after(change, tmp_path)


def test_an_adapter_that_makes_no_document_of_demand_is_not_given_any() -> None:
    takes = frozenset({"InventoryReserved", "InventoryAdjusted"})
    moves = Capabilities(accepts=frozenset({DocumentKind.STOCK_MOVEMENT}))
    counts = Capabilities(accepts=frozenset({DocumentKind.STOCK_COUNT, DocumentKind.STOCK_DEMAND}))

    (problem,) = unmade_problems("destinations.erp.takes", takes, moves)

    assert problem.found == "InventoryReserved, of which this destination's adapter makes no stock_demand"
    assert list(unmade_problems("destinations.erp.takes", takes, counts)) == []
