"""The warehouse: movements are booked line by line, balances follow in the same transaction.

Demand is booked in the same way in a book of its own: what shops have sold, and not yet taken out of the warehouse.
"""

import base64
import json
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from erp_adapters.sandbox.answers import Answer, JsonObject, RefusedError, instant, now
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.ledger import Reading, Writing, as_text, visible_us
from erp_adapters.sandbox.masterdata import read_master_data
from erp_adapters.sandbox.orders import duplicate_reference

ZERO = Decimal("0.0000")


@dataclass(frozen=True)
class Book:
    """A book of signed lines: how its documents are numbered, called and added up."""

    series: str
    one: str
    """The word for one of its documents in the names of statements."""

    move: Callable[[Writing, str, str, Decimal], None]
    """Adds a quantity to the balance of a warehouse and SKU."""


def post(ledger: Writing, call: Call) -> Answer:
    """Book a movement. A line of an unknown item is rejected alone."""
    return _post(_MOVEMENTS, ledger, call)


def post_demand(ledger: Writing, call: Call) -> Answer:
    """Book demand, as a movement is booked."""
    return _post(_DEMANDS, ledger, call)


def read(ledger: Reading, call: Call) -> Answer:
    """Give one movement as it is stored."""
    return _read(_MOVEMENTS, ledger, call)


def read_demand(ledger: Reading, call: Call) -> Answer:
    """Give one document of demand as it is stored."""
    return _read(_DEMANDS, ledger, call)


def find(ledger: Reading, call: Call) -> Answer:
    """Give every movement of the references, as far as searches may see them."""
    return _find(_MOVEMENTS, ledger, call)


def find_demand(ledger: Reading, call: Call) -> Answer:
    """Give all demand of the references, as far as searches may see it."""
    return _find(_DEMANDS, ledger, call)


def on_hand(ledger: Reading, call: Call) -> Answer:
    """Give the balances by warehouse and SKU, a page at a time."""
    limit = call.limit(usual=500, most=1000)
    warehouses, skus = call.several("warehouse"), call.several("sku")
    after_warehouse, after_sku = _read_cursor(call)
    rows = ledger.all(
        "balances",
        after_warehouse=after_warehouse,
        after_sku=after_sku,
        any_warehouse=not warehouses,
        warehouses=as_text(warehouses),
        any_sku=not skus,
        skus=as_text(skus),
        limit=limit + 1,
    )
    page = rows[:limit]
    end = [page[-1]["warehouse"], page[-1]["sku"]] if page else [after_warehouse, after_sku]
    balances = [{"warehouse": row["warehouse"], "sku": row["sku"], "onHand": row["on_hand"]} for row in page]
    more = len(rows) > limit
    answer = {"stock": balances, "asOf": now(), "next": _write_cursor(end), "more": more}
    return Answer(200, answer)


def set_opening_balances(ledger: Writing, call: Call) -> Answer:
    """Set what was on hand before the first movement; the movements stay."""
    for balance in call.sent["balances"]:
        warehouse, sku = balance["warehouse"], balance["sku"]
        opening, on_hand = balance_of(ledger, warehouse, sku)
        wanted = Decimal(balance["quantity"])
        _set_balance(ledger, warehouse, sku, wanted, on_hand - opening + wanted)
    return Answer(200, {"accepted": len(call.sent["balances"])})


def obstacle(sku: str, unknown_items: Collection[str], held_items: Collection[str]) -> str:
    """Why nothing is booked of an item now; empty where it can be."""
    if sku in unknown_items:
        return f"Item {sku} is unknown."
    return f"Item {sku} is being counted." if sku in held_items else ""


