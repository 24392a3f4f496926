"""Refunds as an ERP needs them: a credit memo of Magento's, line by line, with what came back to stock.

Magento keeps a credit memo's amounts as it keeps an order's, with two exceptions, both in its
`Order/Creditmemo/Total/Tax.php`: `discount_tax_compensation_amount` holds the tax in the shipping discount as well,
and there is an adjustment, which has neither line nor tax. What went back to a gift card, to store credit or to
reward points is a payment, and no discount: Magento takes it off the grand total, here it is counted in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.fields import (
    Reader,
    Row,
    amount_in,
    hash_of,
    malformed,
    rows_without,
    without,
    words_in,
)
from sidecar.domain.money import ZERO, text_of

_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "subtotal": ("subtotal",),
    "discount": ("discount_amount", "discount_tax_compensation_amount"),
    "shipping": ("shipping_amount",),
    "tax": ("tax_amount",),
}
_TENDERS: Final = {
    "gift_card": "gift_cards_amount",
    "store_credit": "customer_balance_amount",
    "reward_points": "reward_currency_amount",
}
"""Columns of Adobe Commerce, which the module tells under `extra`."""

_ROUNDING: Final = Decimal("0.001")
"""Each amount is rounded to four decimals in its own column; a part that is missing is a cent at least."""

_NOT_CONTENT: Final = frozenset({"updated_at"})


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What is given back of one line of the order, which `line_ref` names. Amounts as in `OrderLine`: `total` is
    before discount and without tax. `restocked` is how many units Magento puts back on sale: none, where it does not
    say so.
    """

    line_ref: str
    sku: str
    quantity: Decimal
    total: Decimal
    discount: Decimal
    tax: Decimal
    tax_percent: Decimal
    restocked: Decimal


@dataclass(frozen=True, slots=True)
class Refund:
    """A credit memo in the order's currency; `source` is the payload as Magento wrote it, for mappings.

    `totals`: subtotal, discount (negative, net), shipping, adjustment (positive: more is given back), tax, grand_total.
    They add up: grand_total = subtotal + discount + shipping + adjustment + tax. `online`: the money went back by the
    payment provider; else somebody has yet to pay it out, or the shop gave store credit. `tenders` is how much of the
    grand total went back in another way than money, by gift_card, store_credit or reward_points.
    """

    entity_id: int
    increment_id: str
    order_entity_id: int
    order_increment_id: str
    store_id: int
    currency: str
    created_at: str
    payment_method: str
    online: bool
    lines: tuple[RefundLine, ...]
    totals: Mapping[str, Decimal]
    source: Row = field(repr=False)
    tenders: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def content_sha256(self) -> str:
        """The hash of what an ERP could see."""
        return hash_of(
            {
                "creditmemo": without(self.source.get("creditmemo"), _NOT_CONTENT),
                "items": rows_without(self.source.get("items"), _NOT_CONTENT),
                "order": self.order_entity_id,
                "extra": self.source.get("extra"),
            }
        )


def refund_of(payload: Row) -> Refund:
    """Read a credit memo's payload (schema version 1); raise MalformedEvent naming the first field that is wrong."""
    reader = Reader(payload)
    memo, payment = reader.row("creditmemo"), payload.get("payment")
    extra = payload.get("extra")
    unknown = extra.get("creditmemo") if isinstance(extra, Mapping) else None
    tenders = _tenders_in(unknown if isinstance(unknown, Mapping) else {})
    return Refund(
        entity_id=reader.integer("creditmemo", "entity_id"),
        increment_id=reader.text("creditmemo", "increment_id"),
        order_entity_id=reader.integer("order", "entity_id"),
        order_increment_id=reader.text("order", "increment_id"),
        store_id=reader.integer("order", "store_id"),
        currency=_currency(reader, memo),
        created_at=reader.text("creditmemo", "created_at"),
        payment_method=words_in(payment, "method", "payment") if isinstance(payment, Mapping) else "",
        online=_is_online(memo, payment if isinstance(payment, Mapping) else {}),
        lines=tuple(_lines_of(reader.rows("items", at_least=0), reader.rows("order_items", at_least=0))),
        totals=_totals_of(memo, sum(tenders.values(), ZERO)),
        source=payload,
        tenders=tenders,
    )


