"""An order in Odoo's terms: rows for `load()`, pure. Nothing is guessed, rounded or cut.

Prices, discounts and taxes, as Odoo computes them again:

    line       the unit price that makes Magento's row total; before discount, without tax
    discount   a line of its own per tax rate, with a negative price: Odoo's own field is a percentage of two places,
               and 0.01 of 1234.56 cannot be said in it
    shipping   a line of its own, with the tax rate that makes Magento's tax on it
    tax        a tax of Odoo for each rate, by the code map; Odoo computes the amount
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from typing import Final

from erp_adapters.mapping import CodeMaps, Expression, MappingError, OrderFulfilment, canonical_order
from erp_adapters.odoo.names import line_name, order_name
from erp_adapters.odoo.terms import NO_TAX, PAYMENT_TERMS, PRICELISTS, TAXES, OdooTerms
from sidecar.domain.delivery import MissingEntry, Reference
from sidecar.domain.intents import Intent
from sidecar.domain.money import ZERO, text_of
from sidecar.domain.order import Order

SHIPPING: Final = "shipping"
DISCOUNT: Final = "discount"
CENT: Final = Decimal("0.01")
ONE: Final = Decimal(1)
AS_USUAL: Final = OrderFulfilment(())
_NOTED: Final = frozenset({Intent.DROP_SHIP, Intent.PRE_ORDER})
_MOST_PLACES: Final = Decimal("0.0000000001")
_NOT_IN_HTML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_CORRECT: Final = "edit and replay the event, or skip it"


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as it goes out; `product` is an internal reference, `tax` an external identifier, empty for none."""

    line_ref: str
    product: str
    name: str
    quantity: str
    price: str
    tax: str


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as it goes out: columns of `sale.order`, and its lines.

    `birth` names what an order has from its beginning, its contacts included, and is never written beside the lines
    again. `promise` is a hash of lines, amounts and addresses.
    """

    reference: str
    birth: Mapping[str, str]
    columns: Mapping[str, str]
    lines: tuple[LineDraft, ...]
    promise: str

    @property
    def products(self) -> list[str]:
        """Every internal reference that Odoo must know."""
        return sorted({line.product for line in self.lines})

    def rows(
        self, products: Mapping[str, int], fixed: Mapping[str, str] | None = None
    ) -> tuple[list[str], list[list[str]]]:
        """Names of columns and rows for `load()`: the order stands in the first, one line in each.

        `fixed` are columns that only a new order is told: where the company is written again beside the lines, Odoo
        puts the products' own taxes over those of the lines.
        """
        head = {"id": order_name(self.reference), **(fixed or {}), **self.columns}
        lines = [self._line(number, line, products) for number, line in enumerate(self.lines, 1)]
        names = [*head, *(f"order_line/{name}" for name in lines[0])]
        blank = [""] * len(head)
        return names, [[*(blank if number else head.values()), *line.values()] for number, line in enumerate(lines)]

    def _line(self, number: int, line: LineDraft, products: Mapping[str, int]) -> dict[str, str]:
        return {
            "id": line_name(self.reference, line.line_ref),
            "sequence": str(number),
            "product_id/.id": str(products[line.product]),
            "name": line.name,
            "product_uom_qty": line.quantity,
            "price_unit": line.price,
            "tax_ids/id": line.tax,
        }


def draft_of(
    order: Order,
    ref: Reference,
    contacts: Mapping[str, str],
    terms: OdooTerms,
    codes: CodeMaps,
    custom_fields: Mapping[str, Expression],
    step: Decimal = CENT,
    served: OrderFulfilment = AS_USUAL,
    warehouse: int | None = None,
) -> OrderDraft:
    """Write an order down for Odoo; raise MappingError where it cannot be, with what to do.

    `contacts` are the columns that name its contacts, `step` is what Odoo rounds the order's currency to, `warehouse`
    the key of the one that has to serve it; None: Odoo decides.
    """
    canonical = canonical_order(order, ref, custom_fields)
    _must_add_up(order)
    birth = {
        "client_order_ref": ref.external_ref,
        "company_id/.id": str(terms.company),
        "pricelist_id/id": _code(codes, PRICELISTS, order.currency, "order.currency"),
        "date_order": order.created_at,
        **contacts,
    }
    bound = {} if warehouse is None else {"warehouse_id/.id": str(warehouse)}
    promise = promise_of(order, {**contacts, **bound}, served)
    columns = {
        "origin": stamp(order.increment_id, ref, promise),
        "note": _as_html("\n".join(_notes(order, served)), "order.customer_note"),
        **canonical["custom_fields"],
    }
    term = codes.get(PAYMENT_TERMS, {}).get(order.payment_method)
    if term is not None:
        columns["payment_term_id/id"] = term
    lines = tuple(_lines(order, canonical["lines"], terms, codes, step))
    return OrderDraft(ref.external_ref, {**birth, **bound}, columns, lines, promise)


def stamp(increment_id: str, ref: Reference, promise: str) -> str:
    """What stands in `origin`: the number that people know, which version of the content this is, and its promise."""
    return f"Magento {increment_id} r{ref.revision} {ref.event_id} {promise}"


def _notes(order: Order, served: OrderFulfilment) -> Iterator[str]:
    """What the customer wrote, and what Odoo has no field for: people there read it."""
    note = _text(order, "customer_note")
    if note:
        yield note
    for intent, words in (Intent.DROP_SHIP, "Drop shipment"), (Intent.PRE_ORDER, "Pre-order"):
        for line, one in zip(order.lines, served.lines, strict=False):
            if one.intent is intent:
                yield f"{words}, from no warehouse: {text_of(line.quantity.normalize())} x {line.sku}"
    if order.is_collected:
        yield f"Collected by the customer: {served.pickup_warehouse or order.pickup_location or 'ask where'}"


def promise_of(order: Order, contacts: Mapping[str, str], served: OrderFulfilment = AS_USUAL) -> str:
    """A hash of what was promised to whom: lines, amounts, addresses, and how they are served.

    Invoices, shipments and comments change an order in Magento, and nothing of this; neither does another mapping.
    """
    lines = [
        (line.line_ref, line.sku, *map(text_of, (line.quantity, line.total, line.discount, line.tax_percent)))
        for line in order.lines
    ]
    totals = {name: text_of(amount) for name, amount in order.totals.items()}
    content = [order.currency, lines, totals, dict(contacts)]
    unusual = {
        line.line_ref: one.intent for line, one in zip(order.lines, served.lines, strict=False) if one.intent in _NOTED
    }
    if unusual:  # what was promised before anybody spoke of intents keeps its hash
        content.append(unusual)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _lines(
    order: Order, lines: Sequence[Mapping[str, str]], terms: OdooTerms, codes: CodeMaps, step: Decimal
) -> Iterator[LineDraft]:
    discounts: dict[Decimal, Decimal] = {}
    for line, written in zip(order.lines, lines, strict=True):
        at = f"lines[{line.line_ref}]"
        price = unit_price(line.unit_price, line.quantity, line.total, at, step)
        tax = tax_code(codes, line.tax_percent, at)
        yield LineDraft(line.line_ref, line.sku, line.name, text_of(line.quantity), price, tax)
        _add(discounts, line.tax_percent, Decimal(written["discount"]))
    shipping = order.totals["shipping"]
    shipping_discount = order.totals["discount"] - sum(discounts.values(), ZERO)
    rate = shipping_rate(order, shipping_discount, codes, step)
    if shipping:
        name = _text(order, "shipping_description") or order.shipping_method
        price = unit_price(shipping, ONE, shipping, SHIPPING, step)
        yield LineDraft(SHIPPING, terms.shipping_product, name, "1", price, tax_code(codes, rate, SHIPPING))
    _add(discounts, rate, shipping_discount)
    for percent, amount in sorted(discounts.items()):
        if amount:
            name = _text(order, "discount_description") or "Discount"
            rate_text = percent_text(percent)
            line_ref = f"{DISCOUNT}-{rate_text}"
            price = unit_price(amount, ONE, amount, line_ref, step)
            yield LineDraft(line_ref, terms.discount_product, name, "1", price, tax_code(codes, percent, line_ref))


def unit_price(price: Decimal, quantity: Decimal, total: Decimal, at: str = "", step: Decimal = CENT) -> str:
    """The price whose product with the quantity is the total: Magento's own where it fits, else the total's share."""
    if not quantity:
        raise MappingError(at, f"{at} has no quantity", hint=_CORRECT)
    for candidate in (price, (total / quantity).quantize(_MOST_PLACES)):
        if rounded(candidate * quantity, step) == total:
            return text_of(candidate)
    message = f"{at}: no unit price makes {text_of(total)} of {text_of(quantity)}, as Odoo rounds to {text_of(step)}"
    raise MappingError(at, message, hint=_CORRECT)


def shipping_rate(order: Order, discount: Decimal, codes: CodeMaps, step: Decimal = CENT) -> Decimal:
    """The tax rate that makes Magento's tax on shipping: one of the order's own first, then of the code map's."""
    tax, rates = _amount(order, "shipping_tax_amount"), [line.tax_percent for line in order.lines]
    return rate_of(tax, order.totals["shipping"], discount, rates, codes, step, "order.shipping_tax_amount")


