"""What a blueprint says about an ERP's stock in Magento: complete, or refused with what to write."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from ops.embedded.programs import PROJECT
from sidecar.blueprint import load_blueprint
from sidecar.blueprint.stock_feed import unfed_problems
from sidecar.domain.delivery import Capabilities
from sidecar.domain.events import DestinationName
from sidecar.domain.special_cases import Skus
from sidecar.domain.stock_feed import (
    FeedGuards,
    Quantity,
    SafetyStock,
    SourceShare,
    StockFeedPolicy,
)
from sidecar.domain.units import UnitRule, Units
from tests.support.blueprints import BASE, Change, NoAliases, Values, add_destination, erp, problems_after

AT = "destinations.erp.stock_feed"
FEED: Values = {"quantity": "available", "warehouses": {"W1": "default"}}


def fed(**changes: object) -> Change:
    def change(values: Values) -> None:
        erp(values)["stock_feed"] = deepcopy({**FEED, **changes})
        erp(values)["stock"]["reasons"] = ["manual"]
        values["domains"]["stock"].update(authority="erp", direction="both")

    return change


def but(change: Change, then: Change) -> Change:
    def both(values: Values) -> None:
        change(values)
        then(values)

    return both


def policy_after(change: Change, folder: Path) -> StockFeedPolicy:
    values = deepcopy(BASE)
    change(values)
    path = folder / "blueprint.yaml"
    path.write_text(yaml.dump(values, Dumper=NoAliases), encoding="utf-8")
    policy = load_blueprint(path).policy(DestinationName("erp")).stock_feed
    assert policy is not None
    return policy


def test_the_little_that_has_to_be_said_is_a_feed(tmp_path: Path) -> None:
    assert policy_after(fed(), tmp_path) == StockFeedPolicy(Quantity.AVAILABLE, {"W1": (SourceShare("default"),)})


def test_all_that_can_be_said_becomes_the_policy(tmp_path: Path) -> None:
    policy = policy_after(
        fed(
            warehouses={"W1": "default", "HUB": [{"source": "a", "share": 0.7}, {"source": "b", "share": "0.3"}]},
            unit="PCE",
            units=[{"unit": "BOX", "holds": 12, "skus": {"prefix": "SCREW-"}}],
            share=0.8,
            safety_stock=[{"skus": ["MUG"], "quantity": 10}, {"quantity": 2}],
            decimals=0,
            every="5m",
            write="sql",
            out_of_stock="quantity",
            uncertainty="500ms",
            guards={"jump": {"share": 0.25, "at_least": 5}, "negative": "zero", "missing": "zero", "oldest": "1d"},
        ),
        tmp_path,
    )

    assert policy == StockFeedPolicy(
        quantity=Quantity.AVAILABLE,
        warehouses={
            "W1": (SourceShare("default"),),
            "HUB": (SourceShare("a", Decimal("0.7")), SourceShare("b", Decimal("0.3"))),
        },
        every=timedelta(minutes=5),
        write="sql",
        units=Units("PCE", (UnitRule(Skus(prefix="SCREW-"), "BOX", Decimal(12)),)),
        safety_stock=(SafetyStock(Decimal(10), Skus(named=frozenset({"MUG"}))), SafetyStock(Decimal(2))),
        share=Decimal("0.8"),
        decimals=0,
        out_of_stock="quantity",
        uncertainty=timedelta(milliseconds=500),
        guards=FeedGuards(Decimal("0.25"), Decimal(5), "zero", "zero", timedelta(days=1)),
    )
    assert sorted(policy.sources) == ["a", "b", "default"]


def test_whoever_believes_every_jump_says_so(tmp_path: Path) -> None:
    assert policy_after(fed(guards={"jump": "any"}), tmp_path).guards.jump_share is None


def _on_hand_with_deliveries(values: Values) -> None:
    fed(quantity="on_hand")(values)
    erp(values)["inbound"] = {"takes": ["deliveries"], "sources": {"W1": "default"}}


def test_on_hand_is_read_where_deliveries_or_shipments_tell_what_has_left(tmp_path: Path) -> None:
    assert problems_after(_on_hand_with_deliveries, tmp_path) == []
    shipments = but(fed(quantity="on_hand"), lambda v: erp(v)["stock"].update(reasons=["shipment"]))
    assert problems_after(shipments, tmp_path) == []


PROBLEMS: list[tuple[Change, str]] = [
    (fed(quantity=None), f"{AT}.quantity: found nothing, allowed: on_hand, available, atp"),
    (
        fed(warehouses={"W1": [{"source": "a", "share": 0.5}, {"source": "b", "share": 0.4}]}),
        (
            f"{AT}.warehouses.W1: found shares that add up to 0.9, "
            "allowed: a source, or a list of {source, share} whose shares add up to 1"
        ),
    ),
    (
        fed(warehouses={"W1": [{"source": "a", "share": 0.5}, {"source": "a", "share": 0.5}]}),
        f"{AT}.warehouses.W1: found one source twice, allowed: each source of a warehouse once",
    ),
    (fed(share=0), f"{AT}.share: found 0, allowed: a share above 0, up to 1"),
    (
        fed(safety_stock=-1),
        f"{AT}.safety_stock[0].quantity: found -1, allowed: a decimal such as 12 or 0.5, not negative, up to 4 places",
    ),
    (
        fed(every="1s"),
        (
            f"{AT}.every: found less than 0:00:10 (0:00:01), "
            "allowed: a duration from 10s on: every page is a call to the ERP"
        ),
    ),
    (
        but(fed(), lambda v: v["domains"]["stock"].update(authority="magento")),
        (
            "domains.stock.authority: found magento while the stock of erp becomes Magento's, "
            "allowed: erp: of two authorities each would undo the other"
        ),
    ),
    (
        but(fed(), lambda v: erp(v).update(echoes="sent")),
        (
            "destinations.erp.echoes: found sent, although the ERP's stock becomes Magento's (stock_feed), "
            "allowed: withheld: it would be told its own stock"
        ),
    ),
    (
        fed(quantity="on_hand"),
        (
            f"{AT}.quantity: found on_hand, and nobody tells which goods have left: neither inbound.takes deliveries "
            "nor stock.reasons, allowed: deliveries in inbound.takes, or shipment in stock.reasons; or available, "
            "if the ERP tells that"
        ),
    ),
    (
        but(fed(), lambda v: erp(v)["stock"].update(reasons=["shipment", "manual"])),
        (
            f"{AT}.quantity: found available, while shipment flows as deltas (stock.reasons) beside the orders, "
            "allowed: on_hand; or none of them: the ERP's level would count an order twice"
        ),
    ),
    (
        but(fed(), lambda v: erp(v).update(inbound={"takes": ["credit_memos"], "refunds": "erp"})),
        (
            "destinations.erp.inbound.restock: found received although the ERP's stock becomes Magento's, "
            "allowed: never: what came back lies in the ERP's level already, and would be put on sale twice"
        ),
    ),
    (
        but(_on_hand_with_deliveries, lambda v: erp(v)["inbound"].update(sources={"W1": "west"})),
        (
            f"{AT}.warehouses.W1: found default, while deliveries from W1 leave west, "
            "allowed: west among them, or other inbound.sources"
        ),
    ),
    (
        but(
            fed(),
            lambda v: add_destination(
                v,
                "wms",
                takes=["InventoryAdjusted"],
                release=[],
                lifecycle={},
                base_url="https://wms.example.com",
                stock_feed=FEED,
            ),
        ),
        (
            "destinations.wms.stock_feed.warehouses: found default, which destinations.erp feeds too, "
            "allowed: each source fed by one ERP"
        ),
    ),
]


@pytest.mark.parametrize(("change", "sentence"), PROBLEMS)
def test_what_cannot_be_is_refused_with_what_to_write(change: Change, sentence: str, tmp_path: Path) -> None:
    assert sentence in problems_after(change, tmp_path)


def test_an_adapter_that_reads_no_stock_cannot_feed() -> None:
    feed = StockFeedPolicy(Quantity.ATP, {"W1": (SourceShare("default"),)})
    (problem,) = unfed_problems(AT, feed, Capabilities())
    assert problem.key == AT
    assert list(unfed_problems(AT, feed, Capabilities(reads_stock=True))) == []
    assert list(unfed_problems(AT, None, Capabilities())) == []


def test_the_example_reads_as_a_feed_once_it_is_switched_on(tmp_path: Path) -> None:
    """The commented block of the example blueprint is what the form takes."""
    text = (PROJECT / "ops" / "examples" / "blueprint.yaml").read_text(encoding="utf-8")
    block = text.partition("    # stock_feed:\n")[2].partition("\n\n")[0]
    told = yaml.safe_load("stock_feed:\n" + "\n".join(line.removeprefix("    # ") for line in block.splitlines()))
    assert policy_after(fed(**told["stock_feed"]), tmp_path).warehouses == {
        "west": (SourceShare("west"),),
        "east": (SourceShare("east"),),
    }
