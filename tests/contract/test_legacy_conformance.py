"""The legacy adapter with the sandbox profile keeps every promise of the port against the sandbox ERP."""

import itertools
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import pytest
import yaml
from pydantic import SecretStr

from erp_adapters.conformance import AdapterConformance, Fault, Harness, Operation
from erp_adapters.conformance.documents import PAYMENT_METHODS, movement, movement_reference, order, order_reference
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS, WAITS
from erp_adapters.conformance.steps import DEADLINE
from erp_adapters.conformance.traits import Lacks
from erp_adapters.registry import AdapterConfiguration, build, profile_path, read_profile
from sidecar.domain.delivery import ChangeKind, ErpId, Outcome
from sidecar.domain.documents import OrderDocument
from sidecar.ports import ErpAdapter
from tests.support.profiles import LISTINGS, profile_with_a_clock
from tests.support.sandbox import API_KEY, Sandbox, sandbox

PAYMENTS = {method: "CHECK" if method == "checkmo" else method.upper() for method in PAYMENT_METHODS}
STOCK_ROWS = 600
"""A page of the sandbox has 500, a call takes 100 SKUs."""

STRANGER = "key-of-a-stranger"
OPERATIONS = {
    "create": "order.create",
    "change": "order.change",
    "cancel": "order.cancel",
    "refund": "refund.create",
    "customer": "customer.put",
    "stock_post": "stock.post",
}
FAULTS: dict[Fault, dict[str, object]] = {
    Fault.LOST_REQUEST: {"kind": "lose_request"},
    Fault.LOST_RESPONSE: {"kind": "lose_response_after_commit"},
    Fault.ERROR_BEFORE: {"kind": "http_500_before_commit"},
    Fault.ERROR_AFTER: {"kind": "http_500_after_commit"},
    Fault.UNAVAILABLE: {"kind": "http_503", "retryAfter": WAITS[Fault.UNAVAILABLE].seconds},
    Fault.THROTTLED: {"kind": "http_429", "retryAfter": WAITS[Fault.THROTTLED].seconds},
    Fault.REFUSED: {"kind": "reject", "code": REFUSAL_CODE, "message": REFUSAL_WORDS},
    Fault.SILENCE: {"kind": "hang"},
    Fault.LOCKED: {"kind": "locked_record"},
    Fault.EXPIRED: {"kind": "expired_credential"},
    Fault.SHORTENED: {"kind": "drop_line"},
    Fault.PRICE_CHANGED: {"kind": "change_price"},
    Fault.ROUNDED: {"kind": "round_totals"},
    Fault.MERGED: {"kind": "merge_lines"},
    Fault.FIELDS_DROPPED: {"kind": "drop_custom_fields"},
}


