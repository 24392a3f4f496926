"""The legacy adapter with the sandbox profile keeps every promise of the port against the sandbox ERP."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
import yaml
from pydantic import SecretStr

from erp_adapters.conformance import AdapterConformance, Fault
from erp_adapters.conformance.documents import movement, movement_reference, order, order_reference
from erp_adapters.conformance.steps import DEADLINE
from erp_adapters.conformance.traits import Lacks
from erp_adapters.registry import AdapterConfiguration, WrittenIntent, build, profile_path, read_profile
from sidecar.domain.delivery import Outcome
from sidecar.domain.documents import OrderDocument
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
from tests.support.profiles import LISTINGS, profile_with_a_clock
from tests.support.sandbox import API_KEY, Sandbox, sandbox

STRANGER = "key-of-a-stranger"


class SandboxHarness(HouseHarness):
    """A sandbox ERP and three adapters for it."""

    secrets = (API_KEY, STRANGER)

    def __init__(self, erp: Sandbox, profile: str) -> None:
        super().__init__(erp)
        self.adapter = self._adapter(profile, erp.url, API_KEY)
        self.stranger = self._adapter(profile, erp.url, STRANGER)
        self.unreachable = self._adapter(profile, closed_address(), API_KEY)
        self.allocating = self._adapter(profile, erp.url, API_KEY, INTENTS, ALLOCATION)
        self.followers = (
            self._adapter(_profile_with_pages_of_one(erp.ledger.parent), erp.url, API_KEY),
            self._adapter(profile_with_a_clock(erp.ledger.parent), erp.url, API_KEY),
        )

    def _adapter(
        self,
        profile: str,
        url: str,
        key: str,
        intents: Mapping[Intent, WrittenIntent] = NO_INTENTS,
        allocation: Allocation | None = None,
    ) -> ErpAdapter:
        folder = self.erp.ledger.parent
        configuration = AdapterConfiguration(
            "erp", "legacy", profile, url, folder, CODE_MAPS, CUSTOM_FIELDS, intents=intents, allocation=allocation
        )
        return build(configuration, SecretStr(key), "test")


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


@pytest.fixture(
    scope="module", params=["accepts duplicates", pytest.param("rejects duplicates", marks=pytest.mark.slow)]
)
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
        "intent": "stock",
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
