"""What the legacy adapter makes of listings that say odd things: nothing left out, nobody held up."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erp_adapters.legacy.profile import profile_of
from erp_adapters.profiled.inbound import inbound_document
from erp_adapters.registry import profile_path, read_profile
from sidecar.domain.delivery import ChangeKind
from sidecar.domain.errors import Retryable
from sidecar.domain.inbound import InboundDocument, InboundKind
from tests.unit.test_legacy_adapter import adapter_for, saying

LINE = {"lineReference": "881", "sku": "BAG", "quantity": "1.0000", "orderedQuantity": "2.0000"}
DELIVERY: dict[str, Any] = {
    "number": "DN-1",
    "orderReference": "M1-1",
    "version": 3,
    "final": True,
    "reversed": False,
    "lines": [LINE],
    "tracks": [{"number": "0034", "carrier": "DHL Paket"}],
}
PROFILE = profile_of(read_profile(profile_path("sandbox", Path())))


def read(**changes: object) -> InboundDocument:
    assert PROFILE.delivery is not None
    codes = {"carriers": {"dhl": "DHL Paket", "ups": "UPS"}}
    return inbound_document(InboundKind.DELIVERY, PROFILE.delivery, {**DELIVERY, **changes}, codes)


def page(*entries: object) -> dict[str, object]:
    return {"deliveries": entries, "next": "7", "more": False}


def test_a_delivery_is_read_in_our_words() -> None:
    document = read()

    assert (document.erp_id, document.version, document.order_ref, document.final) == ("DN-1", "3", "M1-1", True)
    assert (document.lines[0].quantity, document.lines[0].ordered) == (Decimal(1), Decimal(2))
    assert (document.tracks[0].carrier, document.tracks[0].title) == ("dhl", "DHL Paket")
    assert document.unreadable == ""


def test_a_carrier_that_the_code_map_does_not_know_stays_as_it_is_reported() -> None:
    assert read(tracks=[{"number": "1", "carrier": "Bike", "title": "By bike"}]).tracks[0].carrier == "Bike"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"lines": None}, "the lines are no list"),
        ({"lines": [{**LINE, "quantity": "Ada Example"}]}, "line 1: quantity is not a decimal"),
        ({"lines": [LINE, {**LINE, "lineReference": None}]}, "line 2 has no reference of ours"),
        ({"lines": [{**LINE, "quantity": Decimal("1E+400")}]}, "line 1: quantity is not a decimal"),
        ({"lines": [{**LINE, "quantity": 10**40}]}, "line 1: quantity is not a decimal"),
        ({"lines": [{**LINE, "lineReference": "\ud800"}]}, "line 1 has no reference of ours"),
        ({"tracks": {"number": "1"}}, "the parcels are no list"),
        ({"tracks": [{"carrier": "DHL"}]}, "parcel 1 has no number"),
        ({"final": "yes"}, "final is neither true nor false"),
        ({"orderReference": ""}, "our reference of the order is missing"),
        ({"version": None}, "the version is missing"),
        ({"number": "N" * 129}, "the key is longer than 128 characters, or has some that cannot be printed"),
    ],
)
def test_an_entry_that_cannot_be_read_is_told_with_the_reason_and_without_its_content(
    changes: dict[str, object], why: str
) -> None:
    document = read(**changes)

    assert document.unreadable == why
    assert document.kind is InboundKind.DELIVERY
    assert document.erp_id == "DN-1" or document.erp_id.startswith("unreadable-")
    assert document == read(**changes)
    assert document.version != read(**changes, note="mended").version


def test_a_document_without_a_version_of_its_own_has_that_of_its_content() -> None:
    assert PROFILE.delivery is not None
    reading = PROFILE.delivery.model_copy(update={"version": None})
    versions = [
        inbound_document(InboundKind.DELIVERY, reading, {**DELIVERY, "warehouse": name}, {}).version
        for name in ("main", "main", "1710")
    ]

    assert versions[0] == versions[1] != versions[2]


def test_one_document_that_cannot_be_read_holds_no_other_up() -> None:
    with adapter_for(saying(200, page("nonsense", {**DELIVERY, "lines": 7}, DELIVERY))) as adapter:
        told = adapter.changes(ChangeKind.DELIVERIES, "5", 5)

    assert told.next_cursor == "7"
    assert [bool(one.unreadable) for one in told.documents] == [True, True, False]
    assert told.documents[1].erp_id == "DN-1"


def test_an_order_that_cannot_be_read_is_told_beside_those_that_can() -> None:
    totals = {"subtotal": "1", "discount": "0", "shipping": "0", "tax": "0", "grandTotal": "1"}
    order = {"number": "SO-9", "reference": "M1-9", "sourceRevision": 1, "lines": [], "totals": totals}
    body = {"orders": [{**order, "sourceRevision": "Ada"}, order], "next": "7", "more": False}

    with adapter_for(saying(200, body)) as adapter:
        told = adapter.changes(ChangeKind.ORDERS, None, 5)

    assert [snapshot.erp_number for snapshot in told.snapshots] == ["SO-9"]
    assert (told.documents[0].erp_id, told.documents[0].kind) == ("SO-9", InboundKind.CANCELLATION)
    assert told.documents[0].unreadable == "document SO-9: the revision is not a whole number"


@pytest.mark.parametrize(
    "body",
    [
        "<html>Ada</html>",
        '{"next": "7", "more": false}',
        '{"deliveries": [], "more": false}',
        '{"deliveries": [], "next": "7"}',
        '{"deliveries": [], "next": "7", "more": "Ada"}',
        '{"deliveries": [], "next": "5", "more": true}',
        json.dumps({"deliveries": [], "next": "7" * 513, "more": False}),
    ],
)
def test_a_listing_that_would_leave_something_out_is_read_again_later(body: str) -> None:
    with adapter_for(saying(200, body)) as adapter, pytest.raises(Retryable, match="profile does not expect") as told:
        adapter.changes(ChangeKind.DELIVERIES, "5", 5)

    assert "Ada" not in str(told.value)


def test_a_kind_that_the_profile_does_not_follow_is_an_empty_page() -> None:
    data: Any = read_profile(profile_path("sandbox", Path()))
    del data["operations"]["invoices"], data["invoice"]
    profile = profile_of(data)

    with adapter_for(saying(500, {}), profile) as adapter:
        assert adapter.changes(ChangeKind.INVOICES, None, 5).next_cursor is None
        assert adapter.capabilities().changes == {
            ChangeKind.ORDERS,
            ChangeKind.DELIVERIES,
            ChangeKind.CREDIT_MEMOS,
        }
