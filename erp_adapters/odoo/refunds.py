"""Credit memos of Magento's as credit notes of Odoo's, each loaded once and posted.

A line is linked to its order's line, and so counts against what was invoiced of it, where Odoo has invoiced as much:
credited before it is invoiced, Odoo would want to invoice it twice. A note whose total Odoo computes differently stays
a draft, for people to settle; so does every one where `post_refunds` is false.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from erp_adapters.mapping import CodeMaps, MappingError, RuleBook, scope_of
from erp_adapters.odoo.answers import in_doubt, refused
from erp_adapters.odoo.books import BATCH
from erp_adapters.odoo.mapping import DISCOUNT, ONE, SHIPPING, percent_text, rate_of, stamp, tax_code, unit_price
from erp_adapters.odoo.names import line_of, reference_of, refund_line_name, refund_name
from erp_adapters.odoo.ordering import BY_HAND, Orders
from erp_adapters.odoo.reading import CANCELLED, STAMP, OrderRecord, Record, amount, key_of, shown, text
from erp_adapters.odoo.returns import Returns
from erp_adapters.odoo.terms import OdooTerms
from erp_adapters.odoo.writing import Writing
from sidecar.domain.delivery import (
    ErpId,
    Evidence,
    Found,
    Outcome,
    Presence,
    Reference,
    Result,
    Snapshot,
    SnapshotLine,
)
from sidecar.domain.documents import RefundDocument
from sidecar.domain.errors import Retryable
from sidecar.domain.money import ZERO, decimal_of, text_of
from sidecar.domain.refund import Refund, RefundLine

MOVES: Final = "account.move"
ADJUSTMENT: Final = "adjustment"
REFUND_FIELDS: Final = ("name", "ref", "invoice_origin", "state", "currency_id", "amount_tax", "amount_total")
REFUND_LINE_FIELDS: Final = ("move_id", "product_id", "quantity", "price_subtotal")
DRAFT: Final = "draft"
_NOT_SO: Final = "correct the draft in Odoo and post it, then retry the event: it is taken as it stands there"
_CORRECT: Final = "edit and replay the event, or skip it"


@dataclass(frozen=True, slots=True)
class RefundLineDraft:
    """A line as it goes out; `sale_line` is the key of the order's line, empty for none."""

    line_ref: str
    product: str
    name: str
    quantity: str
    price: str
    tax: str
    sale_line: str = ""


def refund_lines(
    refund: Refund, order: OrderRecord, terms: OdooTerms, codes: CodeMaps, step: Decimal
) -> Iterator[RefundLineDraft]:
    """The lines of a refund; raise MappingError where an amount cannot be said."""
    lines = {line.line_ref: line for line in order.lines}
    discounts: dict[Decimal, Decimal] = {}
    for line in refund.lines:
        at, known = f"lines[{line.line_ref}]", lines.get(line.line_ref)
        quantity = line.quantity or ONE
        linked = known is not None and line.quantity > 0 and known.invoiced >= line.quantity
        sale_line = str(known.line_id) if known is not None and linked else ""
        price = unit_price(line.total / quantity, quantity, line.total, at, step)
        tax = tax_code(codes, line.tax_percent, at)
        yield RefundLineDraft(line.line_ref, line.sku, line.sku, text_of(quantity), price, tax, sale_line)
        _add(discounts, line.tax_percent, _net_discount(refund, line))
    shipping, tax_of_it = refund.totals["shipping"], refund.totals["tax"] - sum((x.tax for x in refund.lines), ZERO)
    rest = refund.totals["discount"] - sum(discounts.values(), ZERO)
    rate = ZERO
    if shipping:  # without it, a cent of tax that no line has is Odoo's word against Magento's: the totals are compared
        rates = [line.tax_percent for line in refund.lines]
        rate = rate_of(tax_of_it, shipping, rest, rates, codes, step, "totals.tax")
        price, tax = unit_price(shipping, ONE, shipping, SHIPPING, step), tax_code(codes, rate, SHIPPING)
        yield RefundLineDraft(SHIPPING, terms.shipping_product, "Shipping", "1", price, tax)
    _add(discounts, rate, rest)
    for percent, part in sorted(discounts.items()):
        if part:
            ref = f"{DISCOUNT}-{percent_text(percent)}"
            price, tax = unit_price(part, ONE, part, ref, step), tax_code(codes, percent, ref)
            yield RefundLineDraft(ref, terms.discount_product, "Discount", "1", price, tax)
    adjustment = refund.totals["adjustment"]
    if adjustment:
        price = unit_price(adjustment, ONE, adjustment, ADJUSTMENT, step)
        yield RefundLineDraft(ADJUSTMENT, terms.discount_product, "Adjustment", "1", price, "")


