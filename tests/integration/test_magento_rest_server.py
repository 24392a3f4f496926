"""The server that stands for Magento's REST does what Magento's services do, and is no kinder than they are."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.support.declared_schema import declared_table
from tests.support.magento_rest import RESOURCES, MagentoRest
from tests.support.servers import Database
from tests.support.shop import Shop

pytestmark = [pytest.mark.needs_php, pytest.mark.slow]

ORDER = 42
FIRST, SECOND = ORDER * 10 + 1, ORDER * 10 + 2
UNAUTHORIZED = "The consumer isn't authorized to access %resources."


@pytest.fixture
def shop(database: Database) -> Shop:
    """A shop with one order of two lines of two pieces, paid by check."""
    shop = Shop(database)
    shop.execute(declared_table("erp_outbox"))
    shop.place(ORDER)
    return shop


def post(magento: MagentoRest, path: str, body: Mapping[str, object] | None = None) -> tuple[int, Any]:
    """Call as a client would that knows nothing of this project."""
    answer = httpx.post(
        f"{magento.base_url}/rest/V1/{path}", json=body, headers={"Authorization": f"Bearer {magento.token}"}
    )
    is_json = answer.headers["content-type"].startswith("application/json")
    return answer.status_code, json.loads(answer.content) if is_json else answer.text


def items(quantities: Mapping[int, float]) -> list[dict[str, float]]:
    return [{"order_item_id": item, "qty": quantity} for item, quantity in quantities.items()]


def stock(shop: Shop, **sources: int) -> None:
    """Sources with so many pieces of both SKUs."""
    for source, quantity in sources.items():
        shop.execute(
            "INSERT INTO inventory_source (source_code, name, country_id, postcode) VALUES (%s, %s, 'DE', '1')",
            source,
            source,
        )
        for sku in ("sku-1", "sku-2"):
            shop.execute(
                "INSERT INTO inventory_source_item (source_code, sku, quantity, status) VALUES (%s, %s, %s, 1)",
                source,
                sku,
                quantity,
            )


def events(shop: Shop) -> list[tuple[str, str]]:
    rows = shop.rows("SELECT type, origin FROM erp_outbox WHERE type <> 'OrderPlaced' ORDER BY id")
    return [(kind, origin) for kind, origin in rows]


def state(shop: Shop) -> str:
    return str(shop.rows("SELECT state FROM sales_order WHERE entity_id = %s", ORDER)[0][0])


def test_a_shipment_is_written_with_its_stock_its_tracks_and_its_event(shop: Shop, magento: MagentoRest) -> None:
    stock(shop, west=10, east=5)

    status, shipment = post(
        magento,
        f"order/{ORDER}/ship",
        {
            "items": items({FIRST: 2}),
            "comment": {"comment": "delivery 8000123", "is_visible_on_front": 0},
            "tracks": [{"track_number": "1Z9", "title": "UPS", "carrier_code": "ups"}],
            "arguments": {"extension_attributes": {"source_code": "east"}},
        },
    )

    assert (status, shipment) == (200, "1")
    assert shop.rows("SELECT order_item_id, qty FROM sales_shipment_item") == [(FIRST, Decimal(2))]
    assert shop.rows("SELECT qty_shipped FROM sales_order_item WHERE item_id = %s", FIRST) == [(Decimal(2),)]
    assert shop.rows("SELECT comment FROM sales_shipment_comment") == [("delivery 8000123",)]
    assert shop.rows("SELECT track_number FROM sales_shipment_track") == [("1Z9",)]
    assert shop.rows("SELECT source_code FROM inventory_shipment_source") == [("east",)]
    assert shop.rows("SELECT quantity FROM inventory_source_item WHERE sku = 'sku-1' ORDER BY source_code") == [
        (Decimal(3),),
        (Decimal(10),),
    ]
    assert shop.rows("SELECT sku, quantity FROM inventory_reservation") == [("sku-1", Decimal(2))]
    assert state(shop) == "processing"
    assert [kind for kind, _ in events(shop)] == [
        "InventoryAdjusted",
        "InventoryReserved",
        "ShipmentCreated",
        "OrderUpdated",
    ]


def test_a_shipment_of_more_than_is_left_is_cut_to_what_is_left(shop: Shop, magento: MagentoRest) -> None:
    first = post(magento, f"order/{ORDER}/ship", {"items": items({FIRST: 5})})
    second = post(magento, f"order/{ORDER}/ship", {"items": items({FIRST: 1})})

    assert first == (200, "1")
    assert shop.rows("SELECT qty FROM sales_shipment_item") == [(Decimal(2),)]
    message = "Shipment Document Validation Error(s):\nYou can't create a shipment without products."
    assert second == (400, {"message": message})


def test_a_shipment_that_its_source_cannot_cover_leaves_nothing_and_says_little(
    shop: Shop, magento: MagentoRest
) -> None:
    stock(shop, west=1, east=5)
    body = {"items": items({FIRST: 2}), "arguments": {"extension_attributes": {"source_code": "west"}}}

    answer = post(magento, f"order/{ORDER}/ship", body)

    assert answer == (400, {"message": "Could not save a shipment, see error log for details"})
    assert shop.rows("SELECT COUNT(*) FROM sales_shipment") == [(0,)]
    assert events(shop) == []


def test_a_shipment_that_names_no_source_of_several_is_an_internal_error(shop: Shop, magento: MagentoRest) -> None:
    stock(shop, west=5, east=5)

    status, answer = post(magento, f"order/{ORDER}/ship", {"items": items({FIRST: 2})})

    assert status == 500
    assert answer["message"].startswith("Internal Error. Details are available in Magento log file. Report ID: webapi-")
    assert shop.rows("SELECT COUNT(*) FROM sales_shipment") == [(0,)]


@pytest.mark.usefixtures("shop")
def test_half_a_piece_cannot_be_shipped(magento: MagentoRest) -> None:
    status, answer = post(magento, f"order/{ORDER}/ship", {"items": items({FIRST: 0.5})})

    assert (status, "without products" in answer["message"]) == (400, True)


def test_the_same_call_twice_makes_two_documents(shop: Shop, magento: MagentoRest) -> None:
    answers = [post(magento, f"order/{ORDER}/ship", {"items": items({FIRST: 1})}) for _ in range(2)]

    assert answers == [(200, "1"), (200, "2")]
    assert shop.rows("SELECT COUNT(*) FROM sales_shipment") == [(2,)]


def test_invoices_share_the_orders_amounts_and_the_first_takes_the_shipping(shop: Shop, magento: MagentoRest) -> None:
    post(magento, f"order/{ORDER}/invoice", {"items": items({FIRST: 1})})
    post(magento, f"order/{ORDER}/invoice", {})

    assert shop.rows("SELECT subtotal, shipping_amount, grand_total, state FROM sales_invoice ORDER BY entity_id") == [
        (Decimal(5), Decimal(5), Decimal(10), 2),
        (Decimal(25), None, Decimal(25), 2),
    ]
    assert shop.rows("SELECT total_invoiced, total_paid, total_due FROM sales_order") == [
        (Decimal(35), Decimal(35), Decimal(0))
    ]


def test_an_invoice_without_capture_is_paid_though_no_money_moved(shop: Shop, magento: MagentoRest) -> None:
    shop.place(43, method="authorizenet")

    post(magento, "order/43/invoice", {"capture": False})

    assert shop.rows("SELECT state FROM sales_invoice") == [(2,)]
    assert magento.money() == []


def test_an_invoice_with_capture_takes_the_money_at_the_provider(shop: Shop, magento: MagentoRest) -> None:
    shop.place(43, method="authorizenet")

    post(magento, "order/43/invoice", {"capture": True})

    assert magento.money() == [("capture", 43, Decimal(35))]
    assert ("PaymentCaptured", "rest") in events(shop)


def test_a_declined_capture_leaves_no_invoice(shop: Shop, magento: MagentoRest) -> None:
    shop.place(43, method="authorizenet")
    magento.fail_next("gateway_declines", on="invoice")

    answer = post(magento, "order/43/invoice", {"capture": True})

    assert answer == (400, {"message": "Could not save an invoice, see error log for details"})
    assert shop.rows("SELECT COUNT(*) FROM sales_invoice") == [(0,)]


def test_an_order_shipped_and_invoiced_in_full_is_complete_and_refunded_in_full_closed(
    shop: Shop, magento: MagentoRest
) -> None:
    post(magento, f"order/{ORDER}/invoice", {})
    post(magento, f"order/{ORDER}/ship", {})
    complete = state(shop)

    status, memo = post(magento, f"order/{ORDER}/refund", {})

    assert (complete, status, memo, state(shop)) == ("complete", 200, "1", "closed")
    assert shop.rows("SELECT grand_total, shipping_amount FROM sales_creditmemo") == [(Decimal(35), Decimal(5))]


def test_a_credit_memo_takes_adjustments_and_the_shipping_it_is_told(shop: Shop, magento: MagentoRest) -> None:
    post(magento, f"order/{ORDER}/invoice", {})
    arguments = {"shipping_amount": 2, "adjustment_positive": 1.5, "adjustment_negative": 0.25}

    post(magento, f"order/{ORDER}/refund", {"items": items({FIRST: 1}), "arguments": arguments})

    assert shop.rows("SELECT subtotal, shipping_amount, adjustment, grand_total FROM sales_creditmemo") == [
        (Decimal(5), Decimal(2), Decimal("1.25"), Decimal("8.25"))
    ]


@pytest.mark.usefixtures("shop")
def test_more_than_was_invoiced_cannot_be_refunded(magento: MagentoRest) -> None:
    post(magento, f"order/{ORDER}/invoice", {"items": items({FIRST: 1})})

    status, answer = post(magento, f"order/{ORDER}/refund", {"items": items({FIRST: 2})})

    assert status == 400
    assert "The quantity to refund must not be greater than the unrefunded quantity." in answer["message"]


@pytest.mark.usefixtures("shop")
def test_more_shipping_than_is_left_cannot_be_refunded(magento: MagentoRest) -> None:
    post(magento, f"order/{ORDER}/invoice", {})

    answer = post(magento, f"order/{ORDER}/refund", {"arguments": {"shipping_amount": 9}})

    message = {"message": "Maximum shipping amount allowed to refund is: %1", "parameters": ["5.00"]}
    assert answer == (400, message)


@pytest.mark.usefixtures("shop")
def test_an_invoice_of_an_offline_method_cannot_be_refunded(magento: MagentoRest) -> None:
    post(magento, f"order/{ORDER}/invoice", {})

    status, answer = post(magento, "invoice/1/refund", {"isOnline": True})

    assert (status, "We can't create creditmemo for the invoice." in answer["message"]) == (400, True)


def test_a_refund_that_fails_after_the_provider_was_asked_has_given_the_money_away(
    shop: Shop, magento: MagentoRest
) -> None:
    shop.place(43, method="authorizenet")
    post(magento, "order/43/invoice", {"capture": True})
    magento.fail_next("save_fails", on="refund_invoice")

    answer = post(magento, "invoice/1/refund", {"isOnline": True})

    assert answer == (400, {"message": "Could not save a Creditmemo, see error log for details"})
    assert shop.rows("SELECT COUNT(*) FROM sales_creditmemo") == [(0,)]
    assert magento.money() == [("capture", 43, Decimal(35)), ("refund", 43, Decimal(35))]


def test_what_was_shipped_comes_back_to_its_source_only_where_the_request_says_so(
    shop: Shop, magento: MagentoRest
) -> None:
    stock(shop, west=10)
    post(magento, f"order/{ORDER}/invoice", {})
    post(magento, f"order/{ORDER}/ship", {})
    back = {"extension_attributes": {"return_to_stock_items": [FIRST]}}

    post(magento, f"order/{ORDER}/refund", {"items": items({FIRST: 2, SECOND: 1}), "arguments": back})

    assert shop.rows("SELECT sku, quantity FROM inventory_source_item ORDER BY sku") == [
        ("sku-1", Decimal(10)),
        ("sku-2", Decimal(8)),
    ]


def test_an_order_is_cancelled_once_and_its_stock_is_free_again(shop: Shop, magento: MagentoRest) -> None:
    stock(shop, west=10)

    answers = [post(magento, f"orders/{ORDER}/cancel") for _ in range(2)]

    assert answers == [(200, True), (200, False)]
    assert state(shop) == "canceled"
    assert shop.rows("SELECT SUM(quantity) FROM inventory_reservation") == [(Decimal(4),)]
    assert events(shop)[-1][0] == "OrderCancelled"


@pytest.mark.usefixtures("shop")
def test_who_may_not_ship_is_told_what_is_missing(magento: MagentoRest) -> None:
    magento.allow(*[resource for resource in RESOURCES if resource != "Magento_Sales::ship"])

    answer = post(magento, f"order/{ORDER}/ship", {})

    assert answer == (401, {"message": UNAUTHORIZED, "parameters": {"resources": "Magento_Sales::ship"}})


def test_a_shop_that_takes_no_integrations_token_from_a_bearer_says_the_same(shop: Shop, magento: MagentoRest) -> None:
    magento.change(bearer=False)

    status, answer = post(magento, f"order/{ORDER}/ship", {})

    assert (status, answer["message"]) == (401, UNAUTHORIZED)
    assert shop.rows("SELECT COUNT(*) FROM sales_shipment") == [(0,)]
