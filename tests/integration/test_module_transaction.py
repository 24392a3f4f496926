"""The module's writer and observers in real transactions of a real server."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.lock_waits import wait_until_blocked
from tests.support.magento_shop import MagentoShop
from tests.support.obedient_shop import ObedientShop, StepFailedError
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

ORDER, OTHER_ORDER = 42, 43
TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


@pytest.fixture
def tables(database: Database) -> MagentoShop:
    """Magento's tables with two orders that were placed before the module came."""
    tables = MagentoShop(database)
    tables.place_order(ORDER)
    tables.place_order(OTHER_ORDER)
    return tables


@pytest.fixture
def shop(tables: MagentoShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


@pytest.fixture
def other_shop(tables: MagentoShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


def place(shop: ObedientShop, tables: MagentoShop, order_id: int) -> None:
    """Write an order's rows and let the module capture them, inside the open transaction."""
    for statement in tables.order_statements():
        bind = [order_id, f"{order_id:09d}"] if "increment_id" in statement else [order_id]
        shop.sql(statement.replace("%s", "?"), bind)
    shop.save_relations(order_id, state_before=None)


def orders_and_events(tables: MagentoShop, order_id: int) -> tuple[int, int]:
    orders = tables.rows("SELECT COUNT(*) FROM sales_order WHERE entity_id = %s", [order_id])
    events = tables.rows("SELECT COUNT(*) FROM erp_outbox WHERE aggregate_id = %s", [str(order_id)])
    return orders[0][0], events[0][0]


def test_a_commit_makes_the_order_and_its_event_visible_together(shop: ObedientShop, tables: MagentoShop) -> None:
    shop.do("begin")
    place(shop, tables, 100)
    assert orders_and_events(tables, 100) == (0, 0)

    shop.do("commit")

    assert orders_and_events(tables, 100) == (1, 1)
    assert tables.events() == [("OrderPlaced", "order:100")]


def test_a_rollback_leaves_neither_the_order_nor_its_event(shop: ObedientShop, tables: MagentoShop) -> None:
    shop.do("begin")
    place(shop, tables, 100)

    shop.do("rollback")

    assert orders_and_events(tables, 100) == (0, 0)


def test_an_event_written_in_a_nested_transaction_follows_the_outermost(
    shop: ObedientShop, tables: MagentoShop
) -> None:
    shop.do("begin")
    shop.do("begin")
    shop.save_relations(ORDER, state_before="new")
    shop.do("commit")
    assert tables.events() == []

    shop.do("rollback")

    assert tables.events() == []


def test_a_nested_rollback_poisons_the_transaction_that_holds_the_event(
    shop: ObedientShop, tables: MagentoShop
) -> None:
    shop.do("begin")
    shop.save_relations(ORDER, state_before="new")
    shop.do("begin")
    shop.do("rollback")

    with pytest.raises(StepFailedError, match="Rolled back transaction has not been completed correctly"):
        shop.do("commit")

    shop.do("rollback")
    assert tables.events() == []


def test_the_state_before_and_after_names_the_event(shop: ObedientShop, tables: MagentoShop) -> None:
    for state_before, state in ((None, "new"), ("new", "processing"), ("processing", "canceled")):
        shop.do("begin")
        shop.save_relations(ORDER, state_before=state_before, state=state)
        shop.do("commit")

    assert [kind for kind, _ in tables.events()] == ["OrderPlaced", "OrderUpdated", "OrderCancelled"]


def test_the_row_tells_the_payloads_own_id_time_and_length(shop: ObedientShop, tables: MagentoShop) -> None:
    shop.save_relations(ORDER, state_before="new")

    (row,) = tables.rows(
        "SELECT event_id, schema_version, aggregate_type, aggregate_id, store_id, origin, trace_parent,"
        " payload_bytes = LENGTH(payload), ABS(occurred_at_us / 1000000 - UNIX_TIMESTAMP()) < 60 FROM erp_outbox"
    )
    (trace,) = row[6:7]
    assert TRACE.fullmatch(trace)
    assert row == (tables.payloads()[0]["event_id"], 1, "order", "42", 1, "web", trace, 1, 1)


def test_events_of_one_request_belong_to_one_trace(shop: ObedientShop, tables: MagentoShop) -> None:
    shop.save_relations(ORDER, state_before="new")
    shop.save_relations(OTHER_ORDER, state_before="new")

    (traces,) = tables.rows("SELECT COUNT(*), COUNT(DISTINCT trace_parent) FROM erp_outbox")
    assert traces == (2, 1)


def test_many_events_at_once_are_written_in_the_order_given(shop: ObedientShop, tables: MagentoShop) -> None:
    skus = [f"SKU-{number}" for number in range(1200)]

    shop.do("begin")
    shop.do("append_stock_changes", skus=skus)
    shop.do("commit")

    assert [sku for (sku,) in tables.rows("SELECT aggregate_id FROM erp_outbox ORDER BY id")] == skus


def test_a_payload_that_the_servers_packet_cannot_take_is_written_without_its_facts(
    shop: ObedientShop, tables: MagentoShop
) -> None:
    ((packet,),) = tables.rows("SELECT @@max_allowed_packet")

    shop.do("begin")
    shop.save_relations(ORDER, state_before="new", customer_note="x" * (packet // 2))
    shop.do("commit")

    (payload,) = tables.payloads()
    assert payload["payload_error"].startswith("The payload has ")
    assert payload["known"] == {"increment_id": "000000042"}


def test_of_a_payment_leaves_what_di_xml_names_and_the_shops_settings_add(tables: MagentoShop) -> None:
    known = {"method_title": "Check", "psp_reference": "R-7", "pay_token": "secret"}
    tables.run("UPDATE sales_order_payment SET additional_information = %s", bind=[json.dumps(known)])
    added = {"erp_sidecar_outbox/payload/payment_keys": "psp_reference\r\n  merchant_account\r\n"}
    with ObedientShop(tables.database, config=added) as shop:
        shop.save_relations(ORDER, state_before="new")

    (payload,) = tables.payloads()
    assert payload["payment"]["additional_information"] == {"method_title": "Check", "psp_reference": "R-7"}


def test_a_family_that_is_off_writes_no_event_and_locks_nothing(tables: MagentoShop) -> None:
    off = {"erp_sidecar_outbox/families/sales": "0", "erp_sidecar_outbox/families/documents": "0"}
    with ObedientShop(tables.database, config=off) as shop:
        shop.do("begin")
        shop.begin_save_before("shipment", ORDER)()
        shop.save_relations(ORDER, state_before="new")
        tables.run("UPDATE sales_order SET status = 'free' WHERE entity_id = %s", bind=[ORDER])
        shop.do("commit")

    assert tables.events() == []


def test_the_payload_tells_what_the_tables_hold(shop: ObedientShop, tables: MagentoShop) -> None:
    shop.save_relations(ORDER, state_before="new", grand_total=24.630000000000003, can_send_new_email_flag=True)

    (payload,) = tables.payloads()
    assert payload["store"] == {"store_id": 1, "store_code": "de", "website_code": "eu", "group_code": "eu_group"}
    assert payload["order"]["grand_total"] == "24.6300"
    assert payload["order"]["customer_firstname"] == 'Jürgen "JJ"'
    assert payload["items"][0]["product_options"] == {"info_buyRequest": {"qty": "2.5"}}
    assert payload["addresses"]["billing"]["street"] == ["東京1丁目", "Apt 2"]
    assert payload["addresses"]["shipping"] is None
    assert payload["payment"]["additional_information"] == {"method_title": "Check"}
    assert payload["extra"]["order"] == {}
    assert "secret" not in str(payload)


def test_a_later_save_tells_the_orders_stored_taxes(shop: ObedientShop, tables: MagentoShop) -> None:
    tables.run(
        "INSERT INTO sales_order_tax (tax_id, order_id, code, percent, amount, priority, position, process)"
        " VALUES (7, 42, 'DE', 19, 3.13, 0, 0, 0)",
        "INSERT INTO sales_order_tax_item (tax_id, tax_percent, amount, base_amount, real_amount, real_base_amount,"
        " taxable_item_type) VALUES (7, 19, 3.13, 3.13, 3.13, 3.13, 'shipping')",
    )

    shop.save_relations(ORDER, state_before="new")

    (payload,) = tables.payloads()
    assert [(tax["code"], tax["amount"]) for tax in payload["taxes"]] == [("DE", "3.1300")]
    assert [(tax["tax_id"], tax["taxable_item_type"]) for tax in payload["tax_items"]] == [(7, "shipping")]


def test_a_table_prefix_is_honoured(database: Database) -> None:
    tables = MagentoShop(database, prefix="m2_")
    tables.place_order(ORDER)

    with ObedientShop(database, table_prefix="m2_") as shop:
        shop.save_relations(ORDER, state_before="new")

    assert tables.events() == [("OrderUpdated", "order:42")]


def test_a_missing_table_is_logged_with_the_order_and_the_order_commits(
    shop: ObedientShop, tables: MagentoShop
) -> None:
    tables.run("DROP TABLE erp_outbox")

    shop.do("begin")
    place(shop, tables, 100)
    shop.do("commit")

    assert tables.rows("SELECT COUNT(*) FROM sales_order WHERE entity_id = 100") == [(1,)]
    (entry,) = shop.do("log")
    assert entry["aggregate"] == "order:100"
    assert "setup:upgrade" in entry["what_to_do"]


# --- Order within a lane --------------------------------------------------------------------------


def test_a_second_change_of_an_order_waits_until_the_first_has_committed(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    waiting_id = other_shop.do("connection_id")
    shop.do("begin")
    other_shop.do("begin")
    shop.save_relations(ORDER, state_before="new", status="first")
    second = other_shop.begin_save_relations(ORDER, state_before="new", status="second")
    wait_until_blocked(tables.database, waiting_id)
    assert tables.events() == []

    shop.do("commit")
    second()
    other_shop.do("commit")

    assert [payload["order"]["status"] for payload in tables.payloads()] == ["first", "second"]


def test_changes_of_two_orders_do_not_wait_for_each_other(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    shop.do("begin")
    shop.save_relations(ORDER, state_before="new")

    other_shop.do("begin")
    other_shop.save_relations(OTHER_ORDER, state_before="new")
    other_shop.do("commit")

    assert tables.events() == [("OrderUpdated", "order:43")]
    shop.do("commit")


def test_two_parcels_of_one_order_at_once_both_succeed(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    waiting_id = other_shop.do("connection_id")
    shop.do("begin")
    other_shop.do("begin")
    shop.begin_save_before("shipment", ORDER)()
    second = other_shop.begin_save_before("shipment", ORDER)
    wait_until_blocked(tables.database, waiting_id)

    for parcel_shop, its_turn in ((shop, None), (other_shop, second)):
        if its_turn:
            its_turn()
        parcel_shop.sql("INSERT INTO sales_shipment (order_id) VALUES (?)", [ORDER])
        parcel_shop.save_relations(ORDER, state_before="processing")
        parcel_shop.do("commit")

    assert tables.rows("SELECT COUNT(*) FROM sales_shipment") == [(2,)]
    assert tables.events() == [("OrderUpdated", "order:42")] * 2


def test_without_the_lock_before_the_first_row_two_parcels_of_one_order_deadlock(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    waiting_id = shop.do("connection_id")
    for parcel_shop in (shop, other_shop):
        parcel_shop.do("begin")
        parcel_shop.sql("INSERT INTO sales_shipment (order_id) VALUES (?)", [ORDER])
    first = shop.begin_save_relations(ORDER, state_before="processing")
    wait_until_blocked(tables.database, waiting_id)
    second = other_shop.begin_save_relations(ORDER, state_before="processing")

    failures = []
    for answer in (second, first):
        try:
            answer()
        except StepFailedError as error:
            failures.append(error.code)

    assert failures == [1213]
