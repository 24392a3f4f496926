"""The Odoo adapter keeps the promises of the port: against the sandbox always, against a real Odoo where one is named.

Both stand behind a way on which calls fail on demand, so both see the same faults.
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import replace
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from erp_adapters.conformance import AdapterConformance, Fault, Harness, Operation, Trait
from erp_adapters.conformance.documents import order, order_reference, payload
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import Lacks
from erp_adapters.mapping import Expression, Fulfilment, RuleBook, Rules
from erp_adapters.odoo import OdooAdapter, OdooTerms
from erp_adapters.odoo.walking import Walk
from erp_adapters.registry import AdapterConfiguration, build
from sidecar.domain.delivery import ChangeKind, DocumentKind, ErpId, Outcome, Presence
from sidecar.domain.documents import OrderCancellation, OrderDocument
from sidecar.domain.inbound import InboundDocument
from sidecar.domain.intents import Allocation, AllocationOwner
from sidecar.domain.order import order_of
from sidecar.ports import ErpAdapter
from tests.support.faulty_way import Body, FaultyWay, Rule, faulty_way
from tests.support.odoo import (
    COMPANY,
    DISCOUNT,
    MAIN,
    PRICELISTS,
    SHIPPING,
    SKUS,
    TAXES,
    Installation,
    a_new_reference,
    odoo_sandbox,
    the_real_one,
)
from tests.support.odoo_doors import RpcWay

pytestmark = pytest.mark.slow

LEVELS = "lvl"
"""A warehouse whose stock nothing else moves."""

STRANGER = "0123456789abcdef0123456789abcdef01234567"
RIVALRY = [{"type": "error", "message": "could not serialize access due to concurrent update\n"}]
NO_KEY = {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}
FROM_ELSEWHERE = (500, {"Content-Type": "text/html"}, b"<html>The gateway failed.</html>")


class OdooHarness(Harness):
    """A real Odoo and adapters for it."""

    skus = SKUS
    unknown_sku = "XX-unknown"
    no_order = "2000000000"
    reversible = frozenset({ChangeKind.INVOICES, ChangeKind.CREDIT_MEMOS})

    def __init__(self, way: FaultyWay, there: Installation, *, confirm: bool = False, login: str | None = None) -> None:
        self.way = way if login is None else RpcWay(way)
        self.people = there.people
        self.key = there.key
        self.secrets = (self.key, STRANGER)
        self.terms = OdooTerms(
            self.people.database, COMPANY, SHIPPING, DISCOUNT, confirm, post_refunds=confirm, restock=True, login=login
        )
        self.adapter: OdooAdapter = self._adapter(way.url, self.key)
        self.stranger = self._adapter(way.url, STRANGER)
        self.unreachable = self._adapter(_closed_address(), self.key)
        self.followers: Sequence[ErpAdapter] = [replace(self.adapter, walk=Walk(page=size)) for size in (3, 20)]
        self._stocked: dict[tuple[str, str], Decimal] = {}

    def close(self) -> None:
        for adapter in (self.adapter, self.stranger, self.unreachable):
            adapter.close()

    def new_reference(self) -> str:
        return a_new_reference()

    def inject(self, operation: Operation, fault: Fault, reference: str) -> None:
        def fits(path: str, body: Body) -> bool:
            match operation:
                case "cancel":
                    return path.endswith("/sale.order/action_cancel")
                case "refund":
                    names = f"refund.{reference}"
                    return path.endswith("/account.move/load") and body["data"][0][0].endswith(names)
                case "customer":
                    told = path.endswith("/res.partner/load") and "ref" in body["fields"]
                    return told and any(cell.startswith(f"{reference} r") for cell in body["data"][0])
                case "stock_post":
                    return path.endswith("/stock.picking/button_validate")
                case _:
                    names = f"order.{reference}"
                    told = path.endswith("/sale.order/load") and "order_line/id" in body["fields"]
                    return told and body["data"][0][0].endswith(names)

        self.way.plan(_rule(fault, fits))

    def documents(self, reference: str) -> int:
        return self.people.orders(reference)

    def movements(self, reference: str) -> int:
        """A batch is one transfer of what comes and one of what goes: twice the same way is two batches."""
        domain = [["origin", "=", reference], ["state", "=", "done"]]
        found = self.people.do("stock.picking", "search_read", domain=domain, fields=["location_id"])
        ways = [transfer["location_id"][0] for transfer in found]
        return max(map(ways.count, ways), default=0)

    def refundable(self, order: ErpId) -> ErpId:
        self.people.deliver(int(order))
        self.people.invoice(int(order))
        return order

    def restocked(self, reference: str) -> Mapping[str, Decimal]:
        domain = [["picking_id.origin", "=", reference], ["state", "=", "done"]]
        moves = self.people.do("stock.move", "search_read", domain=domain, fields=["product_id", "quantity"])
        return {move["product_id"][1].partition("]")[0].strip("["): Decimal(str(move["quantity"])) for move in moves}

    def refunds(self, reference: str) -> int:
        count: int = self.people.do("account.move", "search_count", domain=[["ref", "=", reference]])
        return count

    def customers(self, reference: str) -> int:
        return len(self._contacts(reference))

    def held_customer(self, reference: str) -> str:
        owners = [contact["id"] for contact in self._contacts(reference)]
        domain = ["|", ["id", "in", owners], ["parent_id", "in", owners]]
        fields = ["name", "email", "vat", "street", "street2", "city", "zip"]
        found = self.people.do("res.partner", "search_read", domain=domain, fields=fields)
        return "\n".join(str(value) for contact in found for value in contact.values())

    def _contacts(self, reference: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.people.do(
            "res.partner", "search_read", domain=[["ref", "=like", f"{reference} r%"]], fields=["id"]
        )
        return found

    def stocked(self) -> Mapping[tuple[str, str], Decimal]:
        if not self._stocked:
            self.people.warehouse(LEVELS)
            for number in range(8):
                sku = f"LVL-{number}"
                self.people.product(sku, is_storable="1")
                laid = self.people.do("stock.quant", "search_count", domain=[["product_id.default_code", "=", sku]])
                if not laid:  # both protocols speak to one Odoo
                    self.people.put(sku, number + 0.25, warehouse=LEVELS)
                self._stocked[sku, LEVELS] = Decimal(number) + Decimal("0.25")
        return self._stocked

    def held(self, reference: str) -> str:
        (key,) = self.people.do("sale.order", "search", domain=[["client_order_ref", "=", reference]])
        contacts = ("partner_id", "partner_invoice_id", "partner_shipping_id")
        order = self.people.order(key, "note", *contacts)
        fields = ["name", "email", "street", "street2", "city", "zip", "vat", "country_code", "parent_id"]
        keys = [order[name][0] for name in contacts]
        partners = self.people.do("res.partner", "read", ids=keys, fields=fields)
        lines = self.people.do("sale.order.line", "search_read", domain=[["order_id", "=", key]], fields=["name"])
        texts = [str(value) for one in (*partners, *lines) for value in one.values()]
        return "\n".join([unescape(order["note"] or ""), *texts])

    def deliver_one_of(self, order: ErpId) -> ErpId:
        return ErpId(str(self.people.deliver(int(order), {self.skus[0]: 1.0})))

    def write(self, kind: ChangeKind, order: ErpId) -> ErpId:
        key = int(order)
        match kind:
            case ChangeKind.DELIVERIES:
                return ErpId(str(self.people.deliver(key)))
            case ChangeKind.INVOICES:
                return ErpId(str(self.people.invoice(key)))
            case _:
                return ErpId(str(self.people.credit(self.people.invoice(key))))

    def take_back(self, document: ErpId) -> None:
        self.people.take_back(int(document))

    def cancel_there(self, order: ErpId) -> None:
        self.people.do("sale.order", "action_cancel", ids=[int(order)])

    def _adapter(self, url: str, key: str) -> OdooAdapter:
        code_maps = {"taxes": TAXES, "pricelists": PRICELISTS}
        configuration = AdapterConfiguration("erp", "odoo", "", url, Path(), code_maps, {}, 8, self.terms)
        adapter = build(configuration, SecretStr(key), "test")
        assert isinstance(adapter, OdooAdapter)
        return replace(adapter, stock_page=3)


def _rule(fault: Fault, fits: Any) -> Rule:  # noqa: ANN401 -- a predicate
    made: dict[Fault, Rule] = {
        Fault.LOST_REQUEST: Rule(fits, before=()),
        Fault.LOST_RESPONSE: Rule(fits, after=()),
        Fault.ERROR_BEFORE: Rule(fits, before=FROM_ELSEWHERE),
        Fault.ERROR_AFTER: Rule(fits, after=FROM_ELSEWHERE),
        Fault.UNAVAILABLE: Rule(fits, before=(503, {"Retry-After": "2"}, {})),
        Fault.THROTTLED: Rule(fits, before=(429, {"Retry-After": "3"}, {})),
        Fault.REFUSED: Rule(fits, before=(422, {}, {"name": REFUSAL_CODE, "message": REFUSAL_WORDS})),
        Fault.SILENCE: Rule(fits, silent=True),
        Fault.LOCKED: Rule(fits, before=(200, {}, {"ids": False, "messages": RIVALRY, "nextrow": 0})),
        Fault.EXPIRED: Rule(fits, before=(401, {}, NO_KEY)),
        Fault.SHORTENED: Rule(fits, rewrite=_without_the_second_line),
        Fault.PRICE_CHANGED: Rule(fits, rewrite=_with_another_price),
        Fault.APPENDED: Rule(fits, rewrite=_with_lines_of_no_name),
    }
    return made[fault]


def _without_the_second_line(body: Body) -> Body:
    return {**body, "data": [row for row in body["data"] if not any(str(cell).endswith(".882") for cell in row)]}


def _with_another_price(body: Body) -> Body:
    place = body["fields"].index("order_line/price_unit")
    first, *others = body["data"]
    return {**body, "data": [[*first[:place], str(Decimal(first[place]) + 1), *first[place + 1 :]], *others]}


def _with_lines_of_no_name(body: Body) -> Body:
    """What a load does whose lines have no external identifiers."""
    place = body["fields"].index("order_line/id")
    rows = [row[:place] + row[place + 1 :] for row in body["data"]]
    return {**body, "fields": body["fields"][:place] + body["fields"][place + 1 :], "data": rows}


def _closed_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


REAL = pytest.param("real", marks=[pytest.mark.needs_odoo, pytest.mark.slow])


@pytest.fixture(scope="module", params=["sandbox", REAL])
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("odoo")
    with nullcontext(the_real_one()) if request.param == "real" else odoo_sandbox(folder) as found:
        found.people.prepare()
        yield found


@pytest.fixture(scope="module", params=["json2", pytest.param("jsonrpc", marks=pytest.mark.slow)])
def harness(request: pytest.FixtureRequest, there: Installation) -> Iterator[OdooHarness]:
    login = there.login if request.param == "jsonrpc" else None
    with faulty_way(there.people.url) as way, closing(OdooHarness(way, there, login=login)) as made:
        yield made


@pytest.fixture(scope="module")
def confirming(there: Installation) -> Iterator[OdooHarness]:
    with faulty_way(there.people.url) as way, closing(OdooHarness(way, there, confirm=True)) as made:
        yield made


class TestOdooAdapter(AdapterConformance):
    """The suite, against the sandbox and against a real Odoo."""

    lacks: ClassVar[Lacks] = {
        Trait.FOUR_PLACES: "Odoo counts in steps of its unit, of two places by default; a finer line is refused alone",
        Trait.LATER: "one call is one transaction, nothing is put aside",
        Trait.QUOTA: "Odoo counts nobody's calls; how a hosted one does it is not proven",
        Trait.STALE: "needs a replica, which nothing here has",
        Trait.TWICE: "an external identifier is there once: the same load twice is one record",
        Trait.CLOSED_PERIOD: "a lock date refuses invoices; an order has no period",
        Trait.CREDIT_LIMIT: "a credit limit warns on the screen, and refuses no order that a program makes",
        Trait.TEXT_LIMITS: "Odoo's texts have no limit of their own",
        Trait.CODED_PAYMENT: "a payment is told as a payment term, its transaction is not mapped",
        Trait.CUSTOM_FIELDS_READ_BACK: "a snapshot holds lines and totals; custom fields are not compared",
        Trait.LINE_DECISIONS: "people change a line's quantity; nothing says that one was refused",
        DocumentKind.STOCK_DEMAND: "Odoo reserves by the orders that it is told; demand beside them would count twice",
        DocumentKind.STOCK_COUNT: "a change of stock is a transfer; a level set beside it would hide who moved what",
        Trait.INTENTS: "a line has no intent; what is unusual is noted on the order, tested below",
        Fault.ROUNDED: "totals are computed from the lines, never taken from the caller",
        Fault.MERGED: "lines stay apart under their external identifiers",
        Fault.FIELDS_DROPPED: "a field that Odoo does not have is refused",
    }


# --- What is Odoo's own ---------------------------------------------------------------------------


def the_line(harness: OdooHarness, erp_id: ErpId, *fields: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = harness.people.do(
        "sale.order.line", "search_read", domain=[["order_id", "=", int(erp_id)]], fields=list(fields), order="sequence"
    )
    return lines


def test_an_order_that_is_sent_twice_is_left_as_people_have_made_it(harness: OdooHarness) -> None:
    reference, erp_id = Orders().created(harness)
    lines = the_line(harness, erp_id, "product_uom_qty")
    harness.people.do("sale.order.line", "write", ids=[lines[0]["id"]], vals={"product_uom_qty": 9})

    again = Orders().create(harness, reference)

    assert (again.outcome, again.erp_id) == (Outcome.ALREADY_EXISTS, erp_id)
    assert [line["product_uom_qty"] for line in the_line(harness, erp_id, "product_uom_qty")] == [9, 1, 1, 1]


def test_an_order_goes_to_the_people_it_names(harness: OdooHarness) -> None:
    reference = harness.new_reference()
    document = payload(harness.skus, customer_id=None, customer_note="Grüße <b>&</b>\nans Tor")
    document["addresses"]["shipping"] |= {"street": ["Zweite Straße 2"], "city": "Düsseldorf"}
    sent = order_of(document)

    result = harness.adapter.submit(OrderDocument(sent), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    fields = ("partner_id", "partner_shipping_id", "partner_invoice_id", "note", "date_order", "origin")
    found = harness.people.order(int(result.erp_id or ""), *fields)
    keys = [found[name][0] for name in fields[:3]]
    guest, ship, bill = (
        harness.people.do("res.partner", "read", ids=[key], fields=["name", "type", "street", "city", "parent_id"])[0]
        for key in keys
    )
    assert (guest["name"], guest["parent_id"]) == ("Ada Example", False)
    assert (ship["type"], ship["street"], ship["city"]) == ("delivery", "Zweite Straße 2", "Düsseldorf")
    assert (bill["type"], bill["street"]) == ("invoice", "1 Example Street")
    assert ship["parent_id"][0] == bill["parent_id"][0] == guest["id"]
    assert "<b>" not in found["note"]
    assert "Grüße" in found["note"]
    assert found["date_order"] == "2026-11-23 10:15:00"
    assert found["origin"].startswith(f"Magento 000000042 r1 event-{reference}-1 ")


def _served_from(warehouse: str) -> Fulfilment:
    return Fulfilment(allocation=Allocation(AllocationOwner.MAGENTO, stores={1: warehouse}))


def test_magento_may_decide_which_warehouse_serves_an_order(harness: OdooHarness) -> None:
    document = payload(harness.skus)
    bound, unknown = (
        replace(harness.adapter, rules=replace(harness.adapter.rules, fulfilment=_served_from(code)))
        for code in (MAIN, "NONE")
    )
    reference = harness.new_reference()

    result = bound.submit(OrderDocument(order_of(document)), order_reference(reference), DEADLINE)
    refused = unknown.submit(OrderDocument(order_of(document)), order_reference(harness.new_reference()), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    chosen = harness.people.order(int(result.erp_id or ""), "warehouse_id")["warehouse_id"]
    assert harness.people.do("stock.warehouse", "read", ids=[chosen[0]], fields=["code"])[0]["code"] == MAIN
    assert refused.outcome is Outcome.REJECTED_INVALID
    assert "Odoo has no warehouse of short name 'NONE'" in refused.words()


def test_a_customer_with_an_account_is_one_contact_and_an_address_is_another_once(harness: OdooHarness) -> None:
    made = [Orders().created(harness)[1] for _ in range(2)]

    contacts = [harness.people.order(int(erp_id), "partner_id", "partner_shipping_id") for erp_id in made]

    assert contacts[0]["partner_id"] == contacts[1]["partner_id"]
    assert contacts[0]["partner_shipping_id"] == contacts[1]["partner_shipping_id"]


def test_a_company_with_a_foreign_vat_number_is_billed_under_it(harness: OdooHarness) -> None:
    document = payload(harness.skus, customer_id=None)
    document["addresses"]["billing"] |= {"company": "Beispiel GmbH", "vat_id": "DE136695976"}
    document["addresses"]["billing"] |= {"country_id": "GB", "region": "Nowhere"}
    sent = order_of(document)

    result = harness.adapter.submit(OrderDocument(sent), order_reference(harness.new_reference()), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    (key, _) = harness.people.order(int(result.erp_id or ""), "partner_id")["partner_id"]
    fields = ["name", "vat", "is_company", "country_code", "street2"]
    (company,) = harness.people.do("res.partner", "read", ids=[key], fields=fields)
    assert (company["name"], company["vat"], company["is_company"]) == ("Beispiel GmbH", "DE136695976", True)
    assert (company["country_code"], company["street2"]) == ("GB", "Floor 2, Nowhere")


def test_a_discount_of_a_cent_on_a_large_order_is_a_cent(harness: OdooHarness) -> None:
    document = payload(harness.skus, 1234, discount_amount="-0.0100", tax_amount="2346.5900", grand_total="14697.0800")
    document["items"][0] |= {"discount_amount": "0.0100", "tax_amount": "2344.6000"}
    sent = order_of(document)

    result = harness.adapter.submit(OrderDocument(sent), order_reference(harness.new_reference()), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert harness.adapter.read_back(result.erp_id or ErpId(""), DEADLINE).totals["discount"] == Decimal("-0.01")
    assert Orders().differences(harness, sent, result.erp_id or ErpId("")) == []


def test_a_price_of_four_places_makes_the_total_of_its_row(harness: OdooHarness) -> None:
    document = payload(harness.skus)
    document["items"][0] |= {"qty_ordered": "3.0000", "price": "6.6667", "row_total": "20.0000"}
    sent = order_of(document)

    result = harness.adapter.submit(OrderDocument(sent), order_reference(harness.new_reference()), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert Orders().differences(harness, sent, result.erp_id or ErpId("")) == []


def test_a_product_that_odoo_does_not_know_or_knows_twice_is_refused_before_anything_is_made(
    harness: OdooHarness,
) -> None:
    twice = f"TWICE-{harness.new_reference()}"
    harness.people.do("product.product", "create", vals_list=[{"name": twice, "default_code": twice}] * 2)

    for sku, said in ((harness.unknown_sku, "no products"), (twice, "2 products")):
        reference = harness.new_reference()
        result = harness.adapter.submit(
            OrderDocument(order((harness.skus[0], sku))), order_reference(reference), DEADLINE
        )

        assert result.outcome is Outcome.REJECTED_INVALID
        assert said in result.words()
        assert "internal reference" in result.hint
        assert harness.documents(reference) == 0


def test_what_load_refuses_is_told_in_the_words_of_odoo_and_nothing_is_made(harness: OdooHarness) -> None:
    reference = harness.new_reference()
    codes = {"taxes": {"19": "sidecar_test.no_such_tax"}, "pricelists": PRICELISTS}
    gone = replace(harness.adapter, rules=RuleBook(Rules(codes)))

    result = gone.submit(OrderDocument(order(harness.skus)), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.REJECTED_BUSINESS
    assert "sidecar_test.no_such_tax" in result.words()
    assert harness.documents(reference) == 0


def test_a_field_that_odoo_does_not_have_is_refused_and_the_probe_names_it(harness: OdooHarness) -> None:
    reference = harness.new_reference()
    field = {"x_no_such_field": Expression.parse("order.customer_note")}
    known = harness.adapter.rules.general
    strange = replace(harness.adapter, rules=RuleBook(replace(known, custom_fields=field)))

    result = strange.submit(OrderDocument(order(harness.skus)), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.REJECTED_INVALID
    assert harness.documents(reference) == 0
    assert any("x_no_such_field" in problem for problem in strange.probe().problems)


def test_an_order_is_confirmed_and_only_then_it_is_there(confirming: OdooHarness) -> None:
    reference = confirming.new_reference()
    confirming.way.plan(Rule(lambda path, _: path.endswith("/action_confirm"), before=()))

    lost = Orders().create(confirming, reference)

    assert lost.outcome is Outcome.UNKNOWN
    assert Orders().presence(confirming, order_reference(reference)) is Presence.ABSENT
    again = Orders().create(confirming, reference)
    assert (again.outcome, again.status) == (Outcome.CONFIRMED, "sale")
    assert Orders().presence(confirming, order_reference(reference)) is Presence.ONE
    assert confirming.documents(reference) == 1
    assert Orders().create(confirming, reference).outcome is Outcome.ALREADY_EXISTS


def test_a_confirmation_whose_answer_was_lost_is_found(confirming: OdooHarness) -> None:
    reference = confirming.new_reference()
    confirming.way.plan(Rule(lambda path, _: path.endswith("/action_confirm"), after=()))

    assert Orders().create(confirming, reference).outcome is Outcome.UNKNOWN

    assert Orders().presence(confirming, order_reference(reference)) is Presence.ONE


def test_a_quotation_that_was_never_confirmed_takes_the_content_that_is_sent_next(confirming: OdooHarness) -> None:
    reference = confirming.new_reference()
    confirming.way.plan(Rule(lambda path, _: path.endswith("/action_confirm"), before=()))
    Orders().create(confirming, reference)
    edited = order(confirming.skus, quantity=4)

    result = confirming.adapter.submit(OrderDocument(edited), order_reference(reference, 5), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert Orders().differences(confirming, edited, result.erp_id or ErpId("")) == []
    assert confirming.adapter.read_back(result.erp_id or ErpId(""), DEADLINE).revision == 5


def test_a_change_of_a_sales_order_is_refused(confirming: OdooHarness) -> None:
    reference, erp_id = Orders().created(confirming)
    ref = order_reference(reference, 2, DocumentKind.ORDER_CHANGE, erp_id)

    result = confirming.adapter.submit(OrderDocument(order(confirming.skus, quantity=9)), ref, DEADLINE)

    assert (result.outcome, result.messages[0].code) == (Outcome.REJECTED_BUSINESS, "ORDER_NOT_OPEN")


def test_what_becomes_of_a_sales_order_in_magento_changes_its_revision_and_nothing_that_was_promised(
    confirming: OdooHarness,
) -> None:
    reference, erp_id = Orders().created(confirming)
    lines = the_line(confirming, erp_id, "product_uom_qty")
    confirming.people.do("sale.order.line", "write", ids=[lines[0]["id"]], vals={"product_uom_qty": 4})
    ref = order_reference(reference, 2, DocumentKind.ORDER_CHANGE, erp_id)
    invoiced = order(confirming.skus, state="processing", status="processing", total_paid="33.9200")

    result = confirming.adapter.submit(OrderDocument(invoiced), ref, DEADLINE)

    assert (result.outcome, result.status) == (Outcome.CONFIRMED, "sale"), result.words()
    assert Orders().presence(confirming, ref) is Presence.ONE
    snapshot = confirming.adapter.read_back(erp_id, DEADLINE)
    assert [one.quantity for one in snapshot.lines] == [Decimal(4), Decimal(1)]
    assert (snapshot.currency, snapshot.revision) == ("EUR", 2)


def test_a_change_takes_away_the_lines_that_it_does_not_have(harness: OdooHarness) -> None:
    reference, erp_id = Orders().created(harness)
    document = payload(harness.skus)
    document["items"] = document["items"][:1]
    document["order"] |= {"subtotal": "20.0000", "tax_amount": "4.3700", "grand_total": "27.3700"}
    changed = order_of(document)

    ref = order_reference(reference, 2, DocumentKind.ORDER_CHANGE, erp_id)
    result = harness.adapter.submit(OrderDocument(changed), ref, DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert Orders().differences(harness, changed, erp_id) == []


def test_a_line_that_people_add_shows_as_one_too_many(harness: OdooHarness) -> None:
    _, erp_id = Orders().created(harness)
    (product,) = harness.people.do("product.product", "search", domain=[["default_code", "=", "TG12"]])
    values = {"order_id": int(erp_id), "product_id": product, "product_uom_qty": 1, "price_unit": 3}
    harness.people.do("sale.order.line", "create", vals_list=[values])

    differences = Orders().differences(harness, order(harness.skus), erp_id)

    assert [one.partition("[")[0] for one in differences][:2] == ["line_extra lines", "header_total subtotal"]


def test_a_copy_of_an_order_is_nobody_we_know(harness: OdooHarness) -> None:
    reference, erp_id = Orders().created(harness)
    (copy,) = harness.people.do("sale.order", "copy", ids=[int(erp_id)])
    harness.people.do("sale.order", "write", ids=[copy], vals={"client_order_ref": reference})

    found = harness.adapter.find([order_reference(reference)], DEADLINE)[f"order:{reference}"]

    assert [snapshot.erp_id for snapshot in found.snapshots] == [erp_id]


def test_an_order_of_which_goods_have_left_is_not_cancelled(confirming: OdooHarness) -> None:
    reference, erp_id = Orders().created(confirming)
    confirming.people.deliver(int(erp_id), {"TG11": 1})
    ref = order_reference(reference, 2, DocumentKind.ORDER_CANCEL, erp_id)

    result = confirming.adapter.submit(OrderCancellation(order(confirming.skus)), ref, DEADLINE)

    assert (result.outcome, result.messages[0].code) == (Outcome.REJECTED_BUSINESS, "ALREADY_BEGUN")
    assert confirming.people.order(int(erp_id), "state")["state"] == "sale"


def test_a_sales_order_is_cancelled_with_its_transfers(confirming: OdooHarness) -> None:
    reference, erp_id = Orders().created(confirming)
    ref = order_reference(reference, 2, DocumentKind.ORDER_CANCEL, erp_id)

    result = confirming.adapter.submit(OrderCancellation(order(confirming.skus)), ref, DEADLINE)

    assert (result.outcome, result.status) == (Outcome.CONFIRMED, "cancel")
    transfers = confirming.people.order(int(erp_id), "picking_ids")["picking_ids"]
    states = confirming.people.do("stock.picking", "read", ids=transfers, fields=["state"])
    assert {transfer["state"] for transfer in states} == {"cancel"}


def test_two_parcels_are_two_deliveries_of_which_the_second_is_the_last(confirming: OdooHarness) -> None:
    end = _end_of(confirming, ChangeKind.DELIVERIES)
    reference, erp_id = Orders().created(confirming)
    first = confirming.people.deliver(int(erp_id), {"TG11": 1})
    told = {one.erp_id: one for one in _told(confirming, ChangeKind.DELIVERIES, end)}
    assert not told[ErpId(str(first))].final
    version = told[ErpId(str(first))].version

    second = confirming.people.deliver(int(erp_id))

    told = {one.erp_id: one for one in _told(confirming, ChangeKind.DELIVERIES, end)}
    parcels = [told[ErpId(str(key))] for key in (first, second)]
    quantities = [[(line.line_ref, line.quantity, line.ordered) for line in parcel.lines] for parcel in parcels]
    one, two = Decimal(1), Decimal(2)
    assert quantities == [[("881", one, two)], [("881", one, two), ("882", one, one)]]
    assert parcels[1].final
    assert parcels[0].version == version
    assert {parcel.order_ref for parcel in parcels} == {reference}
    assert {parcel.warehouse for parcel in parcels} == {"WH"}


def test_two_orders_of_a_new_customer_at_once_are_two_orders_of_one_contact(harness: OdooHarness) -> None:
    customer = int(a_new_reference()[1:7], 16)
    references = [harness.new_reference() for _ in range(2)]
    sent = OrderDocument(order(harness.skus, customer_id=customer))

    with ThreadPoolExecutor(2) as pool:
        refs = map(order_reference, references)
        results = list(pool.map(lambda ref: harness.adapter.submit(sent, ref, DEADLINE), refs))

    assert {result.outcome for result in results} == {Outcome.CONFIRMED}, [result.words() for result in results]
    contacts = {harness.people.order(int(result.erp_id or ""), "partner_id")["partner_id"][0] for result in results}
    assert len(contacts) == 1


def test_a_payment_is_no_other_version_of_its_invoice_and_a_cancellation_is(confirming: OdooHarness) -> None:
    end = _end_of(confirming, ChangeKind.INVOICES)
    _, erp_id = Orders().created(confirming)
    key = confirming.people.invoice(int(erp_id))
    (first,) = [one for one in _told(confirming, ChangeKind.INVOICES, end) if one.erp_id == str(key)]

    confirming.people.do("account.move", "write", ids=[key], vals={"ref": "paid"})
    (paid,) = [one for one in _told(confirming, ChangeKind.INVOICES, end) if one.erp_id == str(key)]
    confirming.people.take_back(key)
    (gone,) = [one for one in _told(confirming, ChangeKind.INVOICES, end) if one.erp_id == str(key)]

    assert (paid.version, paid.reversed) == (first.version, False)
    assert gone.reversed
    assert gone.version != first.version


def test_an_invoice_tells_its_amounts(confirming: OdooHarness) -> None:
    end = _end_of(confirming, ChangeKind.INVOICES)
    _, erp_id = Orders().created(confirming)
    key = confirming.people.invoice(int(erp_id))

    (told,) = [one for one in _told(confirming, ChangeKind.INVOICES, end) if one.erp_id == str(key)]

    assert dict(told.amounts) == {"grand_total": Decimal("33.92"), "shipping": Decimal(5)}
    assert told.currency == "EUR"
    assert told.erp_number.startswith("INV/")


def _told(harness: OdooHarness, kind: ChangeKind, cursor: str | None = None) -> list[InboundDocument]:
    documents: list[InboundDocument] = []
    while True:
        page = harness.adapter.changes(kind, cursor, DEADLINE)
        documents += page.documents
        cursor = page.next_cursor
        if not page.more:
            return documents


def _end_of(harness: OdooHarness, kind: ChangeKind) -> str | None:
    page = harness.adapter.changes(kind, None, DEADLINE)
    while page.more:
        page = harness.adapter.changes(kind, page.next_cursor, DEADLINE)
    return page.next_cursor
