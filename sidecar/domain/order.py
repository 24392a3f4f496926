"""Orders as an ERP needs them: lines with one money role and one stock role each, amounts as Magento wrote them.

Magento writes a configurable as two rows (the parent carries the money, the simple child the stock), a dynamic
bundle as a parent that repeats its children's sum, and a fixed bundle as a parent with money and children
without. Lines here never count anything twice: the totals of all lines sum up to the order's subtotal.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.fields import (
    EDIT_OR_SKIP,
    Reader,
    Row,
    amount_in,
    hash_of,
    is_integer,
    malformed,
    rows_without,
    without,
    words_in,
)
from sidecar.domain.money import ZERO

_DECODE = json.JSONDecoder().raw_decode
DEEPEST = 64
"""How many objects and lists may lie in one another; deeper ones would exhaust whoever walks them."""

_NOT_CONTENT = frozenset({"event_id", "type", "occurred_at", "origin", "actor", "status_history", "taxes", "tax_items"})
_NOT_ORDER_CONTENT = frozenset({"updated_at", "ext_order_id", "ext_customer_id", "email_sent", "send_email"})
_NOT_ITEM_CONTENT = frozenset({"created_at", "updated_at", "ext_order_item_id"})

COLLECTED: Final = "instore_pickup"
"""The shipping method of an order that the customer comes for."""

HEADER_TOTALS: Mapping[str, tuple[str, ...]] = {
    "subtotal": ("subtotal",),
    "discount": (
        "discount_amount",
        "discount_tax_compensation_amount",
        "shipping_discount_tax_compensation_amount",
    ),
    "shipping": ("shipping_amount",),
    "tax": ("tax_amount",),
    "grand_total": ("grand_total",),
}
"""Our totals and the columns that they add up.

The discount columns are tax-inclusive where the catalogue is; the compensation columns are the tax in them, so
their sum is the net discount and `grand_total = subtotal + discount + shipping + tax` holds.
"""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line: `role` is both, money or stock; a stock line costs nothing and ships, a money line only costs.

    `backordered` is how much of the quantity Magento had sold without having it.
    """

    line_ref: str
    role: str
    sku: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    total: Decimal
    discount: Decimal
    tax: Decimal
    tax_percent: Decimal
    backordered: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Order:
    """An order in one version of it; `source` is the payload as Magento wrote it, for mappings.

    `pickup_location` is the source where it is collected; empty where it is sent, or where nobody told.
    """

    entity_id: int
    increment_id: str
    store_id: int
    state: str
    status: str
    currency: str
    created_at: str
    payment_method: str
    shipping_method: str
    lines: tuple[OrderLine, ...]
    totals: Mapping[str, Decimal]
    source: Row = field(repr=False)
    pickup_location: str = ""

    @property
    def is_collected(self) -> bool:
        """Tell whether the customer comes for it."""
        return self.shipping_method == COLLECTED

    @property
    def content_sha256(self) -> str:
        """The hash of what an ERP could see: equal hashes mean that a save changed nothing."""
        return content_hash(self.source)


def content_hash(payload: Row) -> str:
    """Hash a payload without what every save or every acknowledgement of ours changes.

    Magento saves tax rows and items' times after the order's own transaction, so a first event lacks them; the
    amounts of tax are in the order and its items.
    """
    content = {key: value for key, value in payload.items() if key not in _NOT_CONTENT}
    content["order"] = without(payload.get("order"), _NOT_ORDER_CONTENT)
    content["items"] = rows_without(payload.get("items"), _NOT_ITEM_CONTENT)
    return hash_of(content)


def parse_payload(text: str) -> Row:
    """Read a payload's JSON; raise MalformedEvent where it is none, or where Magento could not build it.

    What comes back can be walked by recursion and encoded: it does not nest too deeply and holds whole characters.
    """
    payload = _plainly_sound(text) or _sound(text)
    if "erased" in payload:
        message = f"the payload is gone: {payload['erased']}"
        raise MalformedEvent(message, hint=EDIT_OR_SKIP)
    if "payload_error" in payload:
        message = f"Magento could not build the payload: {payload['payload_error']}"
        raise MalformedEvent(message, hint="mend the cause in Magento, save the order again, then skip this event")
    return payload


def _plainly_sound(text: str) -> Row | None:
    """The payload of a text that cannot nest too deeply and writes every character out; None where that is not plain.

    Stock events come by the million, and this takes half of the time that a whole look takes.
    """
    if "\\" in text or text.count("{") + text.count("[") > DEEPEST:
        return None
    try:
        payload, end = _DECODE(text)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) and end == len(text) else None


def _sound(text: str) -> Row:
    try:
        payload = json.loads(text)
    except ValueError as error:
        message = f"the payload is not JSON: {error}"
        raise MalformedEvent(message, hint=EDIT_OR_SKIP) from error
    except RecursionError as error:
        raise _too_deep() from error
    if not isinstance(payload, dict):
        message = "the payload is not a JSON object"
        raise MalformedEvent(message, hint=EDIT_OR_SKIP)
    if _nests_too_deeply(payload):
        raise _too_deep()
    _refuse_half_characters(payload, text)
    return payload


