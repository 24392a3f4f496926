"""An order's event built from Magento's rows, as the module's payload core builds it: same columns, same forms.

Two need it: the audit for an order that has no event at all, hydration for an event whose order could not be told.

The columns and their types are read from the contract (`outbox_schema/events/definitions.v1.json`). A column that
holds nothing is left out; what cannot be told exactly raises MalformedEvent: nothing is rounded, guessed or left out
in silence.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from sidecar.domain.errors import MalformedEvent

Row = Mapping[str, Any]
ORIGIN: Final = "audit"

_FOUR_PLACES: Final = Decimal("0.0001")
_NOTHING_YET: Final = "0.0000"
_LARGEST_INTEGER: Final = 2**63
_LINE_ENDS: Final = re.compile(r"[\r\n]+")
_LEADING_DIGITS: Final = re.compile(r"\s*[+-]?\d+")
_PAGE_ONLY: Final = frozenset({"form_key", "uenc"})
_ALLOWED_INFORMATION: Final = ("method_title", "instructions", "payable_to", "mailing_address", "po_number")
_LEFT_OUT: Final = {
    "order": frozenset(
        {
            "protect_code",
            "x_forwarded_for",
            "email_sent",
            "send_email",
            "customer_note_notify",
            "paypal_ipn_customer_notified",
        }
    ),
    "item": frozenset({"product_options", "weee_tax_applied"}),
    "address": frozenset(),
}


@dataclass(frozen=True, slots=True)
class OrderRows:
    """One order as the database holds it now."""

    order: Row
    items: Sequence[Row]
    addresses: Sequence[Row]
    payments: Sequence[Row]
    taxes: Sequence[Row]
    tax_items: Sequence[Row]
    status_history: Sequence[Row]
    stores: Sequence[Row]


def event_id_of(instance: str, order: Row) -> str:
    """The id of the one OrderPlaced that is ever synthesised for an order: a UUIDv7 of its creation and its name."""
    created: datetime = order["created_at"]
    milliseconds = int(created.replace(tzinfo=UTC).timestamp()) * 1000
    digest = bytearray(hashlib.sha256(f"{instance}\x1forder\x1f{order['entity_id']}".encode()).digest()[:10])
    digest[0] = digest[0] & 0x0F | 0x70
    digest[2] = digest[2] & 0x3F | 0x80
    text = milliseconds.to_bytes(6, "big").hex() + digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def order_placed(rows: OrderRows, definitions: Row, event_id: str, occurred_at: datetime) -> str:
    """The JSON text of an OrderPlaced; raises MalformedEvent where the order cannot be told exactly."""
    envelope = envelope_of(event_id, "OrderPlaced", occurred_at, ORIGIN, {"type": "unknown", "id": None})
    return order_event(rows, definitions, envelope)


def envelope_of(event_id: str, kind: str, occurred_at: datetime, origin: str, actor: object) -> Row:
    """What every payload of version 1 begins with; `occurred_at` is UTC."""
    return {
        "event_id": event_id,
        "type": kind,
        "schema_version": 1,
        "occurred_at": f"{occurred_at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "origin": origin,
        "actor": actor,
    }


def order_event(rows: OrderRows, definitions: Row, envelope: Row) -> str:
    """The JSON text of any event of an order, as its rows stand; raises MalformedEvent as `order_placed` does."""
    tables = _Tables(definitions["$defs"])
    items = [{**item, "product_options": _options(item.get("product_options"))} for item in rows.items]
    by_type = {address["address_type"]: address for address in reversed(rows.addresses)}
    payload = {
        **envelope,
        "store": dict(rows.stores[0]) if rows.stores else None,
        "order": tables.row("order", rows.order),
        "items": [
            {
                **tables.row("item", item),
                **_where_there("product_options", item["product_options"]),
                **_where_there("weee_tax_applied", _where_json(item.get("weee_tax_applied"))),
                "role": _role(item, items),
            }
            for item in items
        ],
        "addresses": {kind: _address(tables, by_type.get(kind)) for kind in ("billing", "shipping")},
        "payment": _payment(tables, rows.payments[0]) if rows.payments else None,
        "taxes": [tables.row("tax", tax) for tax in rows.taxes],
        "tax_items": [tables.row("tax_item", tax_item) for tax_item in rows.tax_items],
        "status_history": [tables.row("status_history", line) for line in rows.status_history],
        "extra": {
            "order": tables.unknown("order", rows.order),
            "items": _keyed({str(item["item_id"]): tables.unknown("item", item) for item in items}),
            "addresses": _keyed({kind: tables.unknown("address", row) for kind, row in by_type.items()}),
        },
    }
    return json.dumps(payload, separators=(",", ":"))


class _Tables:
    """The contract's columns, by table."""

    def __init__(self, definitions: Row) -> None:
        self._columns = {
            table: {
                name: kind["$ref"].rpartition("/")[2]
                for name, kind in _properties(definitions, table)
                if "$ref" in kind
            }
            for table in ("order", "item", "address", "payment", "tax", "tax_item", "status_history")
        }
        self._known = {table: {name for name, _ in _properties(definitions, table)} for table in self._columns}

    def row(self, table: str, row: Row) -> dict[str, Any]:
        """Every known column that holds something, and progress where there is some."""
        told = {name: _told(f"{table}.{name}", kind, row.get(name)) for name, kind in self._columns[table].items()}
        return {name: value for name, value in told.items() if value is not None}

    def unknown(self, table: str, row: Row) -> dict[str, Any]:
        names = row.keys() - self._known[table] - _LEFT_OUT[table]
        told = {name: _plain(f"{table}.{name}", row[name]) for name in sorted(names)}
        return {name: value for name, value in told.items() if value is not None}


