"""Magento's own rows, read as the release gate and reconciliation need them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sidecar.domain.money import ZERO
from sidecar.domain.order import OrderLine
from sidecar.mysql.magento_store import MagentoStore
from tests.support.stores import Tables, as_json, session_at


def test_the_release_gate_is_told_what_magento_holds_now(tables: Tables) -> None:
    tables.add_order(
        42, base_grand_total="99.1234", base_total_paid="10.5000", created_at="2025-11-23 12:00:00", status="pending"
    )
    tables.insert("sales_order_payment", parent_id=42, method="checkmo", base_amount_authorized="99.1234")
    tables.add_order(43)

    with session_at(tables.database, Decimal("1763899260.5")) as a_minute_later:
        facts = MagentoStore(a_minute_later).release_facts([41, 42, 43])

    assert set(facts) == {42, 43}
    assert (facts[42].state, facts[42].status, facts[42].payment_method) == ("new", "pending", "checkmo")
    assert (str(facts[42].grand_total), str(facts[42].paid), str(facts[42].authorized)) == (
        "99.1234",
        "10.5000",
        "99.1234",
    )
    assert facts[42].age == timedelta(minutes=1, microseconds=500_000)
    assert (facts[43].payment_method, facts[43].paid) == ("", ZERO)


def test_an_order_is_compared_by_lines_that_count_nothing_twice(tables: Tables) -> None:
    tables.add_order(
        42,
        subtotal="130.0000",
        discount_amount="-12.1000",
        discount_tax_compensation_amount="2.1000",
        shipping_amount="5.0000",
        tax_amount="25.0000",
        grand_total="150.0000",
    )
    tables.add_item(1, 42, product_type="configurable", sku="SHIRT-RED", qty_ordered=2, price=10, row_total=20)
    tables.add_item(2, 42, parent_item_id=1, product_type="simple", sku="SHIRT-RED", qty_ordered=2, price=0)
    dynamic = as_json({"product_calculations": 0})
    tables.add_item(3, 42, product_type="bundle", sku="SET", qty_ordered=1, row_total=110, product_options=dynamic)
    tables.add_item(4, 42, parent_item_id=3, product_type="simple", sku="CUP", qty_ordered="1.5", row_total="110")

    facts = MagentoStore(tables.session).order_facts([41, 42])

    assert set(facts) == {42}
    lines = [line for line in facts[42].lines if isinstance(line, OrderLine)]
    assert [(line.line_ref, line.sku, line.role, str(line.quantity), str(line.total)) for line in lines] == [
        ("1", "SHIRT-RED", "both", "2.0000", "20.0000"),
        ("4", "CUP", "both", "1.5000", "110.0000"),
    ]
    assert sum(line.total for line in lines) == facts[42].totals["subtotal"]
    assert facts[42].totals["discount"] == Decimal("-10.0000")
    assert (facts[42].increment_id, facts[42].currency) == ("000000042", "EUR")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"sku": None, "product_type": "simple"}, "sku"),
        ({"sku": "SET", "product_type": "bundle", "product_options": 'a:1:{s:4:"info";}'}, "product_options"),
    ],
)
def test_an_order_that_cannot_be_read_says_why_and_the_others_are_read(
    tables: Tables, columns: dict[str, object], reason: str
) -> None:
    for number in (41, 42):
        tables.add_order(number)
    tables.add_item(1, 41, **columns)
    tables.add_item(2, 42, product_type="simple", sku="CUP", qty_ordered=1)

    facts = MagentoStore(tables.session).order_facts([41, 42])

    assert reason in facts[41].unreadable
    assert (facts[41].lines, facts[41].totals) == ((), {})
    assert (facts[42].unreadable, facts[42].state, len(facts[42].lines)) == ("", "new", 1)
