"""Orders in Odoo's terms: what is carried, and what is refused with the entry to add."""

from decimal import Decimal
from typing import Any

import pytest

from erp_adapters.conformance.documents import order_reference, payload
from erp_adapters.mapping import Expression, Fulfilment, IntentRule, MappingError
from erp_adapters.odoo.contacts import COLUMNS, contacts_of
from erp_adapters.odoo.mapping import OrderDraft, draft_of, percent_text, unit_price
from erp_adapters.odoo.names import guest_name, line_name, line_of, order_name
from erp_adapters.odoo.names import order_of as order_named
from erp_adapters.odoo.terms import OdooTerms
from sidecar.domain.intents import Intent
from sidecar.domain.order import order_of
from sidecar.domain.special_cases import Skus

SKUS = ("TG11", "TG12")
TERMS = OdooTerms("odoo", 1, "SHIP", "DISC")
CODES = {"taxes": {"19": "l10n.vat19", "7": "l10n.vat7", "0": "none"}, "pricelists": {"EUR": "shop.eur"}}


def drafted(document: dict[str, Any], codes: Any = CODES, custom: Any = None) -> OrderDraft:  # noqa: ANN401 -- code maps
    contacts = contacts_of(order_of(document), "shop-42", "shop").order_columns
    return draft_of(order_of(document), order_reference("shop-42", 17), contacts, TERMS, codes, custom or {})


def test_an_order_is_its_lines_the_discount_of_each_tax_rate_and_the_shipping() -> None:
    lines = {line.line_ref: line for line in drafted(payload(SKUS)).lines}

    assert list(lines) == ["881", "882", "shipping", "discount-19"]
    assert (lines["881"].product, lines["881"].quantity, lines["881"].price) == ("TG11", "2.0000", "10.0000")
    assert (lines["shipping"].product, lines["shipping"].price) == ("SHIP", "5.0000")
    assert (lines["discount-19"].product, lines["discount-19"].price) == ("DISC", "-2.0000")
    assert {line.tax for line in lines.values()} == {"l10n.vat19"}


def test_discounts_of_two_tax_rates_are_two_lines_and_that_of_the_shipping_goes_with_its_rate() -> None:
    document = payload(SKUS, discount_amount="-4.0000", shipping_tax_amount="0.2800", grand_total="31.9200")
    document["items"][1] |= {"tax_percent": "7.0000", "discount_amount": "1.0000"}

    lines = {line.line_ref: (line.price, line.tax) for line in drafted(document).lines}

    assert lines["discount-19"] == ("-2.0000", "l10n.vat19")
    assert lines["discount-7"] == ("-2.0000", "l10n.vat7")  # 1.0000 of the line, 1.0000 of the shipping
    assert lines["shipping"] == ("5.0000", "l10n.vat7")


def test_an_order_without_tax_shipping_and_discount_has_no_line_for_them() -> None:
    changes: Any = {"discount_amount": "0.0000", "shipping_amount": "0.0000", "shipping_tax_amount": "0.0000"}
    document = payload(SKUS, **changes, tax_amount="0.0000", grand_total="25.5000")
    for item in document["items"]:
        item |= {"tax_percent": "0.0000", "discount_amount": "0.0000"}

    lines = drafted(document).lines

    assert [(line.line_ref, line.tax) for line in lines] == [("881", ""), ("882", "")]


def test_only_a_new_order_is_told_what_odoo_would_derive_taxes_and_currency_from() -> None:
    draft = drafted(payload(SKUS), custom={"x_note": Expression.parse("order.customer_note")})

    names, rows = draft.rows(dict.fromkeys(draft.products, 5), draft.birth)
    changed, _ = draft.rows(dict.fromkeys(draft.products, 5))

    people = {"partner_id/id", "partner_invoice_id/id", "partner_shipping_id/id"}
    assert set(names) - set(changed) == {"client_order_ref", "company_id/.id", "pricelist_id/id", "date_order", *people}
    assert {"id", "origin", "note", "x_note", "order_line/id", "order_line/tax_ids/id"} <= set(changed)
    assert all(len(row) == len(names) for row in rows)
    assert [row[0] for row in rows] == [order_name("shop-42"), "", "", ""]
    assert dict(zip(names, rows[0], strict=True))["origin"] == f"Magento 000000042 r17 event-shop-42-17 {draft.promise}"


def test_a_promise_is_lines_amounts_and_addresses_and_nothing_else() -> None:
    first = drafted(payload(SKUS)).promise
    invoiced = payload(SKUS, state="processing", status="processing", total_paid="33.9200", customer_note="Call me")
    remapped = drafted(payload(SKUS), {**CODES, "taxes": {"*": "l10n.another"}}).promise
    more, moved = payload(SKUS, 3), payload(SKUS)
    moved["addresses"]["shipping"]["city"] = "Elsewhere"

    assert drafted(invoiced).promise == remapped == first
    assert len({first, drafted(more).promise, drafted(moved).promise}) == 3


@pytest.mark.parametrize(
    ("price", "quantity", "total", "expected"),
    [
        ("10.0000", "2", "20.0000", "10.0000"),
        ("6.6667", "3", "20.0000", "6.6667"),
        ("8.4034", "100", "840.3400", "8.4034"),
        ("8.4034", "1000", "8403.3600", "8.4033600000"),
        ("3.33", "3", "10.0000", "3.3333333333"),
    ],
)
def test_the_unit_price_makes_the_total_of_the_row(price: str, quantity: str, total: str, expected: str) -> None:
    assert unit_price(Decimal(price), Decimal(quantity), Decimal(total)) == expected