def _currency(reader: Reader, memo: Row) -> str:
    return words_in(memo, "order_currency_code", "creditmemo") or reader.text("order", "order_currency_code")


def _is_online(memo: Row, payment: Row) -> bool:
    """Magento names the transaction of a refund that its gateway made, if that has a name; without one, the payment
    tells only where all of its refunds went the same way. What cannot be told is offline: then somebody looks.
    """
    if words_in(memo, "transaction_id", "creditmemo"):
        return True
    online = amount_in(payment, "base_amount_refunded_online", "payment")
    return ZERO < online == amount_in(payment, "base_amount_refunded", "payment")


def _tenders_in(unknown: Row) -> dict[str, Decimal]:
    amounts = {name: amount_in(unknown, column, "extra.creditmemo") for name, column in _TENDERS.items()}
    return {name: amount for name, amount in amounts.items() if amount}


def _totals_of(memo: Row, tenders: Decimal) -> Mapping[str, Decimal]:
    def added(*columns: str) -> Decimal:
        return sum((amount_in(memo, column, "creditmemo") for column in columns), ZERO)

    totals = {name: added(*columns) for name, columns in _PARTS.items()}
    totals["adjustment"] = added("adjustment_positive") - added("adjustment_negative")
    parts = sum(totals.values(), ZERO)
    totals["grand_total"] = added("grand_total") + tenders
    if abs(parts - totals["grand_total"]) > _ROUNDING:
        difference = text_of(totals["grand_total"] - parts)
        message = f"the credit memo's grand total is not the sum of its parts, but {difference} away from it"
        raise MalformedEvent(message, hint="book it by hand and skip the event; or edit and replay it")
    return totals


def _lines_of(items: Sequence[Row], order_items: Iterable[Row]) -> Iterable[RefundLine]:
    """One line for each line of the order of which something is given back, as `order.lines_of` makes those."""
    ordered = {_id_in(row, "item_id", f"order_items[{index}]"): row for index, row in enumerate(order_items)}
    child_of = {row.get("parent_item_id"): row for row in ordered.values() if row.get("parent_item_id") is not None}
    returned = {row.get("order_item_id") for row in items if row.get("back_to_stock") is True}
    for index, row in enumerate(items):
        path = f"items[{index}]"
        item_id, role = _id_in(row, "order_item_id", path), row.get("role")
        if item_id not in ordered:
            raise malformed(f"{path}.order_item_id", item_id, "the id of one of the order's items")
        if role not in ("money", "stock", "both", "none"):
            raise malformed(f"{path}.role", role, "money, stock, both or none")
        of_order = ordered[item_id]
        parent = ordered.get(of_order.get("parent_item_id") or 0, {})
        if role == "none" or parent.get("product_type") == "configurable":
            continue
        stocked = child_of.get(item_id) if of_order.get("product_type") == "configurable" else None
        wanted = {item_id, parent.get("item_id"), (stocked or {}).get("item_id")}
        line = _line(row, of_order, stocked, path, comes_back=bool(wanted & returned))
        if line.quantity or line.total or line.tax:
            yield line


def _id_in(row: Row, name: str, path: str) -> int:
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise malformed(f"{path}.{name}", value, "an integer")
    return value


def _line(row: Row, of_order: Row, stocked: Row | None, path: str, *, comes_back: bool) -> RefundLine:
    sku = (stocked or {}).get("sku") or row.get("sku") or of_order.get("sku")
    if not isinstance(sku, str) or not sku:
        raise malformed(f"{path}.sku", sku, "a SKU")
    quantity = amount_in(row, "qty", path)
    has_stock = stocked is not None or row.get("role") != "money"
    is_free = row.get("role") == "stock"
    return RefundLine(
        line_ref=str(row.get("order_item_id")),
        sku=sku,
        quantity=quantity,
        total=ZERO if is_free else amount_in(row, "row_total", path),
        discount=ZERO if is_free else amount_in(row, "discount_amount", path),
        tax=ZERO if is_free else amount_in(row, "tax_amount", path),
        tax_percent=ZERO if is_free else amount_in(of_order, "tax_percent", path),
        restocked=quantity if comes_back and has_stock else ZERO,
    )
