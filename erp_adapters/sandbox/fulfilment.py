"""What follows an order: deliveries, invoices and credit memos, made and changed by people in the ERP.

The control plane stands for those people. It believes what it is told: nothing is checked against the order, so an
ERP that lies is made by telling it a lie. What it is not told it works out as an honest clerk would.
"""

import json
import sqlite3
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from erp_adapters.sandbox.answers import Answer, JsonObject, RefusedError, instant
from erp_adapters.sandbox.call import Call, House
from erp_adapters.sandbox.ledger import Reading, Writing, as_text
from erp_adapters.sandbox.listing import by_clock, by_sequence
from erp_adapters.sandbox.orders import document as order_document
from erp_adapters.sandbox.orders import find_order, revise

ZERO = Decimal("0.0000")
PARTS = ("subtotal", "discount", "tax")
SETTLED = ("closed", "rejected", "cancelled")


@dataclass(frozen=True)
class Kind:
    """One kind of document that follows orders."""

    name: str
    series: str
    entries: str


DELIVERY = Kind("delivery", "DN", "deliveries")
INVOICE = Kind("invoice", "IV", "invoices")
CREDIT_MEMO = Kind("credit_memo", "CM", "creditMemos")
KINDS = (DELIVERY, INVOICE, CREDIT_MEMO)


def follow(ledger: Reading, call: Call, kind: Kind) -> Answer:
    """Give the documents of a kind that changed since the cursor, in the order of their changes."""
    show = _Showing(call.house)
    return by_sequence(ledger, call, "documents_changed_since", kind.entries, show.document, kind=kind.name)


def follow_by_clock(ledger: Reading, call: Call, kind: Kind) -> Answer:
    """Give the documents of a kind that changed at an instant or later."""
    show = _Showing(call.house)
    return by_clock(ledger, call, "documents_changed_at", kind.entries, show.document, kind=kind.name)


def read(ledger: Reading, call: Call, kind: Kind) -> Answer:
    """Give one document."""
    found = ledger.first("document_by_number", number=call.named)
    if not found or found["kind"] != kind.name:
        raise RefusedError(404, "NOT_FOUND", f"There is no document {call.named}.")
    return Answer(200, _Showing(call.house).document(found))


def make(ledger: Writing, call: Call, kind: Kind) -> Answer:
    """Write a document for an order, and move the order to where that brings it."""
    order = find_order(ledger, call.named)
    books = _Books(ledger, order, call.house)
    told = {name: value for name, value in call.sent.items() if name != "orderReference"}
    number = f"{kind.series}-{ledger.next_of(kind.series)}"
    ledger.run(
        "insert_document",
        number=number,
        kind=kind.name,
        order_number=order["number"],
        order_reference=call.sent.get("orderReference", order["reference"]),
        version=1,
        reversed=0,
        body=as_text(books.filled_in(kind, told)),
        change_seq=ledger.next_of("change"),
    )
    _move_order(ledger, order, call.house)
    return Answer(201, {"number": number, "version": 1})


def amend(ledger: Writing, call: Call) -> Answer:
    """Change a document, take it back, or let it be listed again as it is."""
    before = ledger.first("document_by_number", number=call.named)
    if not before:
        raise RefusedError(404, "NOT_FOUND", f"There is no document {call.named}.")
    told = {name: value for name, value in call.sent.items() if name not in ("reversed", "again")}
    is_reversed = int(call.sent.get("reversed", before["reversed"]))
    changed = bool(told) or is_reversed != before["reversed"]
    if changed or call.sent.get("again"):
        version = before["version"] + changed
        ledger.run(
            "update_document",
            number=before["number"],
            version=version,
            reversed=is_reversed,
            body=as_text({**json.loads(before["body"]), **told}),
            change_seq=ledger.next_of("change"),
        )
        _move_order(ledger, find_order(ledger, before["order_number"]), call.house)
        return Answer(200, {"number": before["number"], "version": version})
    return Answer(200, {"number": before["number"], "version": before["version"]})


@dataclass(frozen=True)
class _Showing:
    """How documents look from outside."""

    house: House

    def document(self, row: sqlite3.Row) -> JsonObject:
        return {
            "number": row["number"],
            "order": row["order_number"],
            "orderReference": row["order_reference"],
            "version": row["version"],
            "reversed": bool(row["reversed"]),
            **json.loads(row["body"]),
            "createdAt": instant(row["created_us"]),
            "changedAt": self.house.stamp(row["changed_us"]),
        }


