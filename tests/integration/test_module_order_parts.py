"""Changes of an order that Magento writes without saving the order: addresses, comments, payments, single columns."""

from collections.abc import Iterator

import pytest

from tests.support.event_schemas import told
from tests.support.lock_waits import wait_until_blocked
from tests.support.magento_shop import MagentoShop
from tests.support.obedient_shop import ObedientShop
from tests.support.sales_request import SalesRequest
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

ORDER = 42


@pytest.fixture
def tables(database: Database) -> MagentoShop:
    """Magento's tables with one order."""
    tables = MagentoShop(database)
    tables.place_order(ORDER)
    return tables


@pytest.fixture
def shop(tables: MagentoShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


@pytest.fixture
def other_shop(tables: MagentoShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


@pytest.fixture
def request_(shop: ObedientShop) -> SalesRequest:
    return SalesRequest(shop)


def id_of(tables: MagentoShop, table: str) -> int:
    ((row_id,),) = tables.rows(f"SELECT entity_id FROM {table} WHERE parent_id = %s", [ORDER])  # noqa: S608 -- our own names
    return int(row_id)


# --- Addresses and payments -----------------------------------------------------------------------


def test_an_edited_address_is_told_with_the_whole_order(request_: SalesRequest, tables: MagentoShop) -> None:
    address_id = id_of(tables, "sales_order_address")
    request_.shop.do("begin")
    row = {"parent_id": ORDER, "address_type": "billing"}
    request_.change_part("address", address_id, row, {"city": "Bonn"})
    request_.shop.do("commit")

    (payload,) = told(tables)
    assert payload["type"] == "OrderUpdated"
    assert payload["addresses"]["billing"]["city"] == "Bonn"
    assert payload["addresses"]["billing"]["street"] == ["東京1丁目", "Apt 2"]
    assert payload["order"]["grand_total"] == "24.6300"
    assert [item["sku"] for item in payload["items"]] == ["BOOK-7"]
    assert payload["payment"]["additional_information"] == {"method_title": "Check"}
    assert "secret" not in str(payload)


def test_an_address_made_from_a_requests_few_fields_is_told_whole(request_: SalesRequest, tables: MagentoShop) -> None:
    address_id = id_of(tables, "sales_order_address")
    address = request_.make("address", {"entity_id": address_id, "parent_id": ORDER, "city": "Bonn"})

    request_.hook("sales_order_address_save_before", address)
    request_.shop.sql("UPDATE sales_order_address SET city = 'Bonn'")
    request_.hook("sales_order_address_save_after", address)

    (payload,) = told(tables)
    assert payload["addresses"]["billing"]["city"] == "Bonn"
    assert payload["addresses"]["billing"]["country_id"] == "DE"


def test_parts_that_are_saved_with_their_order_raise_no_event_of_their_own(
    request_: SalesRequest, tables: MagentoShop
) -> None:
    order = request_.load_order(ORDER)
    request_.shop.do("begin")
    request_.set(order, status="packed")
    request_.hook("sales_order_save_before", order)
    for kind, row in (
        ("address", {"parent_id": ORDER, "address_type": "shipping"}),
        ("payment", {"parent_id": ORDER, "method": "checkmo"}),
        ("history", {"parent_id": ORDER, "comment": "Packed"}),
    ):
        request_.save_part(kind, row, order=order)
    request_.hook("sales_order_process_relation", order)
    request_.shop.do("commit")

    assert tables.events() == [("OrderUpdated", f"order:{ORDER}")]


def test_the_parts_of_a_new_order_stand_in_its_own_event(request_: SalesRequest, tables: MagentoShop) -> None:
    request_.shop.do("begin")
    order = request_.make("order", {"state": "new"})
    request_.hook("sales_order_save_before", order)
    for statement in tables.order_statements()[:2]:
        bind: list[object] = [100, "000000100"] if "increment_id" in statement else [100]
        request_.shop.sql(statement.replace("%s", "?"), bind)
    request_.set(order, entity_id=100)
    request_.save_part("address", {"parent_id": 100, "address_type": "billing"}, order=order)
    request_.save_part("payment", {"parent_id": 100, "method": "checkmo"}, order=order)
    request_.save_part("history", {"parent_id": 100, "comment": "Thanks"}, order=order)
    request_.hook("sales_order_save_attribute_after", order, attribute=["billing_address_id"])
    request_.shop.do("refresh", name=order)
    request_.hook("sales_order_process_relation", order)
    request_.shop.do("commit")

    (payload,) = told(tables)
    assert payload["type"] == "OrderPlaced"
    assert [line["comment"] for line in payload["status_history"]] == ["Thanks"]


def test_a_payment_that_is_saved_alone_is_told_with_the_whole_order(
    request_: SalesRequest, tables: MagentoShop
) -> None:
    payment_id = id_of(tables, "sales_order_payment")

    request_.change_part("payment", payment_id, {"parent_id": ORDER}, {"last_trans_id": "T-9"})

    (payload,) = told(tables)
    assert (payload["type"], payload["payment"]["last_trans_id"]) == ("OrderUpdated", "T-9")


def test_an_address_and_an_invoice_at_once_wait_for_each_other(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    waiting_id = other_shop.do("connection_id")
    address, order = SalesRequest(shop), SalesRequest(other_shop)
    name = order.load_order(ORDER)
    shop.do("begin")
    other_shop.do("begin")

    row = {"parent_id": ORDER, "address_type": "billing"}
    address.change_part("address", id_of(tables, "sales_order_address"), row, {"city": "Bonn"})
    wait = order.begin_hook("sales_order_save_before", name)
    wait_until_blocked(tables.database, waiting_id)
    shop.do("commit")
    wait()
    other_shop.sql("UPDATE sales_order_address SET city = 'Kiel'")
    order.hook("sales_order_process_relation", name)
    other_shop.do("commit")

    assert [kind for kind, _ in tables.events()] == ["OrderUpdated", "OrderUpdated"]


# --- Comments -------------------------------------------------------------------------------------


def test_a_comment_saved_alone_is_told_by_itself(request_: SalesRequest, tables: MagentoShop) -> None:
    request_.shop.do("begin")
    request_.save_part("history", {"parent_id": ORDER, "comment": "Grüße", "status": "pending"})
    request_.shop.do("commit")

    (payload,) = told(tables)
    assert payload["type"] == "OrderCommented"
    assert payload["comment"]["entity_id"] == id_of(tables, "sales_order_status_history")
    assert (payload["comment"]["comment"], payload["order"]["entity_id"]) == ("Grüße", ORDER)
    assert payload["comment"]["created_at"] is not None


def test_a_comment_on_the_failure_of_its_orders_save_is_told(request_: SalesRequest, tables: MagentoShop) -> None:
    order = request_.load_order(ORDER)
    request_.shop.do("begin")
    request_.hook("sales_order_save_before", order)
    request_.shop.do("rollback")

    request_.save_part("history", {"parent_id": ORDER, "comment": "Could not be packed"}, order=order)

    (payload,) = told(tables)
    assert (payload["type"], payload["comment"]["comment"]) == ("OrderCommented", "Could not be packed")


def test_two_comments_of_one_order_at_once_both_succeed(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    waiting_id = other_shop.do("connection_id")
    first, second = SalesRequest(shop), SalesRequest(other_shop)
    row = {"parent_id": ORDER, "comment": "Hello"}
    name = second.make("history", row)
    shop.do("begin")
    other_shop.do("begin")
    first.save_part("history", row)
    wait = second.begin_hook("sales_order_status_history_save_before", name)
    wait_until_blocked(tables.database, waiting_id)

    shop.do("commit")
    wait()
    second.set(name, entity_id=second.insert("sales_order_status_history", row))
    second.hook("sales_order_status_history_save_after", name)
    other_shop.do("commit")

    assert [kind for kind, _ in tables.events()] == ["OrderCommented"] * 2


# --- Single columns and orders that were never loaded ---------------------------------------------


def test_single_columns_that_say_something_are_told_with_the_whole_order(
    request_: SalesRequest, tables: MagentoShop
) -> None:
    order = request_.load_order(ORDER)
    request_.shop.do("begin")
    request_.set(order, ext_order_id="ERP-1")
    request_.shop.sql("UPDATE sales_order SET ext_order_id = 'ERP-1'")
    request_.hook("sales_order_save_attribute_after", order, attribute=["ext_order_id"])
    request_.shop.do("commit")

    (payload,) = told(tables)
    assert (payload["type"], payload["order"]["ext_order_id"]) == ("OrderUpdated", "ERP-1")


@pytest.mark.parametrize("columns", [["send_email", "email_sent"], ["shipping_address_id"]])
def test_columns_that_say_nothing_or_did_not_change_are_not_told(
    request_: SalesRequest, tables: MagentoShop, columns: list[str]
) -> None:
    order = request_.load_order(ORDER)
    request_.set(order, email_sent=1, send_email=1)

    request_.hook("sales_order_save_attribute_after", order, attribute=columns)

    assert tables.events() == []


def test_an_order_made_from_a_requests_few_fields_is_read_back(request_: SalesRequest, tables: MagentoShop) -> None:
    order = request_.make("order", {"entity_id": str(ORDER), "status": "packed"})
    request_.shop.do("begin")
    request_.hook("sales_order_save_before", order)
    request_.shop.sql("UPDATE sales_order SET status = 'packed'")
    request_.hook("sales_order_process_relation", order)
    request_.shop.do("commit")

    (payload,) = told(tables)
    assert payload["type"] == "OrderUpdated"
    assert (payload["order"]["status"], payload["order"]["increment_id"]) == ("packed", f"{ORDER:09d}")
    assert [item["sku"] for item in payload["items"]] == ["BOOK-7"]
    assert tables.rows("SELECT store_id FROM erp_outbox") == [(1,)]


@pytest.mark.parametrize(("before", "after"), [("processing", "holded"), ("holded", "processing")])
def test_holding_an_order_and_letting_it_go_are_told(
    request_: SalesRequest, tables: MagentoShop, before: str, after: str
) -> None:
    order = request_.load_order(ORDER, state=before)
    request_.shop.do("begin")
    request_.save_order(order, ORDER, state=after, status=after, hold_before_state=before)
    request_.shop.do("commit")

    (payload,) = told(tables)
    assert payload["type"] == "OrderUpdated"
    assert (payload["order"]["state"], payload["order"]["hold_before_state"]) == (after, before)
