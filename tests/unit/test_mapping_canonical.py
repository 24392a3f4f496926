"""Canonical documents: what Magento wrote, in one shape for every ERP."""

from dataclasses import replace
from decimal import Decimal

import pytest

from erp_adapters.conformance.documents import movement, movement_reference, order, order_reference, payload
from erp_adapters.mapping import (
    Expression,
    MappingError,
    canonical_customer,
    canonical_order,
    canonical_refund,
    canonical_stock,
)
from sidecar.domain.customer import customer_of
from sidecar.domain.delivery import DocumentKind, ErpId, Reference
from sidecar.domain.documents import StockCount
from sidecar.domain.order import order_of
from sidecar.domain.refund import refund_of
from sidecar.domain.stock import WindowLine
from tests.support.events import creditmemo_payload, customer_payload

SKUS = ("A", "B")
REF = order_reference("M1-42", revision=7)


def test_totals_and_lines_are_the_strings_of_the_database() -> None:
    document = canonical_order(order(SKUS), REF, {})

    assert document["totals"]["grand_total"] == "33.9200"
    assert document["lines"][0]["total"] == "20.0000"
    assert document["order"]["placed_at"] == "2026-11-23T10:15:00Z"
    assert document["reference"]["idempotency_key"] == "order:M1-42"
    assert document["source"]["payment"]["method"] == "checkmo"


def test_the_totals_of_a_tax_inclusive_shop_add_up_without_tax_in_the_discount() -> None:
    written = payload(
        SKUS,
        discount_amount="-2.3800",
        discount_tax_compensation_amount="0.3800",
        shipping_discount_tax_compensation_amount="0.0000",
    )
    written["items"][0] |= {"discount_amount": "2.3800", "discount_tax_compensation_amount": "0.3800"}

    document = canonical_order(order_of(written), REF, {})

    totals = {name: Decimal(text) for name, text in document["totals"].items()}
    assert totals["discount"] == Decimal("-2.0000")
    assert totals["grand_total"] == sum(totals[n] for n in ("subtotal", "discount", "shipping", "tax"))
    assert sum(Decimal(line["discount"]) for line in document["lines"]) == totals["discount"]


def test_a_line_that_only_ships_costs_nothing_and_is_not_discounted() -> None:
    written = payload(SKUS)
    written["items"][1] |= {"role": "stock", "discount_amount": "1.0000", "discount_tax_compensation_amount": "0.1600"}

    document = canonical_order(order_of(written), REF, {})

    line = document["lines"][1]
    assert (line["role"], line["total"], line["discount"], line["tax"]) == ("stock", "0", "0", "0")
    assert line["quantity"] == "1.0000"


def test_custom_fields_come_from_the_payload_and_empty_ones_are_left_out() -> None:
    fields = {
        "note": Expression.parse("order.customer_note"),
        "customer": Expression.parse("order.customer_id"),
        "region": Expression.parse("addresses.billing.region"),
        "company": Expression.parse("addresses.billing.company"),
    }

    document = canonical_order(order(SKUS), REF, fields)

    assert document["custom_fields"] == {"note": "Grüße, bitte ans Tor", "customer": "7"}


@pytest.mark.parametrize("text", ["items", "`1.5`", "`true`", "join(',', order.customer_id)"])
def test_a_custom_field_that_is_no_text_names_its_key_in_the_blueprint(text: str) -> None:
    with pytest.raises(MappingError, match=r"^custom_fields\.odd: ") as refusal:
        canonical_order(order(SKUS), REF, {"odd": Expression.parse(text)})

    assert "custom_fields.odd in the destination's blueprint" in refusal.value.hint


def test_an_order_without_a_readable_instant_is_refused() -> None:
    with pytest.raises(MappingError, match=r"order\.created_at is 'yesterday'"):
        canonical_order(replace(order(SKUS), created_at="yesterday"), REF, {})


def test_a_movement_keeps_its_quantities() -> None:
    document = canonical_stock(movement(("A", "-2.0000"), ("B", "0.5000")), movement_reference("M1.main.7"))

    assert document["warehouse"] == "main"
    assert document["lines"] == [
        {"sku": "A", "unit": "", "deltas": 1, "quantity": "-2.0000"},
        {"sku": "B", "unit": "", "deltas": 1, "quantity": "0.5000"},
    ]


def test_a_count_tells_what_is_expected_and_what_shall_be_there_in_the_erps_unit() -> None:
    line = WindowLine("A", Decimal(-2), 1, "BOX", Decimal("10.5"), Decimal("8.5"))

    document = canonical_stock(StockCount("main", (line,)), movement_reference("M1.main.7"))

    assert document["lines"] == [{"sku": "A", "unit": "BOX", "deltas": 1, "expected": "10.5", "target": "8.5"}]


def test_a_count_whose_level_was_not_read_is_refused() -> None:
    with pytest.raises(MappingError, match="the level of A has not been read"):
        canonical_stock(StockCount("main", (WindowLine("A", Decimal(-2), 1),)), movement_reference("M1.main.7"))


def test_a_refund_names_its_order_its_way_of_payment_and_every_amount() -> None:
    memo = {"discount_amount": "-2.3800", "discount_tax_compensation_amount": "0.3800", "grand_total": "13.0000"}
    payload = creditmemo_payload(17, 42, memo=memo)
    payload["items"][0] |= {"discount_amount": "2.3800", "discount_tax_compensation_amount": "0.3800"}
    ref = Reference(DocumentKind.REFUND, "M1-R-17", 9, "", "event-9", ErpId("SO-7"))

    document = canonical_refund(refund_of(payload), ref, {"number": Expression.parse("creditmemo.increment_id")})

    assert document["reference"]["idempotency_key"] == "refund:M1-R-17"
    assert document["order"] == {"entity_id": 42, "increment_id": "000000042", "erp_id": "SO-7"}
    assert document["refund"]["refunded_at"] == "2026-11-24T11:00:00Z"
    assert (document["refund"]["online"], document["refund"]["payment_method"]) == (False, "checkmo")
    assert [(line["line_ref"], line["discount"], line["restocked"]) for line in document["lines"]] == [
        ("421", "-2.0000", "1.0000"),
        ("422", "0", "0"),
    ]
    assert document["totals"]["discount"] == "-2.0000"
    assert document["custom_fields"] == {"number": "900000017"}


def test_a_customer_has_addresses_in_the_words_of_the_port() -> None:
    ref = Reference(DocumentKind.CUSTOMER, "M1-C-7", 9, "", "event-9")

    document = canonical_customer(customer_of(customer_payload(7)), ref, {})

    assert document["reference"]["idempotency_key"] == "customer:M1-C-7:9"
    assert document["customer"]["name"] == "Zoë Müller"
    assert document["addresses"][0] | {"company": "", "region": ""} == {
        "address_ref": "71",
        "name": "Zoë Müller",
        "company": "",
        "street": ["1 Road", "Back door"],
        "city": "Köln",
        "region": "",
        "postcode": "50667",
        "country": "DE",
        "telephone": "1",
        "vat_number": "DE123456789",
        "is_billing": True,
        "is_shipping": True,
    }