class _Books:
    """One order and the documents that stand for it."""

    def __init__(self, ledger: Reading, order: sqlite3.Row, house: House) -> None:
        self.order = order_document(order, house)
        self.lines: dict[str, JsonObject] = {line["lineReference"]: line for line in self.order["lines"]}
        rows = ledger.all("documents_of_order", order_number=order["number"])
        self._bodies = [(row["kind"], json.loads(row["body"])) for row in rows]

    def of(self, kind: Kind) -> list[JsonObject]:
        """The documents of a kind that nobody has taken back."""
        return [body for name, body in self._bodies if name == kind.name]

    def sum(self, kind: Kind, reference: str) -> Decimal:
        """How much of a line is in documents of a kind."""
        lines = (line for body in self.of(kind) for line in body["lines"])
        return sum((_number(line["quantity"]) for line in lines if line["lineReference"] == reference), ZERO)

    def left(self, kind: Kind) -> dict[str, Decimal]:
        """How much of each line a document of the kind could still hold, lines without any left out."""
        whole = {name: _number(line["confirmedQuantity"]) for name, line in self.lines.items()}
        if kind is CREDIT_MEMO:
            whole = {name: self.sum(INVOICE, name) for name in self.lines}
        rest = {name: quantity - self.sum(kind, name) for name, quantity in whole.items()}
        return {name: quantity for name, quantity in rest.items() if quantity > 0}

    def is_complete(self, kind: Kind) -> bool:
        """Whether nothing more of the kind follows."""
        bodies = self.of(kind)
        return bool(bodies) and (any(body["final"] for body in bodies) or not self.left(kind))

    def filled_in(self, kind: Kind, told: JsonObject) -> JsonObject:
        """The document as told, and what was not told as it should be."""
        left = self.left(kind)
        lines = told.get("lines") or [{"lineReference": name, "quantity": str(rest)} for name, rest in left.items()]
        taken = {line["lineReference"]: _number(line["quantity"]) for line in lines}
        final = all(taken.get(name, ZERO) >= rest for name, rest in left.items())
        body = {"final": final, **told, "lines": [self._line(kind, line) for line in lines]}
        if kind is DELIVERY:
            return {"warehouse": "main", "tracks": [], **body}
        return {"currency": self.order["currency"], **body, "amounts": {**self._amounts(kind, taken), **_amounts(told)}}

    def _line(self, kind: Kind, told: JsonObject) -> JsonObject:
        line = self.lines.get(told["lineReference"], {})
        filled = {"lineNumber": line.get("lineNumber"), "sku": line.get("sku"), "orderedQuantity": line.get("quantity")}
        if kind is CREDIT_MEMO:
            filled["receivedQuantity"] = str(ZERO)
        return {**{name: value for name, value in filled.items() if value is not None}, **told}

    def _amounts(self, kind: Kind, taken: dict[str, Decimal]) -> JsonObject:
        """The shares of these quantities; an invoice of everything, or the first one, also holds the shipping."""
        if kind is INVOICE and not self.of(kind) and self._is_all(taken):
            totals = self.order["totals"]
            return {name: totals[name] for name in ("subtotal", "discount", "shipping", "tax", "grandTotal")}
        shares = dict.fromkeys(PARTS, ZERO)
        for name, quantity in taken.items():
            line = self.lines.get(name)
            ordered = _number(line["quantity"]) if line else ZERO
            if line and ordered:
                for part, source in zip(PARTS, ("total", "discount", "tax"), strict=True):
                    shares[part] += (_number(line.get(source, "0")) * quantity / ordered).quantize(ZERO)
        shipping = self.order.get("shipping", {}) if kind is INVOICE and not self.of(kind) else {}
        shares["shipping"] = _number(shipping.get("amount", "0"))
        shares["tax"] += _number(shipping.get("tax", "0"))
        amounts = {part: str(amount) for part, amount in shares.items()}
        return {**amounts, "grandTotal": str(sum(shares.values(), ZERO))}

    def _is_all(self, taken: dict[str, Decimal]) -> bool:
        return all(taken.get(name) == _number(line["quantity"]) for name, line in self.lines.items())


def _move_order(ledger: Writing, order: sqlite3.Row, house: House) -> None:
    """Give the order the status that its documents make; what was settled for good stays."""
    books = _Books(ledger, order, house)
    delivered, invoiced = books.is_complete(DELIVERY), books.is_complete(INVOICE)
    if order["status"] in SETTLED:
        return
    if delivered:
        status = "invoiced" if invoiced else "delivered"
    elif books.of(DELIVERY):
        status = "partly_delivered"
    elif order["status"] in ("partly_delivered", "delivered", "invoiced"):
        status = "posted"
    else:
        return
    if status != order["status"]:
        revise(ledger, order, kind="status", status=status)


def _amounts(told: JsonObject) -> JsonObject:
    amounts: JsonObject = told.get("amounts", {})
    return amounts


def _number(text: str) -> Decimal:
    """A told quantity as a number; what cannot be read counts as nothing."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return ZERO
    return number if number.is_finite() else ZERO