@dataclass(frozen=True, slots=True)
class RefundRecord:
    """A credit note of ours in Odoo."""

    key: int
    number: str
    reference: str
    stamp: str
    state: str
    currency: str
    tax: Decimal
    total: Decimal
    lines: tuple[SnapshotLine, ...] = ()

    @property
    def erp_id(self) -> ErpId:
        """As Odoo itself writes a record of any model: its orders are plain numbers here."""
        return ErpId(f"{MOVES},{self.key}")

    def snapshot(self) -> Snapshot:
        """The note in our words: shipping, discounts and adjustment are totals and no lines."""
        stamped = STAMP.fullmatch(self.stamp)
        sums = {"subtotal": ZERO, "discount": ZERO, "shipping": ZERO, ADJUSTMENT: ZERO}
        for line in self.lines:
            sums[_kind(line.line_ref)] += line.total or ZERO
        return Snapshot(
            erp_id=self.erp_id,
            erp_number=self.number,
            external_ref=self.reference,
            revision=int(stamped[1]) if stamped else None,
            status=self.state,
            currency=self.currency,
            lines=tuple(line for line in self.lines if _kind(line.line_ref) == "subtotal"),
            totals={**sums, "tax": self.tax, "grand_total": self.total},
            event_id=stamped[2] if stamped else None,
            cancelled=self.state == CANCELLED,
        )


