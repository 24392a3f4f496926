"""Invoices, shipments and tracks: each is told once, whole, in its own transaction and in its order's lane."""

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
INVOICE = {
    "order_id": ORDER,
    "store_id": 1,
    "increment_id": "000000007",
    "state": 2,
    "subtotal": "16.5000",
    "base_subtotal": "15.2300",
    "grand_total": "24.6300",
    "base_grand_total": "22.7300",
    "order_currency_code": "EUR",
    "base_currency_code": "USD",
}
SHIPMENT = {"order_id": ORDER, "store_id": 1, "increment_id": "000000008", "total_qty": "2.5000"}
TRACK = {"order_id": ORDER, "track_number": "1Z9", "carrier_code": "ups", "title": "UPS"}


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


def an_item(tables: MagentoShop, **changes: object) -> dict[str, object]:
    """A document's item of the order's one item."""
    ((item_id,),) = tables.rows("SELECT item_id FROM sales_order_item WHERE order_id = %s", [ORDER])
    return {"order_item_id": item_id, "sku": "BOOK-7", "name": "Buch", "qty": "2.5000", "price": "6.6000"} | changes


def types(tables: MagentoShop) -> list[str]:
    return [kind for kind, lane in tables.events() if lane == f"order:{ORDER}"]


def test_an_invoice_is_told_with_its_rows_and_ids(request_: SalesRequest, tables: MagentoShop) -> None:
    weee = '[{"title":"Eco","base_amount":0.5,"amount":0.54}]'
    item = an_item(tables, row_total="16.5000", base_row_total="15.2300", weee_tax_applied=weee)

    request_.shop.do("begin")
    order = request_.load_order(ORDER)
    request_.create_document(
        "invoice", order, INVOICE, [item], comment=[{"comment": "Danke", "is_visible_on_front": 1}]
    )
    assert tables.events() == []
    request_.shop.do("commit")

    (payload,) = told(tables)
    ((invoice_id, item_id),) = tables.rows(
        "SELECT i.entity_id, l.entity_id FROM sales_invoice i JOIN sales_invoice_item l ON l.parent_id = i.entity_id"
    )
    assert types(tables) == ["InvoiceCreated"]
    assert payload["invoice"]["entity_id"] == invoice_id
    assert payload["invoice"]["base_grand_total"] == "22.7300"
    assert payload["order"]["increment_id"] == f"{ORDER:09d}"
    assert payload["store"]["website_code"] == "eu"
    (line,) = payload["items"]
    assert (line["entity_id"], line["role"], line["qty"]) == (item_id, "both", "2.5000")
    assert line["weee_tax_applied"] == [{"title": "Eco", "base_amount": "0.5", "amount": "0.54"}]
    assert [comment["comment"] for comment in payload["comments"]] == ["Danke"]
    assert payload["payment"]["additional_information"] == {"method_title": "Check"}
    assert "secret" not in str(payload)


def test_a_rolled_back_invoice_leaves_no_event(request_: SalesRequest, tables: MagentoShop) -> None:
    request_.shop.do("begin")
    request_.create_document("invoice", request_.load_order(ORDER), INVOICE, [an_item(tables)])
    request_.shop.do("rollback")

    assert tables.events() == []
    assert tables.rows("SELECT COUNT(*) FROM sales_invoice") == [(0,)]


def test_the_same_invoice_saved_twice_is_created_once_and_then_updated(
    request_: SalesRequest, tables: MagentoShop
) -> None:
    request_.shop.do("begin")
    invoice = request_.create_document("invoice", request_.load_order(ORDER), INVOICE | {"state": 1}, [an_item(tables)])
    request_.hook("sales_order_invoice_save_before", invoice)
    request_.set(invoice, state=2)
    request_.shop.sql("UPDATE sales_invoice SET state = 2")
    request_.hook("sales_order_invoice_process_relation", invoice)
    request_.shop.do("commit")

    assert types(tables) == ["InvoiceCreated", "InvoiceUpdated"]
    assert [payload["invoice"]["state"] for payload in told(tables)] == [1, 2]


def test_a_loaded_invoice_is_updated(request_: SalesRequest, tables: MagentoShop) -> None:
    invoice_id = request_.insert("sales_invoice", INVOICE)
    held = {**INVOICE, "entity_id": invoice_id}
    invoice = request_.make("invoice", held, orig=held, order=request_.load_order(ORDER))

    request_.hook("sales_order_invoice_save_before", invoice)
    request_.hook("sales_order_invoice_process_relation", invoice)

    assert types(tables) == ["InvoiceUpdated"]


def test_an_invoice_made_from_a_requests_few_fields_is_read_back(request_: SalesRequest, tables: MagentoShop) -> None:
    invoice_id = request_.insert("sales_invoice", INVOICE)
    few = {"entity_id": invoice_id, "order_id": ORDER, "state": 3}
    invoice = request_.make("invoice", few, order=request_.load_order(ORDER))

    request_.hook("sales_order_invoice_save_before", invoice)
    request_.shop.sql("UPDATE sales_invoice SET state = 3")
    request_.hook("sales_order_invoice_process_relation", invoice)

    (payload,) = told(tables)
    assert payload["type"] == "InvoiceUpdated"
    assert (payload["invoice"]["state"], payload["invoice"]["grand_total"]) == (3, "24.6300")


