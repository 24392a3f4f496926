"""What the module shows: the status command, and the ERP tab of an order's page, over a real server."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ops.embedded.programs import PROJECT
from tests.support.magento_shop import MagentoShop
from tests.support.obedient_shop import ObedientShop
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

ORDER, OTHER_ORDER = 42, 43
STATUS_RESOURCE = "ErpSidecar_Outbox::order_status"
PREFIX = "m2_"
SIDECAR_TABLES = ("erp_cursor", "erp_delivery", "erp_receipt", "erp_receipt_range", "erp_document")
STREAM = "INSERT INTO {prefix}erp_cursor (destination, stream, token, accounted_to, open_gaps, intents, started_after)"
WRITE_EVENT = (
    "INSERT INTO {prefix}erp_outbox (id, event_id, type, schema_version, lane, aggregate_type, aggregate_id,"
    " occurred_at_us, origin, payload_bytes, payload)"
    " VALUES (%s, UUID(), 'OrderUpdated', 1, %s, 'order', '1', %s, 'web', 2, '{{}}')"
)


@pytest.fixture
def tables(database: Database) -> MagentoShop:
    """Magento's tables with two orders, and a table prefix."""
    tables = MagentoShop(database, prefix=PREFIX)
    tables.place_order(ORDER)
    tables.place_order(OTHER_ORDER)
    return tables


@pytest.fixture
def shop(tables: MagentoShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database, table_prefix=PREFIX) as shop:
        yield shop


@pytest.fixture
def sidecar(tables: MagentoShop) -> MagentoShop:
    """The tables that `erp-sidecar schema apply` makes, with one destination that has begun at the beginning."""
    for table in SIDECAR_TABLES:
        statement = (PROJECT / "outbox_schema" / "tables" / f"{table}.sql").read_text(encoding="utf-8")
        tables.run(statement.replace("{prefix}", PREFIX).rstrip().rstrip(";"))
    write(tables, STREAM + " VALUES ('main-erp', 'documents', 1, 0, '[]', '[]', 0)")
    return tables


def write(tables: MagentoShop, statement: str, *values: object) -> None:
    tables.run(statement.format(prefix=PREFIX), bind=values)


def save(shop: ObedientShop, order_id: int, *, state_before: str | None = "new") -> None:
    shop.do("begin")
    shop.save_relations(order_id, state_before=state_before)
    shop.do("commit")


def report(shop: ObedientShop) -> tuple[int, dict[str, Any]]:
    answer = shop.do("status", options=["json"])
    return answer["exit"], json.loads(answer["printed"])


def tab(shop: ObedientShop, order_id: int = ORDER, *, allowed: bool = True) -> str:
    return str(shop.do("order_tab", order_id=order_id, allowed=[STATUS_RESOURCE] if allowed else []))


def test_the_command_tells_events_and_that_nobody_reads_them(shop: ObedientShop) -> None:
    save(shop, ORDER)
    save(shop, OTHER_ORDER)

    code, told = report(shop)

    assert code == 0
    assert (told["events"]["first_id"], told["events"]["last_id"]) == (1, 2)
    assert [connection["table"] for connection in told["connections"]] == ["m2_erp_outbox", "m2_erp_outbox"]
    assert told["families_off"] == []
    assert told["product_attributes"][:3] == ["sku", "name", "status"]
    assert told["payload_limit_bytes"] < told["max_allowed_packet"]
    assert "No sidecar reads this outbox" in told["what_to_do"][0]


def test_the_command_counts_what_each_destination_has_not_done(shop: ObedientShop, sidecar: MagentoShop) -> None:
    for _ in range(3):
        save(shop, ORDER)
    write(sidecar, "UPDATE {prefix}erp_cursor SET accounted_to = 2")
    write(
        sidecar,
        "INSERT INTO {prefix}erp_delivery (destination, outbox_id, stream, lane, state, fault)"
        " VALUES ('main-erp', 2, 'documents', 'order:42', 'parked', '')",
    )

    _, told = report(shop)

    assert told["destinations"] == [
        {"destination": "main-erp", "stream": "documents", "unread": 1, "unfinished": {"parked": 1}}
    ]
    assert told["what_to_do"] == []


def test_the_command_says_what_to_type_where_the_table_is_missing(tables: MagentoShop) -> None:
    write(tables, "DROP TABLE {prefix}erp_outbox")
    off = {"erp_sidecar_outbox/families/catalog": "0", "erp_sidecar_outbox/catalog/attributes": "sku, price"}
    with ObedientShop(tables.database, table_prefix=PREFIX, config=off) as shop:
        answer = shop.do("status", options=[])

    assert answer["exit"] == 1
    assert "resource sales: m2_erp_outbox is MISSING" in answer["printed"]
    assert "families that are off: catalog" in answer["printed"]
    assert "exported of products: sku, price" in answer["printed"]
    assert answer["printed"].endswith("so no event is written: run bin/magento setup:upgrade.\n")