@dataclass(frozen=True, slots=True)
class Refunds:
    """The effects of refunds."""

    writing: Writing
    orders: Orders
    returns: Returns
    terms: OdooTerms
    rules: RuleBook

    def submit(self, refund: Refund, ref: Reference, ends_at: float) -> Result:
        """Make the credit note once, and post it where that is wanted."""
        found = self._by_reference([ref.external_ref], ends_at).get(ref.external_ref)
        if found is not None and (found.state != DRAFT or not self.terms.post_refunds):
            return _held(Outcome.ALREADY_EXISTS, found)
        if found is None:
            made = self._load(refund, ref, ends_at)
            fresh = made if isinstance(made, Result) else self._look_again(made, ref, ends_at)
            if isinstance(fresh, Result):
                return fresh
            found = fresh
        if not self.terms.post_refunds or found.state != DRAFT:
            return _held(Outcome.CONFIRMED, found)
        return self._post(refund, found, ref, ends_at)

    def find(self, refs: Sequence[Reference], ends_at: float) -> dict[str, Found]:
        """Credit notes by our reference; a draft that is yet to be posted is none."""
        known = self._by_reference(list(dict.fromkeys(ref.external_ref for ref in refs)), ends_at)
        answers = {}
        for ref in refs:
            found = known.get(ref.external_ref)
            there = found is not None and (found.state != DRAFT or not self.terms.post_refunds)
            answers[ref.idempotency_key] = (
                Found(Presence.ONE, (found.snapshot(),)) if found is not None and there else Found(Presence.ABSENT)
            )
        return answers

    def read_back(self, key: int, ends_at: float) -> Snapshot | None:
        """A credit note of ours as Odoo holds it."""
        found = self._read([["id", "=", key]], ends_at)
        return next((record.snapshot() for record in found), None)

    def _load(self, refund: Refund, ref: Reference, ends_at: float) -> int | Result:
        order = None if ref.target is None else self.orders.by_key(ref.target, ends_at)
        if order is None:
            return refused("NO_SUCH_ORDER", f"Odoo has no order {ref.target} of ours", BY_HAND)
        if order.currency != refund.currency:
            sentence = f"order {order.number} is in {order.currency} in Odoo, the refund in {refund.currency}"
            return refused("OTHER_CURRENCY", sentence, BY_HAND, order)
        if self.terms.restock:
            failure = self.returns.take_in(refund, order, ref, ends_at)
            if failure is not None:
                return failure
        books = self.writing.books
        codes = self.rules.rules_for(scope_of(RefundDocument(refund))).code_maps
        lines = tuple(refund_lines(refund, order, self.terms, codes, books.step_of(refund.currency, ends_at)))
        if not lines:
            raise MappingError("lines", "the credit memo gives nothing back", hint=_CORRECT)
        products = self.writing.products(sorted({line.product for line in lines}), ends_at)
        head = self._head(refund, order, ref, ends_at)
        names, rows = _rows(ref.external_ref, head, lines, products)
        keys = self.writing.load(MOVES, names, rows, ends_at, create_only=True)
        return keys if isinstance(keys, Result) else keys[0]

    def _head(self, refund: Refund, order: OrderRecord, ref: Reference, ends_at: float) -> dict[str, str]:
        fields = ("partner_invoice_id", "currency_id")
        domain = [["id", "=", order.order_id]]
        (record,) = self.writing.books.search("sale.order", domain, fields, ends_at) or [{}]
        head = {
            "move_type": "out_refund",
            "company_id/.id": str(self.terms.company),
            "partner_id/.id": str(key_of(record.get("partner_invoice_id"))),
            "currency_id/.id": str(key_of(record.get("currency_id"))),
            "ref": ref.external_ref,
            "invoice_origin": stamp(refund.increment_id, ref, promise_of(refund)),
            "invoice_date": refund.created_at[:10],
        }
        invoice = self._invoice(order, ends_at)
        return head if invoice is None else {**head, "reversed_entry_id/.id": str(invoice)}

    def _invoice(self, order: OrderRecord, ends_at: float) -> int | None:
        """The order's invoice, where it has exactly one that is posted."""
        lines = [line.line_id for line in order.lines]
        domain = [["move_type", "=", "out_invoice"], ["state", "=", "posted"], ["line_ids.sale_line_ids", "in", lines]]
        found = self.writing.books.search(MOVES, domain, ("name",), ends_at)
        return found[0]["id"] if len(found) == 1 else None

    def _post(self, refund: Refund, found: RefundRecord, ref: Reference, ends_at: float) -> Result:
        if found.key and found.total != refund.totals["grand_total"]:
            there, ours = text_of(found.total), text_of(refund.totals["grand_total"])
            sentence = f"Odoo computes {there} for the credit note of {ref.external_ref}, Magento gave {ours} back"
            return refused("OTHER_TOTAL", sentence, _NOT_SO)
        failure = self.writing.act(MOVES, "action_post", [found.key], ends_at, "refund")
        after = self._look_again(found.key, ref, ends_at)
        if isinstance(after, RefundRecord) and after.state != DRAFT:  # also where another one has posted it meanwhile
            return _held(Outcome.CONFIRMED, after)
        if failure is not None:
            return failure
        return after if isinstance(after, Result) else Result(Outcome.UNKNOWN)

    def _look_again(self, key: int, ref: Reference, ends_at: float) -> RefundRecord | Result:
        try:
            found = self.writing.books.search(MOVES, [["id", "=", key]], REFUND_FIELDS, ends_at)
            return _record(found[0], ref.external_ref, ()) if found else Result(Outcome.UNKNOWN)
        except Retryable as error:
            return in_doubt(error)
        except ValueError as error:
            return in_doubt(Retryable(f"Odoo answered with a credit note that cannot be read: {error}"))

    def _by_reference(self, references: Sequence[str], ends_at: float) -> dict[str, RefundRecord]:
        found: dict[str, RefundRecord] = {}
        for start in range(0, len(references), BATCH):
            part = list(references[start : start + BATCH])
            domain = [["move_type", "=", "out_refund"], ["ref", "in", part]]
            found |= {one.reference: one for one in self._read(domain, ends_at) if one.reference in part}
        return found

    def _read(self, domain: Sequence[object], ends_at: float) -> list[RefundRecord]:
        books = self.writing.books
        records = books.search(MOVES, domain, REFUND_FIELDS, ends_at)
        references = {
            key: reference
            for key, names in books.names(MOVES, [record["id"] for record in records], ends_at).items()
            if (reference := reference_of(names, "refund")) is not None
        }
        ours = [record for record in records if record["id"] in references]
        if not ours:
            return []
        wanted = [["move_id", "in", [record["id"] for record in ours]], ["display_type", "=", "product"]]
        lines = books.search("account.move.line", wanted, REFUND_LINE_FIELDS, ends_at)
        names = books.names("account.move.line", [line["id"] for line in lines], ends_at)
        try:
            skus = books.skus({key_of(line["product_id"]) for line in lines} - {0}, ends_at)
            own: dict[int, list[SnapshotLine]] = {}
            for line in lines:
                own.setdefault(key_of(line["move_id"]), []).append(_line(line, names.get(line["id"], []), skus))
            return [_record(one, references[one["id"]], tuple(own.get(one["id"], ()))) for one in ours]
        except ValueError as error:
            raise Retryable(f"Odoo answered with a credit note that cannot be read: {error}") from error


