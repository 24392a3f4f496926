"""The warehouse: movements are booked line by line, balances follow in the same transaction."""

import base64
import json
import sqlite3
from decimal import Decimal

from erp_adapters.sandbox.answers import Answer, JsonObject, RefusedError, instant, now
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.ledger import Reading, Writing, as_text, visible_us
from erp_adapters.sandbox.masterdata import read_master_data
from erp_adapters.sandbox.orders import duplicate_reference

ZERO = Decimal("0.0000")


def post(ledger: Writing, call: Call) -> Answer:
    """Book a movement. A line of an unknown item is rejected alone."""
    reference, warehouse = call.sent["reference"], call.sent["warehouse"]
    if call.house.reject_duplicates:
        first = ledger.first("first_movement_of_reference", reference=reference)
        if first:
            raise duplicate_reference(reference, first["number"])
    unknown_items = read_master_data(ledger).unknown_items
    sequence = ledger.next_of("MV")
    number = f"MV-{sequence}"
    ledger.run(
        "insert_movement",
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
        if line["sku"] in unknown_items:
            verdict |= {"status": "rejected", "message": f"Item {line['sku']} is unknown."}
        elif line["sku"] in call.held_items:
            verdict |= {"status": "rejected", "message": f"Item {line['sku']} is being counted."}
        else:
            _move(ledger, warehouse, line["sku"], Decimal(line["quantity"]))
        ledger.run(
            "insert_movement_line",
            number=number,
            position=position,
            quantity=line["quantity"],
            unit=line.get("unit"),
            reason=line.get("reason"),
            **{"message": None, **verdict},
        )
        answered.append(verdict)
    return Answer(201, {"number": number, "lines": answered})


def read(ledger: Reading, call: Call) -> Answer:
    """Give one movement as it is stored."""
    movement = ledger.first("movement_by_number", number=call.named)
    if not movement:
        raise RefusedError(404, "NOT_FOUND", f"There is no stock movement {call.named}.")
    return Answer(200, _document(ledger, movement))


def find(ledger: Reading, call: Call) -> Answer:
    """Give every movement of the references, as far as searches may see them."""
    rows = ledger.all(
        "movements_by_reference",
        references=as_text(call.searched()),
        visible_us=visible_us(call.house.visibility_lag),
    )
    return Answer(200, {"movements": [_document(ledger, row) for row in rows]})


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
        opening, on_hand = _balance(ledger, warehouse, sku)
        wanted = Decimal(balance["quantity"])
        _set_balance(ledger, warehouse, sku, wanted, on_hand - opening + wanted)
    return Answer(200, {"accepted": len(call.sent["balances"])})


def _document(ledger: Reading, movement: sqlite3.Row) -> JsonObject:
    shown = ("sku", "quantity", "unit", "reason", "status", "message")
    lines = [
        {name: line[name] for name in shown if line[name] is not None}
        for line in ledger.all("movement_lines", number=movement["number"])
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


def _move(ledger: Writing, warehouse: str, sku: str, quantity: Decimal) -> None:
    opening, on_hand = _balance(ledger, warehouse, sku)
    _set_balance(ledger, warehouse, sku, opening, on_hand + quantity)


def _balance(ledger: Reading, warehouse: str, sku: str) -> tuple[Decimal, Decimal]:
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
