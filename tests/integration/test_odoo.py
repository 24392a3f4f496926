"""From the outbox to an Odoo: orders, refunds, customers and stock, each once, compared, and told in Magento."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from erp_adapters.odoo import OdooTerms
from erp_adapters.registry import AdapterConfiguration, build
from sidecar.domain.events import EventType, OutboxId
from sidecar.ports import ErpAdapter
from tests.support.faulty_way import FaultyWay, Rule, faulty_way
from tests.support.odoo import COMPANY, DISCOUNT, PRICELISTS, SHIPPING, TAXES, People, odoo_sandbox
from tests.support.rig import POLICY, Hurried, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

PAPERS = {EventType.CREDITMEMO_CREATED, EventType.CUSTOMER_SAVED}
VAT = {"customer": {"taxvat": "DE136695976"}}


@dataclass
class OdooRig:
    """A rig whose ERP is an Odoo."""

    rig: Rig
    way: FaultyWay
    people: People

    def orders(self) -> list[dict[str, object]]:
        fields = ["client_order_ref", "state", "amount_total"]
        found: list[dict[str, object]] = self.people.do("sale.order", "search_read", domain=[], fields=fields)
        return found

    def windows(self) -> list[tuple[object, ...]]:
        return self.rig.shop.rows("SELECT warehouse, sequence, state FROM erp_stock_window")

    def on_hand(self) -> dict[str, float]:
        domain = [["location_id.usage", "=", "internal"]]
        quants = self.people.do("stock.quant", "search_read", domain=domain, fields=["product_id", "quantity"])
        return {quant["product_id"][1].partition("]")[0].strip("["): quant["quantity"] for quant in quants}

    def findings(self) -> list[str]:
        return [kind for (kind,) in self.rig.shop.rows("SELECT kind FROM erp_finding")]


@pytest.fixture
def odoo(database: Database, erp: Sandbox, tmp_path: Path) -> Iterator[OdooRig]:
    with odoo_sandbox(tmp_path) as there, faulty_way(there.people.url) as way:
        there.people.prepare()
        for sku in ("sku-1", "sku-2"):
            there.people.product(sku, is_storable="1")
        there.people.warehouse("W1")
        terms = OdooTerms(there.people.database, COMPANY, SHIPPING, DISCOUNT)
        code_maps = {"taxes": TAXES, "pricelists": PRICELISTS}
        configuration = AdapterConfiguration("erp", "odoo", "", way.url, Path(), code_maps, odoo=terms)
        with closing(build(configuration, SecretStr(there.key), "M1")) as adapter:

            def instead(_: ErpAdapter) -> ErpAdapter:
                return Hurried(adapter)

            policy = replace(POLICY, takes=POLICY.takes | PAPERS, read_back_first=20)
            with rig_on(database, erp, wrap=instead, policy=policy) as rig:
                yield OdooRig(rig, way, there.people)


def test_an_order_is_a_sales_order_in_odoo_that_says_the_same(odoo: OdooRig) -> None:
    relay = odoo.rig.relay()
    event = odoo.rig.shop.place(42)

    turn_until(relay, lambda: odoo.rig.receipts_by_event() == {event: "delivered"})

    assert [(o["client_order_ref"], o["state"], o["amount_total"]) for o in odoo.orders()] == [("M1-42", "sale", 35.0)]
    assert odoo.findings() == []


def test_an_order_that_goes_on_in_magento_holds_its_lane_up_no_more_than_before(odoo: OdooRig) -> None:
    relay = odoo.rig.relay()
    placed = odoo.rig.shop.place(42)
    turn_until(relay, lambda: odoo.rig.receipts_by_event() == {placed: "delivered"})

    invoiced = odoo.rig.shop.update(42, state="processing")

    turn_until(relay, lambda: invoiced in odoo.rig.receipts_by_event())
    assert odoo.rig.states() == {}
    assert odoo.findings() == []


@pytest.mark.parametrize("method", ["sale.order/load", "sale.order/action_confirm"])
@pytest.mark.parametrize("is_done", [True, False])
def test_whatever_is_lost_on_the_way_there_is_one_sales_order(
    odoo: OdooRig,
    method: str,
    is_done: bool,  # noqa: FBT001 -- a case
) -> None:
    lost = Rule(lambda path, _: path.endswith(method))
    odoo.way.plan(replace(lost, after=()) if is_done else replace(lost, before=()))
    relay = odoo.rig.relay()

    event = odoo.rig.shop.place(42)

    turn_until(relay, lambda: bool(odoo.rig.receipts_by_event()))
    assert odoo.rig.receipts_by_event()[event] in ("delivered", "already_there")
    assert [order["state"] for order in odoo.orders()] == ["sale"]


def test_an_order_that_is_cancelled_in_magento_is_cancelled_in_odoo(odoo: OdooRig) -> None:
    relay = odoo.rig.relay()
    placed = odoo.rig.shop.place(42)
    turn_until(relay, lambda: odoo.rig.receipts_by_event() == {placed: "delivered"})

    cancelled = odoo.rig.shop.cancel(42)

    turn_until(relay, lambda: odoo.rig.receipts_by_event() == {placed: "delivered", cancelled: "delivered"})
    assert [order["state"] for order in odoo.orders()] == ["cancel"]


def test_a_product_that_odoo_lacks_parks_the_order_and_releases_it_once_it_is_there(odoo: OdooRig) -> None:
    relay = odoo.rig.relay()
    (product,) = odoo.people.do("product.product", "search", domain=[["default_code", "=", "sku-1"]])
    odoo.people.do("product.product", "write", ids=[product], vals={"default_code": "another"})
    event = odoo.rig.shop.place(42)
    turn_until(relay, lambda: odoo.rig.states() == {event: "parked"})

    odoo.people.do("product.product", "write", ids=[product], vals={"default_code": "sku-1"})
    assert odoo.rig.insights.retry_event(POLICY.name, OutboxId(event), "ann", "the product is there")

    turn_until(relay, lambda: odoo.rig.receipts_by_event() == {event: "delivered"})
    assert [order["state"] for order in odoo.orders()] == ["sale"]


def test_a_refund_and_its_customer_reach_odoo_behind_their_order_and_come_back_as_nobodys(odoo: OdooRig) -> None:
    relay = odoo.rig.relay()
    placed, saved, memo = odoo.rig.shop.place(42), odoo.rig.shop.save_customer(7, **VAT), odoo.rig.shop.refund(17)

    turn_until(relay, lambda: {placed, saved, memo} <= odoo.rig.receipts_by_event().keys())

    assert set(odoo.rig.receipts_by_event().values()) == {"delivered"}
    fields = ["ref", "state", "amount_total", "move_type"]
    notes = odoo.people.do("account.move", "search_read", domain=[], fields=fields)
    assert [(note["ref"], note["state"], note["amount_total"]) for note in notes] == [("M1-R-17", "posted", 15.0)]
    contacts = odoo.people.do("res.partner", "search_read", domain=[["ref", "!=", False]], fields=["ref"])
    assert [contact["ref"].split()[0] for contact in contacts] == ["M1-C-7"]
    assert odoo.findings() == []


@pytest.mark.slow
@pytest.mark.parametrize("method", ["account.move/load", "account.move/action_post", "res.partner/load"])
@pytest.mark.parametrize("is_done", [True, False])
def test_whatever_is_lost_there_is_one_credit_note_and_one_customer(
    odoo: OdooRig,
    method: str,
    is_done: bool,  # noqa: FBT001 -- a case
) -> None:
    relay = odoo.rig.relay()
    placed = odoo.rig.shop.place(42)
    turn_until(relay, lambda: odoo.rig.receipts_by_event() == {placed: "delivered"})
    lost = Rule(lambda path, _: path.endswith(method))
    odoo.way.plan(replace(lost, after=()) if is_done else replace(lost, before=()))

    saved, memo = odoo.rig.shop.save_customer(7, **VAT), odoo.rig.shop.refund(17)

    turn_until(relay, lambda: {saved, memo} <= odoo.rig.receipts_by_event().keys())
    assert odoo.people.do("account.move", "search_count", domain=[["state", "=", "posted"]]) == 1
    assert odoo.people.do("account.move", "search_count", domain=[]) == 1
    assert odoo.people.do("res.partner", "search_count", domain=[["ref", "=like", "M1-C-7 r%"]]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("method", ["stock.picking/load", "stock.picking/button_validate"])
@pytest.mark.parametrize("is_done", [True, False])
def test_a_window_of_stock_is_booked_once_whatever_is_lost(
    odoo: OdooRig,
    method: str,
    is_done: bool,  # noqa: FBT001 -- a case
) -> None:
    lost = Rule(lambda path, _: path.endswith(method))
    odoo.way.plan(replace(lost, after=()) if is_done else replace(lost, before=()))
    aggregator = odoo.rig.aggregator()
    odoo.rig.shop.adjust("sku-1", "-2.0000")
    odoo.rig.shop.adjust("sku-2", "1.5000")

    turn_until(aggregator, lambda: odoo.windows() == [("W1", 1, "booked")])

    assert odoo.on_hand() == {"sku-1": -2.0, "sku-2": 1.5}


def test_a_line_of_a_window_that_odoo_cannot_book_exactly_is_parked_alone(odoo: OdooRig) -> None:
    aggregator = odoo.rig.aggregator()
    odoo.rig.shop.adjust("sku-1", "-2.0000")
    odoo.rig.shop.adjust("sku-2", "0.1250")

    turn_until(aggregator, lambda: odoo.windows() == [("W1", 1, "booked")])

    assert odoo.on_hand() == {"sku-1": -2.0}
    ((sku, words),) = odoo.rig.shop.rows("SELECT sku, fault FROM erp_stock_window_line WHERE state = 'parked'")
    assert (sku, "steps of 0.01" in words) == ("sku-2", True)