def promise_of(refund: Refund) -> str:
    """A hash of what was given back."""
    parts = [f"{line.line_ref}={text_of(line.quantity)}" for line in refund.lines]
    parts += [f"{name}={text_of(total)}" for name, total in sorted(refund.totals.items())]
    return hashlib.sha256(";".join([refund.currency, *parts]).encode()).hexdigest()[:12]


def _rows(
    reference: str, head: Mapping[str, str], lines: Sequence[RefundLineDraft], products: Mapping[str, int]
) -> tuple[list[str], list[list[str]]]:
    first = {"id": refund_name(reference), **head}
    written = [
        {
            "id": refund_line_name(reference, line.line_ref),
            "product_id/.id": str(products[line.product]),
            "name": line.name,
            "quantity": line.quantity,
            "price_unit": line.price,
            "tax_ids/id": line.tax,
            "sale_line_ids/.id": line.sale_line,
        }
        for line in lines
    ]
    names = [*first, *(f"invoice_line_ids/{name}" for name in written[0])]
    blank = [""] * len(first)
    return names, [[*(blank if number else first.values()), *line.values()] for number, line in enumerate(written)]


def _record(record: Record, reference: str, lines: tuple[SnapshotLine, ...]) -> RefundRecord:
    return RefundRecord(
        key=key_of(record["id"]),
        number=text(record, "name") or f"draft {record['id']}",
        reference=reference,
        stamp=text(record, "invoice_origin"),
        state=text(record, "state"),
        currency=shown(record.get("currency_id")),
        tax=amount(record, "amount_tax"),
        total=amount(record, "amount_total"),
        lines=lines,
    )


def _line(record: Record, names: Sequence[str], skus: Mapping[int, str]) -> SnapshotLine:
    ours = line_of(list(names), "refund_line")
    line_ref = ours[1] if ours else f"odoo:{record['id']}"
    sku = skus.get(key_of(record["product_id"]), "")
    return SnapshotLine(line_ref, sku, amount(record, "quantity"), amount(record, "price_subtotal"))


def _kind(line_ref: str) -> str:
    match line_ref:
        case "shipping" | "adjustment":
            return line_ref
        case _:
            return "discount" if line_ref.startswith(DISCOUNT + "-") else "subtotal"


def _net_discount(refund: Refund, line: RefundLine) -> Decimal:
    """Without the tax in it, which Magento keeps in a column of its own; negative."""
    items = refund.source.get("items")
    rows: Sequence[Mapping[str, Any]] = items if isinstance(items, Sequence) else ()
    row: Mapping[str, Any] = next((row for row in rows if str(row.get("order_item_id")) == line.line_ref), {})
    compensation = row.get("discount_tax_compensation_amount")
    return (ZERO if compensation is None else decimal_of(compensation)) - line.discount


def _add(sums: dict[Decimal, Decimal], key: Decimal, part: Decimal) -> None:
    sums[key] = sums.get(key, ZERO) + part


def _held(outcome: Outcome, found: RefundRecord) -> Result:
    return Result(outcome, found.erp_id, found.number, found.state, evidence=Evidence(200, bytes_sent=True))