class SandboxHarness(Harness):
    """A sandbox ERP and three adapters for it."""

    skus = ("TG11", "TG12")
    unknown_sku = "XX-unknown"
    secrets = (API_KEY, STRANGER)
    no_order = "SO-999999"
    reversible = frozenset({ChangeKind.DELIVERIES, ChangeKind.INVOICES, ChangeKind.CREDIT_MEMOS})

    closed_at = "2020-05-05 10:15:00"
    over_limit_email = "over.limit@example.com"
    limits: Mapping[str, int] = MappingProxyType(
        {
            "order.customer_note": 255,
            "order.increment_id": 35,
            "addresses.billing.city": 120,
            "addresses.shipping.company": 255,
            "items.0.name": 255,
        }
    )

    def __init__(self, erp: Sandbox, profile: str) -> None:
        self.erp = erp
        self.adapter = self._adapter(profile, erp.url, API_KEY)
        self.stranger = self._adapter(profile, erp.url, STRANGER)
        self.unreachable = self._adapter(profile, _closed_address(), API_KEY)
        self.followers = (
            self._adapter(_profile_with_pages_of_one(erp.ledger.parent), erp.url, API_KEY),
            self._adapter(profile_with_a_clock(erp.ledger.parent), erp.url, API_KEY),
        )
        self._numbers = itertools.count(1)
        blocked = {"blockedCustomers": [self.over_limit_email], "closedUntil": "2020-12-31"}
        erp.control("POST", "masterdata", {"unknownItems": [self.unknown_sku], **blocked})

    def close(self) -> None:
        for adapter in (self.adapter, self.stranger, self.unreachable, *self.followers):
            adapter.close()

    def write(self, kind: ChangeKind, order: ErpId) -> ErpId:
        match kind:
            case ChangeKind.DELIVERIES:
                return ErpId(self.erp.deliver(order))
            case ChangeKind.INVOICES:
                return ErpId(self.erp.invoice(order))
            case _:
                self.erp.invoice(order)
                return ErpId(self.erp.credit(order))

    def take_back(self, document: ErpId) -> None:
        self.erp.amend(document, reversed=True)

    def cancel_there(self, order: ErpId) -> None:
        self.erp.attend(order, status="cancelled")

    def accept_later(self, reference: str) -> None:
        self.erp.plan({"operation": "order.create", "match": {"reference": reference}, "kind": "accept_later"})

    def do_work(self, handle: str) -> None:
        self.erp.decide(handle, "accept")

    def refuse_work(self, handle: str) -> None:
        self.erp.decide(handle, "reject", code=REFUSAL_CODE, message=REFUSAL_WORDS)

    def forget_work(self, handle: str) -> None:
        self.erp.decide(handle, "forget")

    def new_reference(self) -> str:
        return f"T1-{next(self._numbers)}"

    def inject(self, operation: Operation, fault: Fault, reference: str) -> None:
        self.erp.plan({"operation": OPERATIONS[operation], "match": {"reference": reference}, **FAULTS[fault]})

    def documents(self, reference: str) -> int:
        return len(self.ledger("orders", reference))

    def held(self, reference: str) -> str:
        (row,) = self.ledger("orders", reference)
        return _spoken(json.loads(row["body"]))

    def limit_calls(self, calls: int, seconds: float) -> None:
        quota = {"operation": "order.create", "kind": "quota", "limit": calls, "seconds": seconds}
        self.erp.plan(*[quota] * bool(calls))

    def hide_newest(self, seconds: float) -> None:
        self.erp.plan({"operation": "order.find", "nth": 1, "kind": "stale_read", "seconds": seconds})

    def book_twice(self, reference: str) -> None:
        rule = {"operation": "order.create", "match": {"reference": reference}, "kind": "duplicate_accept"}
        self.erp.plan(rule)

    def deliver_one_of(self, order: ErpId) -> ErpId:
        line = {"lineReference": "881", "quantity": "1.0000", "sku": self.skus[0], "orderedQuantity": "3.0000"}
        return ErpId(self.erp.deliver(order, lines=[line], final=False))

    def decide_lines(self, order: ErpId) -> None:
        first = {"lineReference": "881", "confirmedQuantity": "1.0000"}
        self.erp.attend(order, lines=[first, {"lineReference": "882", "rejectionReason": "out of range"}])

    def refunds(self, reference: str) -> int:
        return len(self.ledger("refunds", reference))

    def restocked(self, reference: str) -> Mapping[str, Decimal]:
        (row,) = self.ledger("refunds", reference)
        back = {line["sku"]: Decimal(line["restockedQuantity"]) for line in json.loads(row["body"])["lines"]}
        return {sku: quantity for sku, quantity in back.items() if quantity}

    def customers(self, reference: str) -> int:
        return len(self.ledger("customers", reference))

    def held_customer(self, reference: str) -> str:
        (row,) = self.ledger("customers", reference)
        return _spoken(json.loads(row["body"]))

    def stocked(self) -> Mapping[tuple[str, str], Decimal]:
        rows = {(f"PILE-{number:04}", f"hall-{number % 2}"): Decimal(number) / 8 for number in range(STOCK_ROWS)}
        balances = [
            {"sku": sku, "warehouse": warehouse, "quantity": f"{amount:.4f}"}
            for (sku, warehouse), amount in rows.items()
        ]
        self.erp.control("POST", "stock", {"balances": balances})
        return rows

    def movements(self, reference: str) -> int:
        return len(self.ledger("stock_movements", reference))

    def ledger(self, table: str, reference: str) -> list[dict[str, Any]]:
        """The rows of the ERP's books under a reference."""
        rows = self.erp.rows(f"SELECT * FROM {table}")  # noqa: S608 -- the tables named in this file
        return [row for row in rows if row["reference"] == reference]

    def _adapter(self, profile: str, url: str, key: str) -> ErpAdapter:
        code_maps = {"payment_methods": PAYMENTS, "shipping_methods": {"flatrate_flatrate": "FLAT"}}
        custom_fields = {"note": "order.customer_note", "nothing": "order.gift_message_id"}
        folder = self.erp.ledger.parent
        return build(
            AdapterConfiguration("erp", "legacy", profile, url, folder, code_maps, custom_fields),
            SecretStr(key),
            "test",
        )


def _spoken(value: object) -> str:
    """Every text in a document, as people read it."""
    match value:
        case dict():
            return "\n".join(_spoken(each) for each in value.values())
        case list():
            return "\n".join(_spoken(each) for each in value)
        case _:
            return str(value)


def _closed_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _profile_with_pages_of_one(folder: Path) -> str:
    profile = read_profile(profile_path("sandbox", folder))
    assert isinstance(profile, dict)
    for listing in LISTINGS:
        profile["operations"][listing]["parameters"]["limit"] = "1"
    (folder / "pages_of_one.yaml").write_text(yaml.safe_dump(profile))
    return "pages_of_one.yaml"


