"""A million outbox rows in seconds: the server makes them itself, with ids that leave no gap."""

import json
from typing import Final

from tests.support.servers import Database

PAYLOAD_BYTES: Final = 600
BATCH: Final = 1000
EVENTS_PER_LANE: Final = 4
SKUS: Final = 10_000
SOURCES: Final = ("north", "east", "south", "west", "hub")
_DIGITS: Final = "(SELECT 0 AS i " + "".join(f"UNION ALL SELECT {digit} " for digit in range(1, 10)) + ")"
_INSERT: Final = f"""
    INSERT INTO erp_outbox (id, event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id,
                            occurred_at_us, origin, payload_bytes, payload)
    SELECT n, event_id, 'OrderPlaced', 1, CONCAT('order:', n DIV {EVENTS_PER_LANE}), 'order', n DIV {EVENTS_PER_LANE},
           1, 1795600000000000 + n, 'checkout', LENGTH(%s), REPLACE(REPLACE(%s, '@event_id@', event_id), '@n@', n)
    FROM (SELECT UUID() AS event_id, %s + a.i * 100 + b.i * 10 + c.i AS n
          FROM {_DIGITS} a JOIN {_DIGITS} b JOIN {_DIGITS} c
          LIMIT 1000) numbers
    WHERE n <= %s
    ORDER BY n
"""  # noqa: S608 -- numbers of our own

_INSERT_CHANGES: Final = f"""
    INSERT INTO erp_outbox (id, event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id,
                            occurred_at_us, origin, payload_bytes, payload)
    SELECT n, event_id, 'InventoryAdjusted', 1, NULL, 'sku', sku, NULL, 1795600000000000 + n, 'admin',
           LENGTH(%s), REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(%s, '@event_id@', event_id), '@sku@', sku),
                                               '@source@', source), '@quantity@', -quantity), '@new@', 500 - quantity)
    FROM (SELECT INSERT(UUID(), 15, 1, '7') AS event_id, %s + a.i * 100 + b.i * 10 + c.i AS n,
                 CONCAT('SKU-', LPAD(FLOOR(EXP(RAND() * LN({SKUS}))), 5, '0')) AS sku,
                 ELT(1 + FLOOR(RAND() * {len(SOURCES)}), {", ".join(f"'{source}'" for source in SOURCES)}) AS source,
                 1 + FLOOR(RAND() * 5) AS quantity
          FROM {_DIGITS} a JOIN {_DIGITS} b JOIN {_DIGITS} c
          LIMIT 1000) numbers
    WHERE n <= %s
    ORDER BY n
"""  # noqa: S608 -- numbers of our own


def fill_outbox(database: Database, events: int) -> None:
    """Append so many committed events of about 600 bytes each, a thousand to a transaction."""
    _fill(database, events, _INSERT, payload("@event_id@", "@n@"))


def fill_with_changes(database: Database, changes: int) -> None:
    """Append so many committed changes of stock, as the module writes them.

    The SKU of rank n turns up in proportion to 1 / n, as Zipf has it; the source is any of them.
    """
    _fill(database, changes, _INSERT_CHANGES, _change())


def _fill(database: Database, events: int, insert: str, template: str) -> None:
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM erp_outbox")
        row = cursor.fetchone()
        first = int(row[0]) + 1 if row else 1
        for start in range(first, first + events, BATCH):
            cursor.execute(insert, (template, template, start, first + events - 1))
        cursor.execute("ANALYZE TABLE erp_outbox")


def _change() -> str:
    body = {
        "event_id": "@event_id@",
        "type": "InventoryAdjusted",
        "schema_version": 1,
        "occurred_at": "2026-11-26T10:00:00.123456Z",
        "origin": "admin",
        "actor": {"type": "admin", "id": 42},
        "sku": "@sku@",
        "source_code": "@source@",
        "quantity": "@quantity@.0000",
        "old_quantity": "500.0000",
        "new_quantity": "@new@.0000",
        "old_status": 1,
        "new_status": 1,
        "reason": "shipment",
        "cause": {"type": "shipment", "id": "000010042"},
    }
    return json.dumps(body, separators=(",", ":"))


def payload(event_id: str, number: str) -> str:
    """An order as small as they come, about 600 bytes of JSON."""
    body = {
        "event_id": event_id,
        "type": "OrderPlaced",
        "schema_version": 1,
        "order": {"entity_id": number, "store_id": 1, "state": "new", "order_currency_code": "EUR"},
        "items": [{"item_id": number, "sku": "sku-1", "qty_ordered": "2.0000", "row_total": "30.0000"}],
        "note": "",
    }
    text = json.dumps(body, separators=(",", ":"))
    body["note"] = "x" * max(0, PAYLOAD_BYTES - len(text.replace("@event_id@", "e" * 36)))
    return json.dumps(body, separators=(",", ":"))
