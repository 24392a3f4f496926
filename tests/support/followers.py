"""A lane that has been parked for weeks: its head, and a great many events held behind it, made on the server."""

from typing import Final

from tests.support.rig import ERP
from tests.support.shop import Shop

COLUMNS: Final = (
    "event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id, occurred_at_us, origin,"
    " payload_bytes, payload"
)


def hold_behind(shop: Shop, head: int, lane: str, count: int) -> None:
    """Hold `count` events behind the lane's head, as the relay would have done while they came; nothing else moves."""
    with shop.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET unique_checks = 0")
        cursor.execute(
            f"INSERT INTO erp_outbox ({COLUMNS}) SELECT UUID(), 'OrderPlaced', 1, lane, aggregate_type, aggregate_id,"  # noqa: S608
            " store_id, occurred_at_us, origin, 2, '{}' FROM erp_outbox WHERE id = %s",
            (head,),
        )
        cursor.execute("SELECT MAX(id) FROM erp_outbox")
        ((first,),) = cursor.fetchall()
        made = 1
        while made < count:
            more = min(made, count - made)
            cursor.execute(
                f"INSERT INTO erp_outbox ({COLUMNS}) SELECT {COLUMNS} FROM erp_outbox WHERE id >= %s LIMIT %s",  # noqa: S608
                (first, more),
            )
            made += more
        cursor.execute(
            "INSERT INTO erp_delivery (destination, outbox_id, stream, lane, state, fault)"
            " SELECT %s, id, 'documents', %s, 'held', '' FROM erp_outbox WHERE id >= %s",
            (ERP, lane, first),
        )
        cursor.execute("UPDATE erp_cursor SET accounted_to = (SELECT MAX(id) FROM erp_outbox)")
        cursor.execute("ANALYZE TABLE erp_delivery, erp_outbox")