def _profile_with_unique_references_and_small_pages(folder: Path) -> str:
    profile = read_profile(profile_path("sandbox", folder))
    assert isinstance(profile, dict)
    profile["promises"]["native_dedupe"] = "unique_ref"
    profile["operations"]["list"]["parameters"]["limit"] = "7"
    (folder / "unique.yaml").write_text(yaml.safe_dump(profile))
    return "unique.yaml"


@pytest.fixture(scope="module", params=["accepts duplicates", "rejects duplicates"])
def harness(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHarness]:
    folder = tmp_path_factory.mktemp("erp")
    unique = request.param == "rejects duplicates"
    profile = _profile_with_unique_references_and_small_pages(folder) if unique else "sandbox"
    with (
        sandbox(folder, "--tick-ms", "1000", *["--reject-duplicates"] * unique) as erp,
        closing(SandboxHarness(erp, profile)) as made,
    ):
        yield made


class TestLegacyAdapter(AdapterConformance):
    """The whole suite, against an ERP that accepts duplicates and against one that does not."""

    lacks: ClassVar[Lacks] = {
        Fault.APPENDED: "a change replaces the whole document, so nothing is appended by sending it again",
    }


def test_the_erp_understands_every_property_that_the_profile_sends(harness: SandboxHarness) -> None:
    reference, stock = harness.new_reference(), harness.new_reference()

    harness.adapter.submit(OrderDocument(order(harness.skus)), order_reference(reference), DEADLINE)
    harness.adapter.submit(movement(("TG11", "1.0000")), movement_reference(stock), DEADLINE)

    (revision,) = harness.ledger("order_revisions", reference)
    (moved,) = harness.ledger("stock_movements", stock)
    assert (json.loads(revision["dropped"]), json.loads(moved["dropped"])) == ([], [])


def test_an_order_arrives_in_the_words_of_the_erp(harness: SandboxHarness) -> None:
    reference = harness.new_reference()

    harness.adapter.submit(OrderDocument(order(harness.skus)), order_reference(reference), DEADLINE)

    body = json.loads(harness.ledger("orders", reference)[0]["body"])
    assert body["payment"] == {"method": "CHECK"}
    assert body["shipping"] == {"method": "FLAT", "amount": "5.0000", "tax": "0.9500"}
    assert body["customFields"] == {"note": "Grüße, bitte ans Tor"}
    assert body["customer"] == {"number": "7", "name": "Ada Example", "email": "customer@example.com"}
    assert body["billTo"]["street"] == ["1 Example Street", "Floor 2"]
    assert body["totals"] == {
        "subtotal": "25.5000",
        "discount": "-2.0000",
        "shipping": "5.0000",
        "tax": "5.4200",
        "grandTotal": "33.9200",
    }
    assert body["lines"][0] == {
        "lineReference": "881",
        "sku": "TG11",
        "description": "Item TG11",
        "quantity": "2.0000",
        "unit": "PCE",
        "unitPrice": "10.0000",
        "discount": "-2.0000",
        "tax": "3.4200",
        "total": "20.0000",
    }


def test_a_virtual_order_has_neither_shipping_nor_a_place_to_ship_to(harness: SandboxHarness) -> None:
    reference = harness.new_reference()
    virtual = order(harness.skus, shipping_method=None, shipping_amount="0.0000", grand_total="28.9200")
    virtual.source["addresses"]["shipping"] = None

    result = harness.adapter.submit(OrderDocument(virtual), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    body = json.loads(harness.ledger("orders", reference)[0]["body"])
    assert not {"shipping", "shipTo"} & body.keys()


def test_a_payment_method_without_a_code_is_refused_before_a_byte_is_sent(harness: SandboxHarness) -> None:
    reference = harness.new_reference()
    unmapped = replace(order(harness.skus), payment_method="wallet")

    result = harness.adapter.submit(OrderDocument(unmapped), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.REJECTED_INVALID
    assert not result.evidence.bytes_sent
    assert "'wallet' has no entry in the code map payment_methods" in result.words()
    assert "code_maps.payment_methods.wallet" in result.hint
    assert harness.documents(reference) == 0


def test_amounts_that_the_mapping_does_not_carry_are_refused_with_what_to_do(harness: SandboxHarness) -> None:
    reference = harness.new_reference()
    with_gift_card = order(harness.skus, grand_total="23.9200")

    result = harness.adapter.submit(OrderDocument(with_gift_card), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.REJECTED_INVALID
    assert result.messages[0].code == "TOTALS_MISMATCH"
    assert result.hint
    assert harness.documents(reference) == 0
