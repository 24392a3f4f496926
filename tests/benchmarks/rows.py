"""A million outbox rows in seconds: the server makes them itself, with ids that leave no gap."""

import json
from typing import Final

from tests.support.servers import Database

PAYLOAD_BYTES: Final = 600
BATCH: Final = 1000
EVENTS_PER_LANE: Final = 4
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


def fill_outbox(database: Database, events: int) -> None:
    """Append so many committed events of about 600 bytes each, a thousand to a transaction."""
    template = payload("@event_id@", "@n@")
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM erp_outbox")
        row = cursor.fetchone()
        first = int(row[0]) + 1 if row else 1
        for start in range(first, first + events, BATCH):
            cursor.execute(_INSERT, (template, template, start, first + events - 1))
        cursor.execute("ANALYZE TABLE erp_outbox")


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
