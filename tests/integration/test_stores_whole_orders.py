"""Orders that are read whole say where they are collected, or that nobody may read it."""

import json
from collections.abc import Mapping

import pytest

from sidecar.domain.errors import MalformedEvent
from sidecar.mysql.session import Session
from sidecar.mysql.whole_orders import WholeOrders
from tests.support.shop import Shop
from tests.support.stores import Tables

ENVELOPE: Mapping[str, object] = {"event_id": "e", "type": "OrderPlaced"}
PICKUP = "instore_pickup"


def test_an_order_that_is_collected_says_where_and_one_that_is_sent_does_not(tables: Tables) -> None:
    tables.add_order(1, shipping_method=PICKUP)
    tables.add_order(2, shipping_method="flatrate_flatrate")
    for order in (1, 2):
        tables.insert("inventory_pickup_location_order", order_id=order, pickup_location_code="west")

    payloads = [json.loads(WholeOrders(tables.session).build(order, ENVELOPE) or "{}") for order in (1, 2)]

    assert payloads[0]["extra"]["order"] == {"pickup_location_code": "west"}
    assert payloads[1]["extra"]["order"] == {}


def test_an_order_whose_store_nobody_may_read_waits_for_a_person(shop: Shop) -> None:
    shop.place(42)
    shop.execute("UPDATE sales_order SET shipping_method = %s", PICKUP)
    session = Session(shop.database.url)

    with pytest.raises(MalformedEvent, match="where the order is collected cannot be read") as refusal:
        WholeOrders(session).build(42, ENVELOPE)
    session.close()

    assert "GRANT SELECT (order_id, pickup_location_code)" in refusal.value.hint
