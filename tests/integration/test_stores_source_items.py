"""Magento's source items, read source by source in constant memory, whatever the table holds besides."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from sidecar.domain.stock_feed import SourceItem
from sidecar.mysql.source_items import SourceItemRows, SourceLink
from tests.support.stores import PREFIX, Tables


@pytest.fixture
def shop(tables: Tables) -> Tables:
    """Three sources with three SKUs each, and two stocks."""
    tables.insert("inventory_stock", stock_id=1, name="Default")
    tables.insert("inventory_stock", stock_id=2, name="Europe")
    for source in ("east", "south", "west"):
        tables.insert("inventory_source", source_code=source, name=source, country_id="DE", postcode="1")
        for number, sku in enumerate(("A", "B", "C"), start=1):
            row = {"source_code": source, "sku": sku, "quantity": f"{number}.5", "status": number % 2}
            tables.insert("inventory_source_item", **row)
    tables.insert("inventory_source_stock_link", stock_id=2, source_code="west", priority=2)
    tables.insert("inventory_source_stock_link", stock_id=2, source_code="east", priority=1)
    return tables


def test_pages_of_several_sources_follow_each_other_without_a_gap_or_a_repetition(shop: Tables) -> None:
    rows = SourceItemRows(shop.session)
    seen: list[SourceItem] = []
    after = ("", "")

    while page := rows.items(("west", "east"), after, 2):
        assert len(page) <= 2
        seen += page
        after = (page[-1].source, page[-1].sku)

    assert [(item.source, item.sku) for item in seen] == [
        (source, sku) for source in ("west", "east") for sku in ("A", "B", "C")
    ]
    assert seen[1] == SourceItem("west", "B", Decimal("2.5"), in_stock=False)


def test_rows_of_some_skus_come_as_magento_spells_them(shop: Tables) -> None:
    rows = SourceItemRows(shop.session)

    found = rows.items_of(("west", "nowhere"), ("a", "C", "unknown"))

    assert [(item.sku, item.quantity) for item in sorted(found, key=lambda item: item.sku)] == [
        ("A", Decimal("1.5")),
        ("C", Decimal("3.5")),
    ]
    assert rows.items_of(("west",), ()) == []


def test_a_stock_takes_from_its_sources_in_the_order_of_their_priority(shop: Tables) -> None:
    shop.run("UPDATE {prefix}inventory_source SET enabled = 0 WHERE source_code = 'west'")

    links = SourceItemRows(shop.session).links(("west", "east", "south"))

    assert links == [SourceLink(2, "east", 1, is_enabled=True), SourceLink(2, "west", 2, is_enabled=False)]


@pytest.mark.parametrize("name", ["items_page", "items_of"])
def test_source_items_are_found_by_a_key_and_never_sorted(shop: Tables, name: str) -> None:
    values = [(source, f"SKU-{number:04}", 5) for source in ("east", "west") for number in range(400)]
    marks = ", ".join(["(%s, %s, %s)"] * len(values))
    insert = f"INSERT INTO {PREFIX}inventory_source_item (source_code, sku, quantity) VALUES {marks}"  # noqa: S608 -- ours
    shop.run(insert, *(field for row in values for field in row))
    shop.run("ANALYZE TABLE {prefix}inventory_source_item")
    sql = shop.session.statements("source_items")[name].text
    binds = {"source": "west", "after": "SKU-0100", "limit": 50}
    if name == "items_of":
        binds = {}
        sql = sql.replace("IN :sources", "IN ('east', 'west')").replace("IN :skus", "IN ('SKU-0001', 'SKU-0002')")

    (plan,) = shop.session.rows(text(f"EXPLAIN FORMAT=TRADITIONAL {sql}").bindparams(**binds), **binds)

    assert plan["type"] == "range"
    assert plan["key"] in ("source_code", "sku")
    assert int(plan["rows"]) <= 400
    assert "filesort" not in (plan["Extra"] or "")
