"""The SOAP adapter with the sandbox profile keeps every promise of the port against the SOAP ERP of the sandbox."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from erp_adapters.conformance import AdapterConformance, Fault
from erp_adapters.conformance.documents import movement, movement_reference, order_reference
from erp_adapters.conformance.documents import order as an_order
from erp_adapters.conformance.steps import DEADLINE
from erp_adapters.conformance.traits import Lacks
from erp_adapters.registry import AdapterConfiguration, WrittenIntent, build
from erp_adapters.soap.replies import content_hash
from sidecar.domain.delivery import DocumentKind, Outcome
from sidecar.domain.documents import OrderDocument, StockQuery
from sidecar.domain.intents import Allocation, Intent
from sidecar.ports import ErpAdapter
from tests.support.house import (
    ALLOCATION,
    CODE_MAPS,
    CUSTOM_FIELDS,
    INTENTS,
    NO_INTENTS,
    HouseHarness,
    closed_address,
)
from tests.support.kontor import PASSWORD, PROFILE, kontor, profile_with_a_clock, shipped_profile, written_profile
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.slow

STRANGER = "password-of-a-stranger"


class KontorHarness(HouseHarness):
    """A SOAP ERP and adapters for it."""

    secrets = (PASSWORD, STRANGER)

    def __init__(self, erp: Sandbox, profile: str) -> None:
        super().__init__(erp)
        self.address = f"{erp.url}/soap"
        self.adapter = self._adapter(profile, self.address, PASSWORD)
        self.stranger = self._adapter(profile, self.address, STRANGER)
        self.unreachable = self._adapter(profile, closed_address(), PASSWORD)
        self.allocating = self._adapter(profile, self.address, PASSWORD, INTENTS, ALLOCATION)
        self.followers = (
            self._adapter(_profile_with_pages_of_one(erp.ledger.parent), self.address, PASSWORD),
            self._adapter(profile_with_a_clock(erp.ledger.parent), self.address, PASSWORD),
        )

    def _adapter(
        self,
        profile: str,
        url: str,
        password: str,
        intents: Mapping[Intent, WrittenIntent] = NO_INTENTS,
        allocation: Allocation | None = None,
    ) -> ErpAdapter:
        folder = self.erp.ledger.parent
        configuration = AdapterConfiguration(
            "erp", "soap", profile, url, folder, CODE_MAPS, CUSTOM_FIELDS, intents=intents, allocation=allocation
        )
        return build(configuration, SecretStr(password), "test")


def _profile_with_pages_of_one(folder: Path) -> str:
    data = shipped_profile()
    for name in ("list", "deliveries", "invoices", "credit_memos"):
        data["operations"][name]["arguments"]["Place"]["Most"] = "1"
    data["operations"]["stock_read"]["arguments"]["Most"] = "1"
    return written_profile(folder, "pages_of_one.yaml", data)


def _profile_of_the_other_version(folder: Path) -> str:
    """SOAP 1.1, the password as text, unique references, small pages."""
    data = shipped_profile()
    data["port"] = "Soap11"
    data["security"]["password"] = "text"
    data["promises"]["native_dedupe"] = "unique_ref"
    data["operations"]["list"]["arguments"]["Place"]["Most"] = "7"
    return written_profile(folder, "other.yaml", data)


@pytest.fixture(
    scope="module",
    params=[
        "SOAP 1.2, digest, accepts duplicates",
        pytest.param("SOAP 1.1, password text, refuses duplicates", marks=pytest.mark.slow),
    ],
)
def harness(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KontorHarness]:
    folder = tmp_path_factory.mktemp("kontor")
    other = request.param.startswith("SOAP 1.1")
    profile = _profile_of_the_other_version(folder) if other else "sandbox"
    duplicates = ["--duplicates", "refuse" if other else "accept"]
    with kontor(folder, "--tick-ms", "1000", *duplicates) as erp, closing(KontorHarness(erp, profile)) as made:
        yield made


class TestSoapAdapter(AdapterConformance):
    """The whole suite, in both versions of SOAP."""

    lacks: ClassVar[Lacks] = {
        Fault.APPENDED: "a change replaces the whole document, so nothing is appended by sending it again",
        DocumentKind.STOCK_COUNT: "Kontor takes changes of stock, and no levels",
    }


def _booked(harness: KontorHarness, reference: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(harness.ledger("orders", reference)[0]["body"])
    return body


def test_an_order_arrives_in_the_words_of_the_erp(harness: KontorHarness) -> None:
    reference = harness.new_reference()

    harness.adapter.submit(OrderDocument(an_order(harness.skus)), order_reference(reference), DEADLINE)

    body = _booked(harness, reference)
    assert body["payment"] == {"method": "CHECK"}
    assert body["shipping"] == {"method": "FLAT", "amount": "5.0000", "tax": "0.9500"}
    assert body["customFields"] == {"note": "Grüße, bitte ans Tor"}
    assert body["billTo"]["street"] == ["1 Example Street", "Floor 2"]


def test_an_order_that_is_paid_says_so_by_another_element(harness: KontorHarness) -> None:
    reference, paid = harness.new_reference(), an_order(harness.skus)
    paid.source["payment"]["last_trans_id"] = "tx-1"

    harness.adapter.submit(OrderDocument(paid), order_reference(reference), DEADLINE)

    assert _booked(harness, reference)["payment"] == {"method": "CHECK", "reference": "tx-1"}


def test_a_success_with_a_warning_is_a_success_that_keeps_the_warning(harness: KontorHarness) -> None:
    guest = an_order(harness.skus, customer_id=None)

    result = harness.adapter.submit(OrderDocument(guest), order_reference(harness.new_reference()), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED
    assert [(message.severity, message.code) for message in result.messages] == [("warning", "W017")]


def test_what_the_schema_does_not_allow_is_refused_before_a_byte_is_sent(harness: KontorHarness) -> None:
    reference = harness.new_reference()
    wrong = an_order(harness.skus)
    wrong.source["addresses"]["billing"]["street"] = ["1", "2", "3", "4", "5"]

    result = harness.adapter.submit(OrderDocument(wrong), order_reference(reference), DEADLINE)

    assert (result.outcome, result.evidence.bytes_sent) == (Outcome.REJECTED_INVALID, False)
    assert "BillTo" in result.messages[0].path
    assert harness.documents(reference) == 0


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": "locked_record"}, Outcome.RETRY_LATER),
        ({"kind": "expired_credential"}, Outcome.NOT_SENT),
        ({"kind": "closed_period"}, Outcome.REJECTED_BUSINESS),
    ],
)
def test_a_fault_is_read_by_its_code(harness: KontorHarness, fault: dict[str, str], outcome: Outcome) -> None:
    reference = harness.new_reference()
    harness.erp.plan({"operation": "order.create", "match": {"reference": reference}, **fault})

    result = harness.adapter.submit(OrderDocument(an_order(harness.skus)), order_reference(reference), DEADLINE)

    assert result.outcome is outcome, result.words()
    assert harness.documents(reference) == 0


def test_stock_is_read_to_the_last_page_with_every_digit(harness: KontorHarness) -> None:
    for sku, quantity in (("TG11", "1.2500"), ("TG12", "-3.0000")):
        ref = movement_reference(harness.new_reference())
        harness.adapter.submit(movement((sku, quantity)), ref, DEADLINE)
    levels: dict[str, Decimal] = {}
    query, cursor = StockQuery(skus=("TG11", "TG12", "no-such-sku"), warehouses=("main",)), None
    by_one = harness.followers[0]

    while True:
        page = by_one.read_stock(query, cursor, DEADLINE)
        levels |= {level.sku: level.on_hand for level in page.levels}
        assert page.as_of is not None
        cursor = page.next_cursor
        if cursor is None:
            break

    rows = harness.erp.rows("SELECT sku, on_hand FROM stock_balances WHERE warehouse = 'main'")
    assert levels == {row["sku"]: Decimal(row["on_hand"]) for row in rows if row["sku"] in harness.skus}
    assert levels.keys() == set(harness.skus)


def test_a_preview_shows_the_envelope_without_a_secret_and_sends_nothing(harness: KontorHarness) -> None:
    reference = harness.new_reference()

    preview = harness.adapter.preview(OrderDocument(an_order(harness.skus)), order_reference(reference), DEADLINE)

    (request,) = preview.requests
    assert (request.method, request.address) == ("POST", harness.address)
    assert f">{reference}</" in request.body
    assert "[secret]" in request.body
    assert PASSWORD not in repr(preview)
    assert harness.documents(reference) == 0


def test_the_adapters_wsdl_is_the_one_that_the_erp_serves(harness: KontorHarness) -> None:
    for name in ("kontor.wsdl", "service.xsd", "documents.xsd", "common.xsd"):
        with closing(harness.erp.connect()) as connection:
            connection.request("GET", "/soap?wsdl" if name.endswith("wsdl") else f"/soap?xsd={name}")
            served = connection.getresponse().read()
        assert served == (PROFILE.parent / "kontor" / name).read_bytes()


def test_an_item_that_the_erp_lacks_is_named_as_the_entry_that_would_let_the_order_go(harness: KontorHarness) -> None:
    unknown = an_order((harness.skus[0], harness.unknown_sku))

    result = harness.adapter.submit(OrderDocument(unknown), order_reference(harness.new_reference()), DEADLINE)

    assert [entry.key for entry in result.missing] == [f"skus.{harness.unknown_sku}"]


def test_a_probe_tells_what_the_calls_rest_on(harness: KontorHarness) -> None:
    terms = harness.adapter.probe().terms

    assert terms["declared version"] == "3.2"
    assert terms["the served WSDL"] == content_hash((PROFILE.parent / "kontor" / "kontor.wsdl").read_bytes())
