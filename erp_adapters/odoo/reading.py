"""Reading Odoo's records in our words, pure. A record is what `read()` returns, `names` its external identifiers."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, TypeVar

from erp_adapters.mapping import CodeMaps
from erp_adapters.odoo.mapping import DISCOUNT, SHIPPING
from erp_adapters.odoo.terms import CARRIERS
from sidecar.domain.delivery import ErpId, Snapshot, SnapshotLine
from sidecar.domain.inbound import InboundDocument, InboundKind, InboundLine, InboundTrack
from sidecar.domain.money import ZERO

Record = Mapping[str, Any]
_T = TypeVar("_T")

CANCELLED: Final = "cancel"
DONE: Final = "done"
STATUSES: Final = frozenset({"draft", "sent", "sale", CANCELLED})
OPEN: Final = frozenset({"draft", "sent"})
"""A quotation: nobody has promised anything yet."""

STAMP: Final = re.compile(r"Magento \S+ r(\d{1,18}) (\S+) ([0-9a-f]{12})")
_NOISE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class OrderLineRecord:
    """A line of an order in Odoo; `line_ref` is our reference, or one made of its key where it is not ours."""

    line_id: int
    line_ref: str
    sku: str
    product_id: int
    unit_id: int
    quantity: Decimal
    subtotal: Decimal
    delivered: Decimal
    invoiced: Decimal

    @property
    def is_shipping(self) -> bool:
        """Tell whether it is our line of the shipping costs."""
        return self.line_ref == SHIPPING

    @property
    def is_discount(self) -> bool:
        """Tell whether it is one of our lines of discounts."""
        return self.line_ref.startswith(DISCOUNT + "-")

    @property
    def is_goods(self) -> bool:
        """Tell whether it stands for something that was ordered."""
        return not (self.is_shipping or self.is_discount)


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order of ours in Odoo with its lines."""

    order_id: int
    number: str
    reference: str
    state: str
    stamp: str
    currency: str
    tax: Decimal
    total: Decimal
    all_delivered: bool
    all_invoiced: bool
    lines: tuple[OrderLineRecord, ...] = field(default=())

    @property
    def promise(self) -> str:
        """What was promised to whom, as a hash; empty where people have edited the stamp."""
        stamped = STAMP.fullmatch(self.stamp)
        return stamped[3] if stamped else ""

    @property
    def all_credited(self) -> bool:
        """Tell whether nothing that was invoiced is left; Odoo takes what is credited off it."""
        return not any(line.invoiced for line in self.lines if line.is_goods)

    def snapshot(self) -> Snapshot:
        """The order in our words: shipping and discounts are totals and no lines."""
        stamped = STAMP.fullmatch(self.stamp)
        sums = {"subtotal": ZERO, "discount": ZERO, "shipping": ZERO}
        for line in self.lines:
            kind = "shipping" if line.is_shipping else "discount" if line.is_discount else "subtotal"
            sums[kind] += line.subtotal
        return Snapshot(
            erp_id=ErpId(str(self.order_id)),
            erp_number=self.number,
            external_ref=self.reference,
            revision=int(stamped[1]) if stamped else None,
            status=self.state,
            currency=self.currency,
            lines=tuple(
                SnapshotLine(line.line_ref, line.sku, line.quantity, line.subtotal, erp_line=str(line.line_id))
                for line in self.lines
                if line.is_goods
            ),
            totals={**sums, "tax": self.tax, "grand_total": self.total},
            event_id=stamped[2] if stamped else None,
            cancelled=self.state == CANCELLED,
        )


def order_record(record: Record, reference: str, lines: Iterable[OrderLineRecord]) -> OrderRecord:
    """Read an order; raise ValueError where it does not look like one."""
    return OrderRecord(
        order_id=key_of(record["id"]),
        number=text(record, "name"),
        reference=reference,
        state=text(record, "state"),
        stamp=text(record, "origin"),
        currency=shown(record.get("currency_id")),
        tax=amount(record, "amount_tax"),
        total=amount(record, "amount_total"),
        all_delivered=record.get("delivery_status") == "full",
        all_invoiced=record.get("invoice_status") == "invoiced",
        lines=tuple(lines),
    )


