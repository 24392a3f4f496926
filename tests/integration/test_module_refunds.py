"""Credit memos and payment transactions: what is refunded, what goes back to stock, what the provider said."""

from collections.abc import Iterator

import pytest

from tests.support.event_schemas import told
from tests.support.magento_shop import MagentoShop
from tests.support.obedient_shop import ObedientShop
from tests.support.sales_request import SalesRequest
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

ORDER = 42
CREDITMEMO = {
    "order_id": ORDER,
    "store_id": 1,
    "increment_id": "000000003",
    "state": 2,
    "invoice_id": 5,
    "subtotal": "16.5000",
    "base_subtotal": "15.2300",
    "adjustment": "0.8200",
    "adjustment_positive": "1.6300",
    "adjustment_negative": "0.8100",
    "base_adjustment": "0.7500",
    "grand_total": "17.3200",
    "base_grand_total": "15.9800",
}
CAPTURE = {"order_id": ORDER, "txn_type": "capture", "txn_id": "CAP-1", "is_closed": 0}


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
def request_(shop: ObedientShop) -> SalesRequest:
    return SalesRequest(shop)


def order_item(tables: MagentoShop) -> int:
    ((item_id,),) = tables.rows("SELECT item_id FROM sales_order_item WHERE order_id = %s", [ORDER])
    return int(item_id)


def refund(request_: SalesRequest, tables: MagentoShop, *, return_to_stock: list[int] | None = None) -> str:
    """Refund in Magento's order: the order's rows first, then the credit memo's. Over REST where it returns items."""
    item = {"order_item_id": order_item(tables), "sku": "BOOK-7", "qty": "1.0000", "row_total": "16.5000"}
    request_.shop.do("begin")
    order = request_.load_order(ORDER, state="complete")
    if return_to_stock is None:
        creditmemo = request_.make("creditmemo", CREDITMEMO, order=order)
    else:
        creditmemo = request_.make_requested_creditmemo(order, return_to_stock, CREDITMEMO)
    request_.hook("sales_order_creditmemo_save_before", creditmemo)
    request_.save_order(order, ORDER, state="closed")
    request_.write_document("creditmemo", creditmemo, CREDITMEMO, [item], {})
    request_.hook("sales_order_creditmemo_process_relation", creditmemo)
    request_.shop.do("commit")
    return creditmemo


def test_a_credit_memo_is_told_with_its_adjustments_in_both_currencies(
    request_: SalesRequest, tables: MagentoShop
) -> None:
    refund(request_, tables)

    updated, payload = told(tables)
    assert [updated["type"], payload["type"]] == ["OrderUpdated", "CreditmemoCreated"]
    memo = payload["creditmemo"]
    assert (memo["adjustment_positive"], memo["adjustment_negative"]) == ("1.6300", "0.8100")
    assert (memo["grand_total"], memo["base_grand_total"]) == ("17.3200", "15.9800")
    assert memo["invoice_id"] == 5
    assert [(item["role"], item["back_to_stock"]) for item in payload["items"]] == [("both", False)]


def test_what_a_web_api_request_wants_back_in_stock_is_told(request_: SalesRequest, tables: MagentoShop) -> None:
    refund(request_, tables, return_to_stock=[order_item(tables)])

    assert [item["back_to_stock"] for item in told(tables)[-1]["items"]] == [True]


def test_a_web_api_request_that_wants_nothing_back_is_told_so(request_: SalesRequest, tables: MagentoShop) -> None:
    refund(request_, tables, return_to_stock=[])

    assert [item["back_to_stock"] for item in told(tables)[-1]["items"]] == [False]


def test_a_shop_that_returns_everything_to_stock_is_told_so(tables: MagentoShop) -> None:
    with ObedientShop(tables.database, config={"cataloginventory/item_options/auto_return": "1"}) as shop:
        refund(SalesRequest(shop), tables)

    assert [item["back_to_stock"] for item in told(tables)[-1]["items"]] == [True]


def test_a_credit_memo_saved_again_does_not_guess_what_went_back_to_stock(
    request_: SalesRequest, tables: MagentoShop
) -> None:
    creditmemo = refund(request_, tables)

    request_.hook("sales_order_creditmemo_save_before", creditmemo)
    request_.hook("sales_order_creditmemo_process_relation", creditmemo)

    payload = told(tables)[-1]
    assert payload["type"] == "CreditmemoUpdated"
    assert [item["back_to_stock"] for item in payload["items"]] == [None]


# --- Payment transactions -------------------------------------------------------------------------


@pytest.fixture
def payment_id(tables: MagentoShop) -> int:
    ((payment_id,),) = tables.rows("SELECT entity_id FROM sales_order_payment WHERE parent_id = %s", [ORDER])
    return int(payment_id)


def test_a_capture_is_told_once_and_its_closing_as_a_save(
    request_: SalesRequest, tables: MagentoShop, payment_id: int
) -> None:
    row = CAPTURE | {"payment_id": payment_id}
    secret = '{"raw_details_info":{"card_token":"secret"},"method_title":"Card"}'
    request_.shop.do("begin")
    request_.save_part("transaction", row, more={"additional_information": secret})
    request_.shop.do("commit")
    ((transaction_id,),) = tables.rows("SELECT transaction_id FROM sales_payment_transaction")
    request_.change_part("transaction", transaction_id, row, {"is_closed": 1})

    captured, closed = told(tables)
    assert [captured["type"], closed["type"]] == ["PaymentCaptured", "PaymentTransactionSaved"]
    assert captured["transaction"]["transaction_id"] == transaction_id
    assert captured["transaction"]["additional_information"] == {"method_title": "Card"}
    assert (captured["transaction"]["is_closed"], closed["transaction"]["is_closed"]) == (0, 1)
    assert captured["order"]["increment_id"] == f"{ORDER:09d}"
    assert "secret" not in str(captured)


def test_an_authorisation_is_told_as_a_transaction(
    request_: SalesRequest, tables: MagentoShop, payment_id: int
) -> None:
    request_.save_part("transaction", CAPTURE | {"payment_id": payment_id, "txn_type": "authorization"})

    (payload,) = told(tables)
    assert (payload["type"], payload["transaction"]["txn_type"]) == ("PaymentTransactionSaved", "authorization")


def test_a_payment_captured_with_its_order_is_told_after_it(request_: SalesRequest, tables: MagentoShop) -> None:
    request_.shop.do("begin")
    order = request_.make("order", {"state": "processing"})
    request_.hook("sales_order_save_before", order)
    for statement in tables.order_statements():
        bind: list[object] = [100, "000000100"] if "increment_id" in statement else [100]
        request_.shop.sql(statement.replace("%s", "?"), bind)
    payment = int(request_.shop.do("insert_id"))
    request_.set(order, entity_id=100)
    request_.shop.do("refresh", name=order)
    request_.save_part("transaction", CAPTURE | {"order_id": 100, "payment_id": payment}, order=order)
    request_.hook("sales_order_process_relation", order)
    request_.shop.do("commit")

    placed, captured = told(tables)
    assert [placed["type"], captured["type"]] == ["OrderPlaced", "PaymentCaptured"]
    assert placed["event_id"] < captured["event_id"]
    assert captured["store"]["store_code"] == "de"