def test_a_total_below_a_cent_is_refused_and_never_rounded() -> None:
    with pytest.raises(MappingError, match="no unit price makes 10\\.0050 of 3"):
        unit_price(Decimal("3.335"), Decimal(3), Decimal("10.0050"), "lines[1]")


@pytest.mark.parametrize(
    ("changes", "codes", "entry"),
    [
        ({}, {"pricelists": CODES["pricelists"]}, "code_maps.taxes.19"),
        ({}, {"taxes": CODES["taxes"]}, "code_maps.pricelists.EUR"),
        ({"shipping_tax_amount": "0.5500"}, CODES, "code_maps.taxes"),
    ],
)
def test_what_has_no_entry_is_refused_with_the_entry_to_add(
    changes: Any,  # noqa: ANN401 -- columns of the order
    codes: dict[str, dict[str, str]],
    entry: str,
) -> None:
    with pytest.raises(MappingError) as refused:
        drafted(payload(SKUS, **changes), codes)

    assert entry in refused.value.hint


def test_a_gift_card_is_refused_and_not_left_out() -> None:
    with pytest.raises(MappingError, match=r"make 33\.9200, the order's total is 23\.9200") as refused:
        drafted(payload(SKUS, grand_total="23.9200"))

    assert "gift cards" in refused.value.hint


def test_a_rate_is_named_as_people_write_it() -> None:
    named = [percent_text(Decimal(rate)) for rate in ("19.0000", "8.8750", "0.0000", "20.0000")]

    assert named == ["19", "8.875", "0", "20"]


def test_a_guest_is_a_contact_of_one_order_and_a_customer_one_of_the_shop() -> None:
    guest = contacts_of(order_of(payload(SKUS, customer_id=None)), "shop-42", "shop")
    customers = [contacts_of(order_of(payload(SKUS)), reference, "shop") for reference in ("shop-42", "shop-43")]

    assert guest.rows[0]["id"] == guest_name("shop-42")
    assert customers[0].order_columns == customers[1].order_columns
    assert customers[0].order_columns["partner_id/id"] == "__erp_sidecar__.customer.shop.7"


def test_a_changed_address_is_another_contact_and_a_virtual_order_has_one() -> None:
    moved, virtual = payload(SKUS), payload(SKUS)
    moved["addresses"]["shipping"]["city"] = "Elsewhere"
    virtual["addresses"]["shipping"] = None
    first, second, third = (contacts_of(order_of(d), "shop-42", "shop") for d in (payload(SKUS), moved, virtual))

    names = [contacts.order_columns["partner_shipping_id/id"] for contacts in (first, second, third)]

    assert names[0] != names[1]
    assert names[2] == first.order_columns["partner_invoice_id/id"]
    assert len(third.rows) == 2


def test_a_region_that_odoo_does_not_know_stands_in_the_street() -> None:
    document = payload(SKUS)
    document["addresses"]["billing"] |= {"country_id": "US", "region": "California"}
    contacts = contacts_of(order_of(document), "shop-42", "shop")
    street, state = COLUMNS.index("street2"), COLUMNS.index("state_id/.id")

    known, unknown = contacts.table({("US", "California"): 13})[0], contacts.table({})[0]

    assert (known[street], known[state]) == ("Floor 2", "13")
    assert (unknown[street], unknown[state]) == ("Floor 2, California", "")


@pytest.mark.parametrize("reference", ["shop-42", "shop.2-42", "a shop_é-1"])
def test_an_external_identifier_gives_our_reference_back(reference: str) -> None:
    assert order_named(["base.other", order_name(reference)]) == reference
    assert line_of([line_name(reference, "discount-8.875")]) == (reference, "discount-8.875")
    assert order_named([line_name(reference, "1")]) is None
    assert " " not in order_name(reference)


def test_a_strangers_external_identifier_is_not_ours() -> None:
    assert order_named(["sale.order_1", "__export__.order.x", "__erp_sidecar__.guest.shop-42"]) is None


def test_what_odoo_has_no_field_for_is_noted_and_is_part_of_the_promise() -> None:
    document = payload(SKUS, shipping_method="instore_pickup", customer_note="Call me")
    document["extra"] = {"order": {"pickup_location_code": "shop-1"}}
    order = order_of(document)
    contacts = contacts_of(order, "shop-42", "shop").order_columns
    served = Fulfilment({Intent.DROP_SHIP: IntentRule(Skus(named=frozenset({"TG12"})))}).of(order)

    usual = draft_of(order, order_reference("shop-42", 17), contacts, TERMS, CODES, {})
    draft = draft_of(order, order_reference("shop-42", 17), contacts, TERMS, CODES, {}, served=served, warehouse=5)

    assert draft.columns["note"] == (
        "Call me<br>Drop shipment, from no warehouse: 1 x TG12<br>Collected by the customer: shop-1"
    )
    assert draft.birth["warehouse_id/.id"] == "5"
    assert "warehouse_id/.id" not in {**draft.columns, **usual.birth}
    assert draft.promise != usual.promise
