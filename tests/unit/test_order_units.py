"""What an order's rows mean for stock: per SKU that stock is kept under, and never twice."""

from decimal import Decimal

from sidecar.domain.order_standing import OrderItem
from sidecar.domain.order_units import standing_of, units_of


def item(item_id: int, sku: str, ordered: int = 2, **columns: object) -> OrderItem:
    numbers = ("shipped", "invoiced", "refunded", "canceled")
    said = {name: Decimal(str(value)) if name in numbers else value for name, value in columns.items()}
    return OrderItem(item_id, sku, Decimal(ordered), **said)  # type: ignore[arg-type]


def units(*items: OrderItem) -> tuple[dict[str, int], dict[str, int]]:
    """What is open and what has left, in whole units."""
    found = units_of(standing_of(1, {one.item_id: one for one in items}))
    return {sku: int(count) for sku, count in found.open.items()}, {s: int(count) for s, count in found.shipped.items()}


def test_what_is_shipped_cancelled_or_refunded_is_not_open_any_more() -> None:
    assert units(item(1, "MUG", 9, shipped=2, canceled=3, refunded=1)) == ({"MUG": 3}, {"MUG": 2})
    assert units(item(1, "MUG", 2, shipped=2, refunded=2)) == ({}, {"MUG": 2})


def test_a_configurable_counts_once_under_its_simples_sku() -> None:
    parent = item(1, "SHIRT", 3, product_type="configurable", shipped=1)
    assert units(parent, item(2, "SHIRT-S-RED", 3, parent_id=1)) == ({"SHIRT-S-RED": 2}, {"SHIRT-S-RED": 1})


def test_a_bundle_that_ships_together_counts_as_its_children() -> None:
    parent = item(1, "SET", 2, product_type="bundle", shipped=1)
    children = item(2, "MUG", 4, parent_id=1), item(3, "PEN", 2, parent_id=1)
    assert units(parent, *children) == ({"MUG": 2, "PEN": 1}, {"MUG": 2, "PEN": 1})


def test_a_bundle_that_ships_separately_counts_by_each_childs_own_parcels() -> None:
    parent = item(1, "SET", 2, product_type="bundle", ships_separately=True)
    children = item(2, "MUG", 4, parent_id=1, shipped=4), item(3, "PEN", 2, parent_id=1)
    assert units(parent, *children) == ({"PEN": 2}, {"MUG": 4})


def test_what_is_no_thing_leaves_with_its_invoice() -> None:
    assert units(item(1, "LICENCE", 3, product_type="virtual", is_virtual=True, invoiced=1)) == (
        {"LICENCE": 2},
        {"LICENCE": 1},
    )


def test_two_rows_of_one_sku_are_added_up() -> None:
    assert units(item(1, "MUG", 2), item(2, "MUG", 3)) == ({"MUG": 5}, {})
