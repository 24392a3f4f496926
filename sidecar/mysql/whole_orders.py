"""Whole orders, as the module's own payload core is given them; needs the grants of hydration or the janitor."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sidecar.domain.errors import MalformedEvent, SchemaError
from sidecar.domain.order_event import OrderRows, order_event
from sidecar.mysql.definitions import SCHEMA_FILES
from sidecar.mysql.session import Row, Session, Work

_DEFINITIONS: Final = "definitions.v1.json"
LARGEST: Final = 16_000_000
"""Bytes; a column of payloads holds 16 MiB."""

_PICKUP: Final = "instore_pickup"
"""Magento's shipping method for orders that are collected."""

_GRANT: Final = "GRANT SELECT (order_id, pickup_location_code) ON inventory_pickup_location_order to the sidecar's user"

_BESIDE: Final = 65_536
"""Bytes of a statement that are not the payload."""


class WholeOrders:
    """Reads orders with their items, addresses, payments, taxes and history."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("whole_orders")
        self._pickup = session.statements("pickup_locations")
        text = SCHEMA_FILES.joinpath("events", _DEFINITIONS).read_text(encoding="utf-8")
        self.definitions: dict[str, Any] = json.loads(text)

    def build(self, entity_id: int, envelope: Mapping[str, object]) -> str | None:
        """The payload of an order's event from its rows at one moment, behind this envelope; None: there is no order.

        Raises MalformedEvent where the order cannot be told exactly, or is too large to be kept; SchemaError where
        the user may not read all of it.
        """
        with self._session.snapshot() as work:
            orders = work.rows(self._sql["whole_order"], entity_id=entity_id)
            if not orders:
                return None
            rows = self.rows_of(work, orders[0])
            packet = self.packet(work)
        built = order_event(rows, self.definitions, envelope)
        must_fit(built, packet)
        return built

    def _collected(self, work: Work, order: Row) -> Row:
        """Where an order is collected, as the module tells it; nothing for one that is sent."""
        if order["shipping_method"] != _PICKUP:
            return {}
        try:
            rows = work.rows(self._pickup["pickup_location"], entity_id=order["entity_id"])
        except SchemaError as error:
            raise MalformedEvent(f"where the order is collected cannot be read: {error}", hint=_GRANT) from error
        return rows[0] if rows else {}

    def packet(self, work: Work) -> int:
        """How many bytes a statement may have."""
        (room,) = work.rows(self._sql["read_room"])
        return int(room["packet"])

    def rows_of(self, work: Work, order: Row) -> OrderRows:
        """An order with what belongs to it, in a transaction of the caller's.

        Raises MalformedEvent where it is collected in a store and nobody may read in which: sent there or not is no
        detail.
        """
        key = {"entity_id": order["entity_id"]}
        return OrderRows(
            order={**order, **self._collected(work, order)},
            items=work.rows(self._sql["items"], **key),
            addresses=work.rows(self._sql["addresses"], **key),
            payments=work.rows(self._sql["payments"], **key),
            taxes=work.rows(self._sql["taxes"], **key),
            tax_items=work.rows(self._sql["tax_items"], **key),
            status_history=work.rows(self._sql["status_history"], **key),
            stores=work.rows(self._sql["store"], store_id=order["store_id"]),
        )


def must_fit(payload: str, packet: int) -> None:
    """Raise MalformedEvent for a payload that is too long for its column, or for a statement.

    A statement that is longer than the server takes would end the connection, and so would every attempt after it.
    """
    escaped = len(payload) + payload.count('"') + payload.count("\\") + _BESIDE
    if len(payload) > LARGEST:
        message = f"the payload has {len(payload)} bytes; {LARGEST} are allowed"
        raise MalformedEvent(message, hint="make the order's options smaller in Magento, then retry; or skip the event")
    if escaped > packet:
        message = f"the payload has {len(payload)} bytes, more than max_allowed_packet ({packet}) lets through"
        raise MalformedEvent(message, hint="SET GLOBAL max_allowed_packet = 67108864, restart the sidecar, then retry")
