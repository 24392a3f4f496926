"""What stocks can sell, read from Magento's own tables and index, and findings that close by themselves."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sidecar.domain.reconciliation import Finding
from sidecar.domain.salable import Salable, differences
from sidecar.mysql.salable import SalableStock
from tests.support.stores import ERP, Tables


@pytest.fixture
def shop(tables: Tables) -> Tables:
    """One SKU: 10 in west and 3, out of stock, in east, both of stock 2; 5 in the default source of stock 1."""
    tables.insert("cataloginventory_stock", stock_id=1, website_id=0, stock_name="Default")
    tables.insert("catalog_product_entity", entity_id=7, sku="A")
    item = {"use_config_min_qty": 0, "min_qty": 2, "use_config_backorders": 0, "backorders": 1}
    tables.insert("cataloginventory_stock_item", product_id=7, stock_id=1, qty=5, is_in_stock=1, **item)
    tables.insert("cataloginventory_stock_status", product_id=7, website_id=0, stock_id=1, qty=5, stock_status=1)
    for stock_id, sources in ((1, ("default",)), (2, ("west", "east", "closed"))):
        tables.insert("inventory_stock", stock_id=stock_id, name=f"Stock {stock_id}")
        for source in sources:
            enabled = int(source != "closed")
            place = {"name": source, "country_id": "DE", "postcode": "1"}
            tables.insert("inventory_source", source_code=source, enabled=enabled, **place)
            tables.insert("inventory_source_stock_link", stock_id=stock_id, source_code=source, priority=1)
    for source, quantity, status in (("default", 5, 1), ("west", 10, 1), ("east", 3, 0), ("closed", 99, 1)):
        row = {"source_code": source, "sku": "A", "quantity": quantity, "status": status}
        tables.insert("inventory_source_item", **row)
    for quantity in (-4, -1, 1):
        tables.insert("inventory_reservation", stock_id=2, sku="A", quantity=quantity, metadata="{}")
    tables.insert("inventory_stock_2", sku="A", quantity=10, is_salable=1)
    return tables


def test_a_stock_sells_what_its_enabled_sources_have_in_stock_less_what_is_kept_and_reserved(shop: Tables) -> None:
    default, europe = SalableStock(shop.session).salable(("default", "west"), ("A", "unknown"))

    assert europe == Salable(
        stock_id=2,
        sku="A",
        on_hand=Decimal(10),
        hidden=Decimal(3),
        reserved=Decimal(-4),
        least=Decimal(2),
        backorders=True,
        managed=None,
        indexed=Decimal(10),
        is_salable=True,
    )
    assert europe.quantity == 4
    assert (default.stock_id, default.quantity, default.indexed) == (1, Decimal(3), Decimal(5))
    assert default.is_salable


def test_what_was_found_of_a_sku_is_closed_when_it_is_found_no_more(shop: Tables) -> None:
    store = SalableStock(shop.session)
    (seen,) = store.salable(("west",), ("A",))
    behind = replace(seen, indexed=Decimal(1), hidden=Decimal(0))
    other = replace(behind, sku="B")

    new = store.settle(ERP, ["A", "B"], [*_found(behind), *_found(other)])
    before = store.doubtful(ERP, 5)
    again = store.settle(ERP, ["A"], _found(replace(behind, hidden=Decimal(3), indexed=Decimal(10))))

    assert (new, before) == (2, ["A", "B"])
    assert again == 1
    states = "SELECT kind, subject, state FROM {prefix}erp_finding ORDER BY kind, subject"
    assert shop.rows(states) == [
        ("stock_index_behind", "sku:A", "repaired"),
        ("stock_index_behind", "sku:B", "open"),
        ("stock_not_salable", "sku:A", "open"),
    ]


def _found(seen: Salable) -> list[Finding]:
    return differences(ERP, seen, backorders=False)