def test_the_tab_shows_events_of_its_order_only_before_there_is_a_sidecar(shop: ObedientShop) -> None:
    save(shop, ORDER)
    save(shop, OTHER_ORDER)

    html = tab(shop)

    assert html.count("OrderUpdated") == 1
    assert "<td>1</td>" in html
    assert "No ERP has confirmed this order yet." in html


def test_the_tab_shows_the_state_of_each_event_and_the_erps_document(shop: ObedientShop, sidecar: MagentoShop) -> None:
    for _ in range(5):
        save(shop, ORDER)
    write(sidecar, STREAM + " VALUES ('4711', 'documents', 1, 4, '[]', '[]', 4)")
    write(
        sidecar,
        "INSERT INTO {prefix}erp_receipt (destination, outbox_id, outcome, actor)"
        " VALUES ('main-erp', 1, 'delivered', 'relay')",
    )
    write(
        sidecar,
        "INSERT INTO {prefix}erp_receipt_range (destination, first_id, last_id, holes, events, outcome, actor)"
        " VALUES ('main-erp', 2, 5, '[[4, 5]]', 2, 'unrouted', 'relay')",
    )
    write(
        sidecar,
        "INSERT INTO {prefix}erp_delivery (destination, outbox_id, stream, lane, state, fault)"
        " VALUES ('main-erp', 4, 'documents', 'order:42', 'parked', '<script>')",
    )
    write(
        sidecar,
        "INSERT INTO {prefix}erp_document (destination, entity_type, entity_id, external_ref, erp_id, erp_number,"
        " erp_status, revision, payload_sha256, blueprint_version)"
        " VALUES ('main-erp', 'order', 42, 'x', 'x', '<b>SO-7</b>', 'booked', 1, '', '1')",
    )

    html = tab(shop)

    states = ["delivered", "unrouted", "unrouted", "parked", "on its way"]
    assert [part.split("<")[0] for part in html.split("<div>main-erp: ")[1:]] == states
    late = ["before its start"] * 4 + ["on its way"]
    assert [part.split("<")[0] for part in html.split("<div>4711: ")[1:]] == late
    assert "<td>booked</td>" in html
    assert "&lt;b&gt;SO-7&lt;/b&gt;" in html
    assert "<script" not in html


def test_the_tab_finds_an_order_among_many_others(shop: ObedientShop, sidecar: MagentoShop) -> None:
    """Events long before the order, its own, events of others; one that is unfinished is found anywhere."""
    hour, placed_at = 3_600_000_000, 1_714_550_400_000_000
    write(sidecar, "UPDATE {prefix}sales_order SET created_at = '2024-05-01 08:00:00' WHERE entity_id = %s", ORDER)
    for first_id, lane, occurred_at in (
        (1, "order:42", placed_at - hour),
        (2, "order:1", placed_at - hour),
        (30_000, "order:42", placed_at),
        (30_001, "order:43", placed_at + 1),
        (49_999, "order:42", placed_at + hour),
        (60_000, "order:42", placed_at + 24 * hour),
        (60_001, "order:42", placed_at + 24 * hour),
        (90_000, "order:42", placed_at + 48 * hour),
        (90_001, "order:43", placed_at + 48 * hour),
    ):
        write(sidecar, WRITE_EVENT, first_id, lane, occurred_at)
    write(
        sidecar,
        "INSERT INTO {prefix}erp_delivery (destination, outbox_id, stream, lane, state, fault)"
        " VALUES ('main-erp', 60001, 'documents', 'order:42', 'waiting', '')",
    )

    html = tab(shop)

    assert re.findall(r"<td>(\d+)</td>", html) == ["30000", "49999", "60001", "90000"]


def test_nobody_sees_the_tab_without_the_right_to(shop: ObedientShop) -> None:
    save(shop, ORDER)

    assert tab(shop, allowed=False) == ""


def test_an_order_that_is_not_there_has_no_events(shop: ObedientShop) -> None:
    assert "No events of this order were found." in tab(shop, 4711)


def test_the_setting_offers_the_shops_integrations_by_name(shop: ObedientShop, tables: MagentoShop) -> None:
    write(tables, "CREATE TABLE {prefix}integration (integration_id INT PRIMARY KEY, name VARCHAR(255))")
    write(tables, "INSERT INTO {prefix}integration VALUES (7, 'Warehouse'), (9, 'ERP')")

    assert shop.do("integrations") == [
        {"value": "9", "label": "ERP (9)"},
        {"value": "7", "label": "Warehouse (7)"},
    ]