def _properties(definitions: Row, table: str) -> Sequence[tuple[str, Row]]:
    return list(definitions[table]["properties"].items())


def _told(name: str, kind: str, value: object) -> int | str | None:
    if value is None:
        if kind in ("id", "word", "amount"):
            raise malformed(f"{name} is empty")
        return None
    match kind:
        case "id" | "whole_number":
            return _integer(name, value)
        case "decimal" | "amount":
            return _decimal(name, value)
        case "progress":
            done = _decimal(name, value)
            return None if done == _NOTHING_YET else done
        case _:
            return _text(name, value)


def _integer(name: str, value: object) -> int:
    if isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"-?\d+", value)):
        return int(value)
    raise malformed(f"{name} is no whole number")


def _decimal(name: str, value: object) -> str:
    if not isinstance(value, Decimal | int | str) or isinstance(value, bool):
        raise malformed(f"{name} is no exact number")
    exact = Decimal(value)
    if not exact.is_finite() or exact.quantize(_FOUR_PLACES) != exact:
        raise malformed(f"{name} is finer than four decimals")
    return f"{exact or abs(exact):.4f}"


def _text(name: str, value: object) -> str:
    if isinstance(value, float | bytes):
        raise malformed(f"{name} is no text")
    return str(value)


def _plain(name: str, value: object) -> int | str | None:
    if value is None or isinstance(value, int | str):
        return value
    if isinstance(value, Decimal | datetime | date | float):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    raise malformed(f"{name} is of a type that no payload can hold")


def _options(value: object) -> Any:  # noqa: ANN401 -- JSON
    decoded = _decoded(value)
    if not isinstance(decoded, dict | list):
        return None
    if isinstance(decoded, dict) and isinstance(decoded.get("info_buyRequest"), dict):
        request = {key: one for key, one in decoded["info_buyRequest"].items() if key not in _PAGE_ONLY}
        decoded = {**decoded, "info_buyRequest": request or []}
    if isinstance(decoded, dict):
        selection = _where_json(decoded.get("bundle_selection_attributes"))
        return decoded if selection is None else {**decoded, "bundle_selection_attributes": selection}
    return decoded


def _where_json(value: object) -> Any:  # noqa: ANN401 -- JSON
    """A decoded array; None for a text of another format, as an old shop may hold it."""
    if isinstance(value, str):
        value = _decoded(value) if value.startswith(("[", "{")) else None
    return value if isinstance(value, dict | list) else None


def _decoded(value: object) -> Any:  # noqa: ANN401 -- JSON
    if not isinstance(value, str) or not value:
        return None
    try:
        return _as_array(json.loads(value, parse_float=str, parse_int=_whole))
    except ValueError as error:
        raise malformed(f"a column of JSON cannot be read: {error}") from error


def _whole(text: str) -> int | str:
    number = int(text)
    return number if -_LARGEST_INTEGER <= number < _LARGEST_INTEGER else text


def _as_array(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """As PHP's arrays come out of JSON and go in again: an object that is empty, or counts from 0, is a list."""
    if isinstance(value, list):
        return [_as_array(one) for one in value]
    if isinstance(value, dict):
        inner = {key: _as_array(one) for key, one in value.items()}
        return list(inner.values()) if list(inner) == [str(number) for number in range(len(inner))] else inner
    return value


def _role(item: Row, items: Sequence[Row]) -> str:
    parent = next((one for one in items if one["item_id"] == item.get("parent_item_id")), None)
    if parent is not None:
        return "both" if _prices_children(parent) else "stock"
    if any(one.get("parent_item_id") == item["item_id"] for one in items):
        return "none" if _prices_children(item) else "money"
    return "both"


def _prices_children(item: Row) -> bool:
    options = item["product_options"]
    calculation = options.get("product_calculations") if isinstance(options, dict) else None
    if calculation is None or isinstance(calculation, dict | list):
        return False
    digits = _LEADING_DIGITS.match(str(calculation))
    return digits is None or int(digits[0]) == 0  # as PHP reads a number out of a text


def _address(tables: _Tables, address: Row | None) -> dict[str, Any] | None:
    if address is None:
        return None
    lines = [line for line in _LINE_ENDS.split(str(address.get("street") or "")) if line]
    return {**tables.row("address", address), "street": lines}


def _payment(tables: _Tables, payment: Row) -> dict[str, Any]:
    information = _decoded(payment.get("additional_information"))
    held = information if isinstance(information, dict) else {}
    allowed = {key: held[key] for key in held if key in _ALLOWED_INFORMATION and not isinstance(held[key], dict | list)}
    return {**tables.row("payment", payment), "additional_information": allowed}


def _where_there(name: str, value: object) -> dict[str, object]:
    return {} if value is None else {name: value}


def _keyed(rows: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {key: row for key, row in rows.items() if row}


def malformed(what: str) -> MalformedEvent:
    """The refusal of an order that cannot be told, with what a person does about it."""
    return MalformedEvent(what, hint="mend the order in Magento and save it there; the module then tells it itself")