def line_record(record: Record, line_ref: str | None, skus: Mapping[int, str]) -> OrderLineRecord:
    """Read a line; raise ValueError where it does not look like one."""
    line_id, product_id = key_of(record["id"]), key_of(record.get("product_id"))
    return OrderLineRecord(
        line_id=line_id,
        line_ref=line_ref or f"odoo:{line_id}",
        sku=skus.get(product_id, ""),
        product_id=product_id,
        unit_id=key_of(record.get("product_uom_id")),
        quantity=amount(record, "product_uom_qty"),
        subtotal=amount(record, "price_subtotal"),
        delivered=amount(record, "qty_delivered"),
        invoiced=amount(record, "qty_invoiced"),
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the readers of documents need: our orders, their lines by key, warehouses' codes and carriers."""

    orders: Mapping[int, OrderRecord]
    warehouses: Mapping[int, str]
    codes: CodeMaps

    def line(self, key: int) -> tuple[OrderRecord, OrderLineRecord] | None:
        """The line of an order of ours, with its order."""
        found = ((o, line) for o in self.orders.values() for line in o.lines if line.line_id == key)
        return next(found, None)


def delivery_of(record: Record, moves: Sequence[Record], around: Surroundings) -> InboundDocument:
    """A done transfer to the customer; `moves` are its own."""
    try:
        order = around.orders[key_of(record.get("sale_id"))]
        document = InboundDocument(
            kind=InboundKind.DELIVERY,
            erp_id=ErpId(str(key_of(record["id"]))),
            erp_number=text(record, "name"),
            version="",
            order_ref=order.reference,
            lines=tuple(_moved(order, moves)),
            tracks=tuple(_tracks(record, around.codes)),
            warehouse=around.warehouses.get(key_of(record.get("picking_type_id")), ""),
            final=order.all_delivered,
        )
    except ValueError as error:
        return unreadable(InboundKind.DELIVERY, record, str(error))
    return replace(document, version=_version(document))


def invoice_of(
    kind: InboundKind, record: Record, lines: Sequence[Record], around: Surroundings
) -> InboundDocument | None:
    """A posted invoice or credit memo, or one that was cancelled afterwards; None for one of nobody's we know."""
    try:
        charged = [(line, around.line(key_of(sale_line))) for line in lines for sale_line in line["sale_line_ids"]]
        orders = {found[0].order_id: found[0] for _, found in charged if found is not None}
        if not orders:
            return None
        order = _only(list(orders.values()), "it is for several orders")
        for line in lines:
            _only(line["sale_line_ids"] or [0], "a line of it is for several lines of the order")
        amounts = {"grand_total": amount(record, "amount_total")}
        shipping = [amount(line, "price_subtotal") for line, found in charged if found and found[1].is_shipping]
        document = InboundDocument(
            kind=kind,
            erp_id=ErpId(str(key_of(record["id"]))),
            erp_number=text(record, "name"),
            version="",
            order_ref=order.reference,
            lines=tuple(_charged(lines, around)),
            currency=shown(record.get("currency_id")),
            amounts={**amounts, "shipping": sum(shipping, ZERO)},
            final=order.all_invoiced if kind is InboundKind.INVOICE else order.all_credited,
            reversed=record.get("state") == CANCELLED,
        )
    except ValueError as error:
        return unreadable(kind, record, str(error))
    return replace(document, version=_version(document))


def unreadable(kind: InboundKind, record: Record, why: str) -> InboundDocument:
    """A record that cannot be read, under its own key; its content is its version."""
    key, number = str(key_of(record["id"])), record.get("name")
    digest = hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()
    shown_number = number if isinstance(number, str) and number.isprintable() and number else key
    return InboundDocument(kind, ErpId(key), shown_number, f"unreadable-{digest[:32]}", "", unreadable=why)


def _moved(order: OrderRecord, moves: Sequence[Record]) -> Iterator[InboundLine]:
    lines = {line.line_id: line for line in order.lines}
    sums: dict[int, Decimal] = {}
    for move in moves:
        key = key_of(move.get("sale_line_id"))
        line = lines.get(key)
        if line is None:
            raise ValueError("it has goods that no line of the order stands for")
        if key_of(move.get("product_id")) != line.product_id:
            raise ValueError("it has parts of a kit, whose quantities are not those of the order's line")
        if key_of(move.get("product_uom")) != line.unit_id:
            raise ValueError("it counts in another unit than the order's line")
        sums[key] = sums.get(key, ZERO) + amount(move, "quantity")
    for key, quantity in sums.items():
        line = lines[key]
        yield InboundLine(line.line_ref, line.sku, quantity, ordered=line.quantity)


def _only(found: Sequence[_T], otherwise: str) -> _T:
    if len(found) != 1:
        raise ValueError(otherwise)
    return found[0]


def _charged(lines: Sequence[Record], around: Surroundings) -> Iterator[InboundLine]:
    for line in lines:
        quantity = amount(line, "quantity")
        found = next((around.line(key_of(key)) for key in line["sale_line_ids"]), None)
        if found is None:
            yield InboundLine(f"odoo:{key_of(line['id'])}", "", quantity)
        elif found[1].is_goods:
            yield InboundLine(found[1].line_ref, found[1].sku, quantity, ordered=found[1].quantity)


def _tracks(record: Record, codes: CodeMaps) -> Iterator[InboundTrack]:
    """Parcels' numbers; the fields are there only where Odoo's module of delivery methods is."""
    numbers = record.get("carrier_tracking_ref")
    title = shown(record.get("carrier_id"))
    carriers = codes.get(CARRIERS, {})
    carrier = next((magento for magento, odoo in carriers.items() if odoo == title), title)
    for number in numbers.split(",") if isinstance(numbers, str) else ():
        if number.strip():
            yield InboundTrack(carrier, title, number.strip())


def _version(document: InboundDocument) -> str:
    """A hash of the document's own content: neither a payment, which changes Odoo's record, nor what became of its
    order meanwhile makes another version.
    """
    own = replace(document, final=False, lines=tuple(replace(line, ordered=None) for line in document.lines))
    content = json.dumps(asdict(own), sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def key_of(value: object) -> int:
    """A record's key, alone or with its name; 0 where there is none."""
    match value:
        case bool() | None:
            return 0
        case int(key) | [int(key), *_]:
            return key
        case _:
            raise ValueError("a key is no whole number")


def shown(value: object) -> str:
    """The name of a record that another one points to; empty where it points to none."""
    match value:
        case [_, str(name)]:
            return name
        case _:
            return ""


def text(record: Record, name: str) -> str:
    """A text; empty for Odoo's false."""
    value = record.get(name)
    if value is None or value is False:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")  # noqa: TRY004 -- every misfit of a record is a ValueError
    return value


def amount(record: Record, name: str) -> Decimal:
    """An amount, without what binary fractions leave behind: 3.8000000000000007 is 3.8."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"{name} is no number")  # noqa: TRY004 -- as above
    return Decimal(value).quantize(_NOISE).normalize() + ZERO
