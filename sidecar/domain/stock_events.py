"""Stock events as people read them: how many of what, where, why, and because of which document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import Event, EventType, OutboxId
from sidecar.domain.money import ZERO, decimal_of
from sidecar.domain.order import parse_payload

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StockEvent:
    """One change of what a source holds, or one reservation of a stock.

    `where` is the source, or the stock as "stock 1"; `cause` the kind of document behind it, and `document` which one
    it is: its key, or its number where the event tells that. `before` and `after` are what the source held, None where
    the event does not tell. `problem` says why the event cannot be read; its quantity is then nothing.
    """

    id: OutboxId
    occurred_at: datetime
    sku: str
    where: str
    quantity: Decimal
    reason: str
    cause: str
    document: str
    is_reservation: bool = False
    before: Decimal | None = None
    after: Decimal | None = None
    problem: str = ""


def stock_event_of(event: Event, payload: str) -> StockEvent:
    """Read an event of the stock stream; one that cannot be read says why."""
    occurred_at = _EPOCH + timedelta(microseconds=event.occurred_at_us)
    is_reservation = event.type == EventType.INVENTORY_RESERVED
    try:
        told = parse_payload(payload)
        quantity = decimal_of(told["quantity"])
    except MalformedEvent as error:
        return _unreadable(event, occurred_at, str(error))
    except KeyError as error:
        return _unreadable(event, occurred_at, f"payload field {error.args[0]} is missing")
    except ValueError as error:
        return _unreadable(event, occurred_at, f"payload field quantity: {error}")
    where = f"stock {told.get('stock_id')}" if is_reservation else _text(told, "source_code")
    reason, cause, document = _sale(told) if is_reservation else _change(told)
    return StockEvent(
        event.id,
        occurred_at,
        _text(told, "sku") or event.aggregate_id,
        where,
        quantity,
        reason,
        cause,
        document,
        is_reservation,
        _held(told, "old_quantity"),
        _held(told, "new_quantity"),
    )


def _unreadable(event: Event, occurred_at: datetime, problem: str) -> StockEvent:
    is_reservation = event.type == EventType.INVENTORY_RESERVED
    return StockEvent(event.id, occurred_at, event.aggregate_id, "", ZERO, "", "", "", is_reservation, problem=problem)


def _change(told: Mapping[str, Any]) -> tuple[str, str, str]:
    cause = told.get("cause")
    named = cause if isinstance(cause, Mapping) else {}
    return _text(told, "reason"), _text(named, "type"), _text(named, "id")


def _sale(told: Mapping[str, Any]) -> tuple[str, str, str]:
    """Magento notes the order by its number; while it is being placed it has no other name."""
    sale = told.get("sales_event")
    named = sale if isinstance(sale, Mapping) else {}
    number = _text(named, "object_increment_id") or _text(named, "object_id")
    return _text(named, "event_type"), _text(named, "object_type"), number


def _held(told: Mapping[str, Any], name: str) -> Decimal | None:
    """What a source held; a SKU that was not assigned to it had nothing there."""
    if name not in told:
        return None
    try:
        return ZERO if told[name] is None else decimal_of(told[name])
    except ValueError:
        return None


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return str(value) if isinstance(value, str | int) else ""
