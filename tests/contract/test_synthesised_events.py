"""What the sidecar synthesises of a real shop's orders is, to the letter, what the module's own core builds of them."""

import json
from datetime import UTC, datetime

import pytest

from ops.embedded.programs import PROJECT
from sidecar.domain.order_event import OrderRows, event_id_of, order_placed
from tests.support.event_schemas import check
from tests.support.exported_shop import ORDER_TABLES, exported_orders, load_exported_shop
from tests.support.payload_core import outbox_rows
from tests.support.servers import Database

DEFINITIONS = json.loads((PROJECT / "outbox_schema" / "events" / "definitions.v1.json").read_text(encoding="utf-8"))
ENVELOPE = ("event_id", "occurred_at", "origin")
NOW = datetime(2026, 11, 24, 12, 30, 15, 123456, UTC)


@pytest.mark.needs_php
@pytest.mark.needs_shared
def test_a_synthesised_payload_equals_the_modules_for_every_order_of_a_real_shop(database: Database) -> None:
    load_exported_shop(database, ORDER_TABLES)
    orders = exported_orders(database)
    by_the_module = [json.loads(row["payload"]) for row in outbox_rows(orders)]

    for given, expected in zip(orders, by_the_module, strict=True):
        order = {**given["order"], "created_at": datetime.fromisoformat(given["order"]["created_at"])}
        rows = OrderRows(
            order,
            given["items"],
            given["addresses"],
            [given["payment"]],
            given["taxes"],
            given["taxItems"],
            given["statusHistory"],
            [{**given["store"], "store_id": int(given["store"]["store_id"])}],
        )
        payload = json.loads(order_placed(rows, DEFINITIONS, event_id_of("shop", order), NOW))
        check(payload, "OrderPlaced.v1.json")
        assert {k: v for k, v in payload.items() if k not in ENVELOPE} == {
            k: v for k, v in expected.items() if k not in ENVELOPE
        }

    assert len(orders) > 5