def test_an_invoice_that_comes_with_its_order_is_told_after_it(request_: SalesRequest, tables: MagentoShop) -> None:
    request_.shop.do("begin")
    order = request_.make("order", {"state": "processing"})
    request_.hook("sales_order_save_before", order)
    for statement in tables.order_statements():
        bind: list[object] = [100, "000000100"] if "increment_id" in statement else [100]
        request_.shop.sql(statement.replace("%s", "?"), bind)
    request_.set(order, entity_id=100)
    request_.shop.do("refresh", name=order)
    request_.create_document("invoice", order, INVOICE | {"order_id": 100}, [])
    request_.hook("sales_order_process_relation", order)
    request_.shop.do("commit")

    assert tables.events() == [("OrderPlaced", "order:100"), ("InvoiceCreated", "order:100")]
    told(tables)


def test_a_shop_may_tell_documents_and_no_orders(tables: MagentoShop) -> None:
    with ObedientShop(tables.database, config={"erp_sidecar_outbox/families/sales": "0"}) as shop:
        request = SalesRequest(shop)
        order = request.load_order(ORDER)
        request.create_document("invoice", order, INVOICE, [])
        request.save_order(order, ORDER, state="processing")

    assert types(tables) == ["InvoiceCreated"]


def test_a_shipment_is_told_with_its_tracks_and_its_source(request_: SalesRequest, tables: MagentoShop) -> None:
    packages = [{"params": {"weight": 1.5}, "items": {}}]
    extension = {"sourceCode": "west"}
    request_.shop.do("begin")
    request_.create_document(
        "shipment",
        request_.load_order(ORDER),
        SHIPMENT,
        [an_item(tables)],
        more={"extension_attributes": extension, "packages": packages, "shipping_label": "a file"},
        track=[TRACK, TRACK | {"track_number": "1Z10"}],
    )
    request_.shop.do("commit")

    (payload,) = told(tables)
    assert payload["type"] == "ShipmentCreated"
    assert payload["source_code"] == "west"
    assert payload["pickup_location_code"] is None
    assert [track["track_number"] for track in payload["tracks"]] == ["1Z9", "1Z10"]
    assert payload["packages"] == [{"params": {"weight": "1.5"}, "items": []}]
    assert [item["qty"] for item in payload["items"]] == ["2.5000"]
    assert "a file" not in str(payload)


def test_a_shipment_of_a_shop_without_sources_has_none(request_: SalesRequest, tables: MagentoShop) -> None:
    request_.create_document("shipment", request_.load_order(ORDER), SHIPMENT, [an_item(tables)])

    (payload,) = told(tables)
    assert payload["source_code"] is None


def test_a_shipment_of_a_configurable_product_names_what_left_the_warehouse(
    request_: SalesRequest, tables: MagentoShop
) -> None:
    ((parent,),) = tables.rows("SELECT item_id FROM sales_order_item")
    tables.run(
        "UPDATE sales_order_item SET product_type = 'configurable', product_options = '{\"product_calculations\":1}'",
        "INSERT INTO sales_order_item (order_id, parent_item_id, product_type, sku, qty_ordered, product_options)"  # noqa: S608 -- our own names
        f" VALUES ({ORDER}, {parent}, 'simple', 'BOOK-7-S', 2.5, '[]')",
        f"INSERT INTO sales_order_item (order_id, product_type, sku) VALUES ({ORDER}, 'simple', 'ANOTHER')",  # noqa: S608 -- our own names
    )

    request_.create_document("shipment", request_.load_order(ORDER), SHIPMENT, [an_item_of(parent)])

    (payload,) = told(tables)
    assert [(item["sku"], item["role"]) for item in payload["items"]] == [("BOOK-7", "money")]
    assert [(item["sku"], item["role"]) for item in payload["order_items"]] == [
        ("BOOK-7", "money"),
        ("BOOK-7-S", "stock"),
    ]


def an_item_of(order_item_id: int) -> dict[str, object]:
    return {"order_item_id": order_item_id, "sku": "BOOK-7", "qty": "2.5000"}


def test_a_shipment_saved_again_is_updated(request_: SalesRequest, tables: MagentoShop) -> None:
    request_.shop.do("begin")
    shipment = request_.create_document("shipment", request_.load_order(ORDER), SHIPMENT, [an_item(tables)])
    request_.hook("sales_order_shipment_process_relation", shipment)
    request_.shop.do("commit")

    assert types(tables) == ["ShipmentCreated", "ShipmentUpdated"]
    told(tables)


# --- Tracks ---------------------------------------------------------------------------------------