def rate_of(
    tax: Decimal,
    shipping: Decimal,
    discount: Decimal,
    rates: Sequence[Decimal],
    codes: CodeMaps,
    step: Decimal,
    at: str,
) -> Decimal:
    """The rate that makes a tax of what shipping costs, with or without its discount; raise MappingError."""
    if not tax:
        return ZERO
    known = [Decimal(rate) for rate in codes.get(TAXES, {}) if rate.replace(".", "", 1).isdigit()]
    for rate in (*rates, *known):
        if any(abs(base * rate / 100 - tax) <= step / 2 for base in (shipping, shipping + discount)):
            return rate
    message = f"{at} is {text_of(tax)}, which no known tax rate makes of {text_of(shipping)}"
    raise MappingError(at, message, hint=f"add the rate to code_maps.{TAXES}, then retry")


def percent_text(percent: Decimal) -> str:
    """A rate as code maps name it: 19, 8.875, 0."""
    return text_of(percent.normalize()) if percent else "0"


def tax_code(codes: CodeMaps, percent: Decimal, at: str) -> str:
    """The tax of a rate, empty for none; raise MappingError where the code map does not say."""
    code = _code(codes, TAXES, percent_text(percent), at)
    return "" if code == NO_TAX else code


def _code(codes: CodeMaps, name: str, value: str, at: str) -> str:
    entries = codes.get(name, {})
    code = entries.get(value, entries.get("*"))
    if code is None:
        hint = f"add code_maps.{name}.{value} to the destination's blueprint, then restart the sidecar"
        message = f"{at}: {value!r} has no entry in the code map {name}"
        raise MappingError(at, message, hint=hint, missing=MissingEntry(name, value))
    return code


