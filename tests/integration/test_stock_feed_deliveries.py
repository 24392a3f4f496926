"""A feed of what lies in the ERP's warehouses: goods that have left it and not Magento are still Magento's to ship."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sidecar.domain.stock_feed import FeedGuards, Quantity
from tests.support.magento_rest import MagentoRest
from tests.support.sandbox import Sandbox
from tests.support.servers import Database
from tests.support.stock_feed import FEED, FeedWorld, prepare
from tests.support.way_back import INBOUND, POLICY_BACK, WayBack, way_back_on

pytestmark = pytest.mark.needs_php

POLICY = replace(
    POLICY_BACK,
    inbound=replace(INBOUND, sources={"W1": "west", "E1": "east"}, restock="never"),
    stock_feed=replace(FEED, quantity=Quantity.ON_HAND, guards=FeedGuards(jump_share=None, missing="zero")),
)


@pytest.fixture
def back(database: Database, erp: Sandbox, magento: MagentoRest) -> Iterator[WayBack]:
    with way_back_on(database, erp, magento, POLICY) as way:
        prepare(way.rig)
        yield way


def test_a_delivery_is_imported_before_the_stock_that_it_has_left_and_its_shipment_goes_through(back: WayBack) -> None:
    order = back.place(42, stock=10)
    world = FeedWorld(back.rig, POLICY)
    world.tell(W1_sku1=10, W1_sku2=10, E1_sku1=10, E1_sku2=10)
    world.take_baseline()
    assert world.readings() == ["accepted"], "nobody has read what has left the ERP"
    back.reader.turn()
    world.import_anew()
    world.turn_until_idle()
    assert world.readings() == ["baseline"]
    assert set(world.held().values()) == {10}

    back.erp.deliver(order, warehouse="W1", final=True)
    world.tell(W1_sku1=8, W1_sku2=8)
    assert world.run()["waiting"] == 2, "told after the stock was read: it may have left before or after"
    back.reader.turn()
    assert world.run()["waiting"] == 2, "kept a moment ago"
    world.age("erp_inbound_document", "first_seen_at")
    assert world.run()["written"] == 0, "8 lie there, 2 are on their way to the shipment: 10, as it was"

    back.carry()

    assert back.documents("shipment") == [{421: 2, 422: 2}]
    assert world.held() == {"east sku-1": 10, "east sku-2": 10, "west sku-1": 8, "west sku-2": 8}
    assert world.run()["written"] == 0


def test_a_shipment_that_the_erps_stock_alone_would_have_made_impossible_goes_through(back: WayBack) -> None:
    order = back.place(42, stock=0)
    world = FeedWorld(back.rig, POLICY)
    back.erp.deliver(order, warehouse="W1", final=True)
    back.reader.turn()
    world.age("erp_inbound_document", "first_seen_at")
    world.tell(W1_sku1=0, W1_sku2=0)

    world.take_baseline()

    assert world.held()["west sku-1"] == world.held()["west sku-2"] == 2
    back.time_passes()
    back.carry()
    assert back.documents("shipment") == [{421: 2, 422: 2}]
    assert set(world.held().values()) == {0}