@pytest.fixture
def shipment_id(request_: SalesRequest) -> int:
    """A shipment that was there before the module."""
    return request_.insert("sales_shipment", SHIPMENT)


def test_a_track_added_later_is_told_by_itself(request_: SalesRequest, tables: MagentoShop, shipment_id: int) -> None:
    request_.shop.do("begin")
    request_.save_part("track", TRACK | {"parent_id": shipment_id})
    request_.shop.do("commit")

    (payload,) = told(tables)
    ((track_id,),) = tables.rows("SELECT entity_id FROM sales_shipment_track")
    assert types(tables) == ["TrackAdded"]
    assert payload["shipment"] == {"entity_id": shipment_id, "increment_id": "000000008"}
    assert (payload["track"]["entity_id"], payload["track"]["track_number"]) == (track_id, "1Z9")
    assert payload["order"]["increment_id"] == f"{ORDER:09d}"


def test_a_track_that_names_another_order_is_told_of_its_shipments_own(
    request_: SalesRequest, tables: MagentoShop, shipment_id: int
) -> None:
    request_.save_part("track", TRACK | {"parent_id": shipment_id, "order_id": 4711})

    (payload,) = told(tables)
    assert tables.events() == [("TrackAdded", f"order:{ORDER}")]
    assert (payload["order"]["entity_id"], payload["track"]["order_id"]) == (ORDER, 4711)


def test_a_changed_track_is_told_as_a_change(request_: SalesRequest, tables: MagentoShop, shipment_id: int) -> None:
    row = TRACK | {"parent_id": shipment_id}
    track_id = request_.insert("sales_shipment_track", row)

    request_.change_part("track", track_id, row, {"track_number": "1Z11"})

    (payload,) = told(tables)
    assert (payload["type"], payload["track"]["track_number"]) == ("TrackUpdated", "1Z11")


def test_a_removed_track_is_told_as_it_was(request_: SalesRequest, tables: MagentoShop, shipment_id: int) -> None:
    row = TRACK | {"parent_id": shipment_id}
    track_id = request_.insert("sales_shipment_track", row)
    held = {**row, "entity_id": track_id}
    track = request_.make("track", held, orig=held)

    request_.shop.do("begin")
    request_.hook("sales_order_shipment_track_delete_before", track)
    request_.shop.sql("DELETE FROM sales_shipment_track")
    request_.hook("sales_order_shipment_track_delete_after", track)
    request_.shop.do("commit")

    (payload,) = told(tables)
    assert (payload["type"], payload["track"]["track_number"]) == ("TrackRemoved", "1Z9")


# --- Two at once ----------------------------------------------------------------------------------


def test_two_parcels_of_one_order_at_once_both_succeed_in_the_order_of_their_ids(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    waiting_id = other_shop.do("connection_id")
    parcels = [SalesRequest(shop), SalesRequest(other_shop)]
    headers = [SHIPMENT, SHIPMENT | {"increment_id": "000000009"}]
    orders = [parcel.load_order(ORDER, state="processing") for parcel in parcels]
    names = [
        parcel.make("shipment", header, order=order)
        for parcel, header, order in zip(parcels, headers, orders, strict=True)
    ]
    shop.do("begin")
    other_shop.do("begin")
    parcels[0].hook("sales_order_shipment_save_before", names[0])
    second = parcels[1].begin_hook("sales_order_shipment_save_before", names[1])
    wait_until_blocked(tables.database, waiting_id)

    for parcel, name, header, its_turn in zip(parcels, names, headers, (None, second), strict=True):
        if its_turn:
            its_turn()
        parcel.write_document("shipment", name, header, [an_item(tables)], {"track": [TRACK]})
        parcel.hook("sales_order_shipment_process_relation", name)
        parcel.hook("sales_order_process_relation", orders[parcels.index(parcel)])
        parcel.shop.do("commit")

    assert types(tables) == ["ShipmentCreated", "OrderUpdated"] * 2
    told_numbers = [payload["shipment"]["increment_id"] for payload in told(tables) if "shipment" in payload]
    assert told_numbers == ["000000008", "000000009"]


def test_a_track_and_an_invoice_at_once_wait_for_each_other(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop, shipment_id: int
) -> None:
    waiting_id = other_shop.do("connection_id")
    track, invoice = SalesRequest(shop), SalesRequest(other_shop)
    row = TRACK | {"parent_id": shipment_id}
    name = invoice.make("invoice", INVOICE, order=invoice.load_order(ORDER))
    shop.do("begin")
    other_shop.do("begin")

    track.save_part("track", row)
    wait = invoice.begin_hook("sales_order_invoice_save_before", name)
    wait_until_blocked(tables.database, waiting_id)
    shop.do("commit")
    wait()
    invoice.write_document("invoice", name, INVOICE, [], {})
    invoice.hook("sales_order_invoice_process_relation", name)
    other_shop.do("commit")

    assert types(tables) == ["TrackAdded", "InvoiceCreated"]