def _nests_too_deeply(payload: object) -> bool:
    level = [payload]
    for _ in range(DEEPEST):
        level = [child for node in level for child in _values_in(node) if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _values_in(node: object) -> Iterable[object]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _too_deep() -> MalformedEvent:
    message = f"the payload nests deeper than {DEEPEST} levels"
    return MalformedEvent(message, hint=EDIT_OR_SKIP)


def _refuse_half_characters(payload: object, text: str) -> None:
    if "\\ud" not in text.lower():
        return
    try:
        json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        message = "the payload holds half of a surrogate pair, which no encoding can carry"
        raise MalformedEvent(message, hint=EDIT_OR_SKIP) from error


def order_of(payload: Row) -> Order:
    """Read an order's payload (schema version 1); raise MalformedEvent naming the first field that is wrong."""
    reader = Reader(payload)
    order = reader.row("order")
    return Order(
        entity_id=reader.integer("order", "entity_id"),
        increment_id=reader.text("order", "increment_id"),
        store_id=reader.integer("order", "store_id"),
        state=reader.text("order", "state"),
        status=words_in(order, "status", "order"),
        currency=reader.text("order", "order_currency_code"),
        created_at=reader.text("order", "created_at"),
        payment_method=reader.text("payment", "method"),
        shipping_method=words_in(order, "shipping_method", "order"),
        lines=tuple(lines_of(reader.rows("items"))),
        totals=totals_of(order),
        source=payload,
        pickup_location=_pickup_location(payload),
    )


def _pickup_location(payload: Row) -> str:
    """The module tells it beside the columns; PHP writes an empty object as a list."""
    extra = payload.get("extra")
    told = extra.get("order") if isinstance(extra, Mapping) else None
    return words_in(told, "pickup_location_code", "extra.order") if isinstance(told, Mapping) else ""


def totals_of(order: Row) -> Mapping[str, Decimal]:
    """Add up an order row's totals in the order's currency."""
    return {
        name: sum((amount_in(order, column, "order") for column in columns), ZERO)
        for name, columns in HEADER_TOTALS.items()
    }


def lines_of(items: Iterable[Row]) -> list[OrderLine]:
    """Turn item rows, each with its `role`, into lines; a configurable and its simple become one line."""
    rows = list(items)
    for index, row in enumerate(rows):
        _check_identity(row, f"items[{index}]")
    child_of = {row.get("parent_item_id"): row for row in rows if row.get("parent_item_id") is not None}
    types = {row.get("item_id"): row.get("product_type") for row in rows}
    lines = []
    for index, row in enumerate(rows):
        role = row.get("role")
        if role not in ("money", "stock", "both", "none"):
            raise malformed(f"items[{index}].role", role, "money, stock, both or none")
        if role == "none" or types.get(row.get("parent_item_id")) == "configurable":
            continue
        merged = row.get("product_type") == "configurable" and row.get("item_id") in child_of
        stocked = child_of[row["item_id"]] if merged else row
        lines.append(_line(row, stocked, "both" if merged else role, f"items[{index}]"))
    return lines


def _line(row: Row, stocked: Row, role: str, path: str) -> OrderLine:
    free = role == "stock"
    sku = stocked.get("sku")
    if not isinstance(sku, str) or not sku:
        raise malformed(f"{path}.sku", sku, "a SKU")
    return OrderLine(
        line_ref=str(row.get("item_id")),
        role=role,
        sku=sku,
        name=words_in(row, "name", path) or sku,
        quantity=amount_in(row, "qty_ordered", path),
        unit_price=ZERO if free else amount_in(row, "price", path),
        total=ZERO if free else amount_in(row, "row_total", path),
        discount=ZERO if free else amount_in(row, "discount_amount", path),
        tax=ZERO if free else amount_in(row, "tax_amount", path),
        tax_percent=ZERO if free else amount_in(row, "tax_percent", path),
        backordered=_backordered(row, stocked, path),
    )


def _backordered(row: Row, stocked: Row, path: str) -> Decimal:
    """Of a configurable and its simple, Magento notes it at either; never more than was ordered."""
    noted = max(amount_in(one, "qty_backordered", path) for one in (row, stocked))
    return min(noted, amount_in(row, "qty_ordered", path))


def role_of(row: Row, parent: Row | None) -> str:
    """Tell an item row's role from its type and its parent's; options arrive decoded or as JSON text."""
    if parent is not None:
        dynamic = parent.get("product_type") == "bundle" and _children_calculated(parent)
        return "both" if dynamic else "stock"
    match row.get("product_type"):
        case "configurable":
            return "money"
        case "bundle":
            return "none" if _children_calculated(row) else "money"
        case _:
            return "both"


def _children_calculated(bundle: Row) -> bool:
    written = bundle.get("product_options") or {}
    try:
        options = json.loads(written) if isinstance(written, str) else written
    except (RecursionError, ValueError):
        raise malformed("product_options of a bundle", written, "a JSON object") from None
    if not options:  # PHP writes an empty object as a list
        return False
    if not isinstance(options, Mapping):
        raise malformed("product_options of a bundle", options, "a JSON object")
    return options.get("product_calculations") in (0, "0")


def _check_identity(row: Row, path: str) -> None:
    item_id, parent_id = row.get("item_id"), row.get("parent_item_id")
    if not is_integer(item_id):
        raise malformed(f"{path}.item_id", item_id, "an integer")
    if parent_id is not None and not is_integer(parent_id):
        raise malformed(f"{path}.parent_item_id", parent_id, "an integer or null")