def _post(book: Book, ledger: Writing, call: Call) -> Answer:
    reference, warehouse = call.sent["reference"], call.sent["warehouse"]
    if call.house.reject_duplicates:
        first = ledger.first(f"first_{book.one}_of_reference", reference=reference)
        if first:
            raise duplicate_reference(reference, first["number"])
    unknown_items = read_master_data(ledger).unknown_items
    sequence = ledger.next_of(book.series)
    number = f"{book.series}-{sequence}"
    ledger.run(
        f"insert_{book.one}",
        number=number,
        sequence=sequence,
        reference=reference,
        source_event=call.source_event,
        warehouse=warehouse,
        dropped=as_text(call.dropped),
    )
    answered: list[JsonObject] = []
    for position, line in enumerate(call.sent["lines"]):
        verdict = {"sku": line["sku"], "status": "booked"}
        refusal = obstacle(line["sku"], unknown_items, call.held_items)
        if refusal:
            verdict |= {"status": "rejected", "message": refusal}
        else:
            book.move(ledger, warehouse, line["sku"], Decimal(line["quantity"]))
        ledger.run(
            f"insert_{book.one}_line",
            number=number,
            position=position,
            quantity=line["quantity"],
            unit=line.get("unit"),
            reason=line.get("reason"),
            **{"message": None, **verdict},
        )
        answered.append(verdict)
    return Answer(201, {"number": number, "lines": answered})


def _read(book: Book, ledger: Reading, call: Call) -> Answer:
    found = ledger.first(f"{book.one}_by_number", number=call.named)
    if not found:
        raise RefusedError(404, "NOT_FOUND", f"There is no {book.one} {call.named}.")
    return Answer(200, _document(book, ledger, found))


def _find(book: Book, ledger: Reading, call: Call) -> Answer:
    rows = ledger.all(
        f"{book.one}s_by_reference",
        references=as_text(call.searched()),
        visible_us=visible_us(call.house.visibility_lag),
    )
    return Answer(200, {f"{book.one}s": [_document(book, ledger, row) for row in rows]})


def _document(book: Book, ledger: Reading, movement: sqlite3.Row) -> JsonObject:
    shown = ("sku", "quantity", "unit", "reason", "status", "message")
    lines = [
        {name: line[name] for name in shown if line[name] is not None}
        for line in ledger.all(f"{book.one}_lines", number=movement["number"])
    ]
    return {
        "number": movement["number"],
        "reference": movement["reference"],
        "sourceEvent": movement["source_event"],
        "warehouse": movement["warehouse"],
        "createdAt": instant(movement["accepted_us"]),
        "lines": lines,
    }


def _write_cursor(end: list[str]) -> str:
    return base64.urlsafe_b64encode(as_text(end).encode()).decode()


def _read_cursor(call: Call) -> tuple[str, str]:
    text = call.query.get("cursor", [""])[-1]
    if not text:
        return "", ""
    try:
        end = json.loads(base64.urlsafe_b64decode(text))
    except ValueError:
        end = None
    match end:
        case [str(warehouse), str(sku)]:
            return warehouse, sku
        case _:
            message = "The parameter cursor is none that this interface gave."
            raise RefusedError(400, "VALIDATION_FAILED", message)


def move(ledger: Writing, warehouse: str, sku: str, quantity: Decimal) -> None:
    """Let a quantity come into a warehouse, or go."""
    opening, on_hand = balance_of(ledger, warehouse, sku)
    _set_balance(ledger, warehouse, sku, opening, on_hand + quantity)


def _demand(ledger: Writing, warehouse: str, sku: str, quantity: Decimal) -> None:
    known = ledger.first("demand_balance", warehouse=warehouse, sku=sku)
    total = (Decimal(known["quantity"]) if known else ZERO) + quantity
    ledger.run("set_demand_balance", warehouse=warehouse, sku=sku, quantity=f"{total:.4f}")


def balance_of(ledger: Reading, warehouse: str, sku: str) -> tuple[Decimal, Decimal]:
    """What a warehouse had of a SKU in the beginning, and has now."""
    known = ledger.first("balance", warehouse=warehouse, sku=sku)
    return (Decimal(known["opening"]), Decimal(known["on_hand"])) if known else (ZERO, ZERO)


def _set_balance(ledger: Writing, warehouse: str, sku: str, opening: Decimal, on_hand: Decimal) -> None:
    ledger.run(
        "set_balance",
        warehouse=warehouse,
        sku=sku,
        opening=f"{opening:.4f}",
        on_hand=f"{on_hand:.4f}",
    )


_MOVEMENTS = Book("MV", "movement", move)
_DEMANDS = Book("DM", "demand", _demand)