def _must_add_up(order: Order) -> None:
    """What an order owes beyond its lines has no place here: a gift card is a payment, a fee is a line."""
    totals = order.totals
    lines = sum((line.total for line in order.lines), ZERO)
    parts = lines + totals["discount"] + totals["shipping"] + totals["tax"]
    if lines != totals["subtotal"] or parts != totals["grand_total"]:
        message = (
            f"lines, discount, shipping and tax make {text_of(parts)}, the order's total is "
            f"{text_of(totals['grand_total'])}"
        )
        hint = "gift cards, store credit and fees are not mapped to Odoo; enter the order there, then skip the event"
        raise MappingError("totals", message, hint=hint)


def _text(order: Order, column: str) -> str:
    value = order.source["order"].get(column)
    return value if isinstance(value, str) else ""


def _amount(order: Order, column: str) -> Decimal:
    return Decimal(order.source["order"].get(column) or 0)


def _as_html(text: str, at: str) -> str:
    """Text for a field that holds HTML: Odoo takes out what cannot stand there, without a word."""
    strange = _NOT_IN_HTML.search(text)
    if strange is not None:
        message = f"{at} has the character U+{ord(strange[0]):04X}, which Odoo would leave out"
        raise MappingError(at, message, hint=_CORRECT)
    return escape(text).replace("\n", "<br>")


def _add(sums: dict[Decimal, Decimal], key: Decimal, amount: Decimal) -> None:
    sums[key] = sums.get(key, ZERO) + amount


def rounded(amount: Decimal, step: Decimal) -> Decimal:
    """An amount to the next step, halves away from zero."""
    return (amount / step).quantize(ONE, ROUND_HALF_UP) * step
