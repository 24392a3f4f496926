"""The order desk: create, change, cancel, read, search, follow."""

import json
import sqlite3
from decimal import Decimal

from erp_adapters.sandbox import order_lines
from erp_adapters.sandbox.answers import Answer, Detail, JsonObject, RefusedError, instant
from erp_adapters.sandbox.call import Call, House
from erp_adapters.sandbox.ledger import Reading, Writing, as_text, visible_us
from erp_adapters.sandbox.listing import by_clock, by_sequence
from erp_adapters.sandbox.masterdata import read_master_data

FIRST_NUMBER = 100_000
ROUNDING_ALLOWED = Decimal("0.05")
UNDER_WAY = ("partly_delivered", "delivered", "invoiced", "closed")
REFUSED = {"cancelled": "ALREADY_CANCELLED", "rejected": "ALREADY_REJECTED"}
FREE = ("open", "blocked")


def create(ledger: Writing, call: Call) -> Answer:
    """Book a new order. The same reference makes another order, unless the house rejects that."""
    reference = call.sent["reference"]
    if call.house.reject_duplicates:
        first = ledger.first("first_order_of_reference", reference=reference)
        if first:
            raise duplicate_reference(reference, first["number"])
    _refuse_on_business_rules(ledger, call.sent)
    number = f"SO-{FIRST_NUMBER + ledger.next_of('SO')}"
    order = {
        "number": number,
        "reference": reference,
        "source_event": call.source_event,
        "source_revision": call.sent.get("sourceRevision", 0),
        "status": call.stored.get("status", "open"),
        "revision": 1,
        "body": as_text(_body(call.stored)),
        "line_states": as_text(order_lines.numbered(call.stored["lines"])),
        "change_seq": ledger.next_of("change"),
    }
    ledger.run("insert_order", **order)
    ledger.run("insert_order_revision", **order, kind="create", dropped=as_text(call.dropped))
    return Answer(201, {name: order[name] for name in ("number", "status", "revision")})


def change(ledger: Writing, call: Call) -> Answer:
    """Replace an order by a newer version of the caller's."""
    order = find_order(ledger, call.named)
    _refuse_stale(order, call.sent["sourceRevision"])
    _refuse_under_way(order)
    if order["status"] in REFUSED:
        raise _refused_by_status(order, REFUSED[order["status"]])
    if call.sent["reference"] != order["reference"]:
        message = f"The document has the reference {order['reference']}."
        raise RefusedError(422, "REFERENCE_MISMATCH", message, [Detail("reference", message)])
    _refuse_on_business_rules(ledger, call.sent)
    wanted = call.sent.get("status", order["status"])
    return revise(
        ledger,
        order,
        kind="change",
        status=wanted if order["status"] in FREE else order["status"],
        body=as_text(_body(call.stored)),
        line_states=as_text(order_lines.numbered(call.stored["lines"], json.loads(order["line_states"]))),
        source_event=call.source_event,
        source_revision=call.sent["sourceRevision"],
        dropped=as_text(call.dropped),
    )


def cancel(ledger: Writing, call: Call) -> Answer:
    """Cancel an order; one that is cancelled already stays as it is."""
    order = find_order(ledger, call.named)
    if order["status"] == "cancelled":
        return _summary(order)
    _refuse_stale(order, call.sent["sourceRevision"])
    _refuse_under_way(order)
    body = json.loads(order["body"])
    if "reason" in call.sent:
        body["cancelReason"] = call.sent["reason"]
    return revise(
        ledger,
        order,
        kind="cancel",
        status="cancelled",
        body=as_text(body),
        source_event=call.source_event,
        source_revision=call.sent["sourceRevision"],
        dropped=as_text(call.dropped),
    )


def attend_to(ledger: Writing, call: Call) -> Answer:
    """Do what people in the ERP do: move an order to another status, confirm lines, reject them."""
    order = find_order(ledger, call.named)
    status = call.sent.get("status", order["status"])
    states = as_text(order_lines.decided(order, call.sent.get("lines", ())))
    if (status, states) == (order["status"], order["line_states"]):
        return _summary(order)
    kind = "status" if states == order["line_states"] else "lines"
    return revise(ledger, order, kind=kind, status=status, line_states=states)


def revise(ledger: Writing, order: sqlite3.Row, *, kind: str, **changed: object) -> Answer:
    """Write the next revision of an order and what it was made by."""
    latest = {
        **dict(order),
        **changed,
        "revision": order["revision"] + 1,
        "change_seq": ledger.next_of("change"),
    }
    ledger.run("update_order", **latest)
    history = {"dropped": as_text([]), "kind": kind, **latest}
    if kind in ("status", "lines"):
        history["source_event"] = None
    ledger.run("insert_order_revision", **history)
    return _summary(latest)


def read(ledger: Reading, call: Call) -> Answer:
    """Give one document as it is stored."""
    return Answer(200, document(find_order(ledger, call.named), call.house))


def find(ledger: Reading, call: Call) -> Answer:
    """Give every document of the references, as far as searches may see them."""
    rows = ledger.all(
        "orders_by_reference",
        references=as_text(call.searched()),
        visible_us=visible_us(call.house.visibility_lag),
    )
    return Answer(200, {"orders": [document(row, call.house) for row in rows]})


def find_by_customer_reference(ledger: Reading, call: Call) -> Answer:
    """Give the newest orders whose customer reference begins with these letters: a field that anyone may fill."""
    rows = ledger.all(
        "orders_by_customer_reference",
        begins=call.query["customerReference"][-1],
        visible_us=visible_us(call.house.visibility_lag),
    )
    return Answer(200, {"orders": [document(row, call.house) for row in rows]})


def follow(ledger: Reading, call: Call) -> Answer:
    """Give the orders that changed since the cursor, in the order of their changes."""
    return by_sequence(ledger, call, "orders_changed_since", "orders", lambda row: document(row, call.house))


def follow_by_clock(ledger: Reading, call: Call) -> Answer:
    """Give the orders that changed at an instant or later."""
    return by_clock(ledger, call, "orders_changed_at", "orders", lambda row: document(row, call.house))


def find_order(ledger: Reading, number: str) -> sqlite3.Row:
    """Fetch the row of one order. Raises a refusal (404) if there is none."""
    order = ledger.first("order_by_number", number=number)
    if not order:
        raise RefusedError(404, "NOT_FOUND", f"There is no order {number}.")
    return order


def document(order: sqlite3.Row, house: House) -> JsonObject:
    """Show a stored order as the interface describes it."""
    return {
        **json.loads(order["body"]),
        "lines": order_lines.shown(order),
        "sourceEvent": order["source_event"],
        "number": order["number"],
        "status": order["status"],
        "revision": order["revision"],
        "sourceRevision": order["source_revision"],
        "createdAt": instant(order["created_us"]),
        "changedAt": house.stamp(order["changed_us"]),
    }


def duplicate_reference(reference: str, number: str) -> RefusedError:
    """Say which document already has this reference."""
    message = f"The reference {reference} belongs to {number}."
    return RefusedError(409, "DUPLICATE_REFERENCE", message, number=number)


def _body(order: JsonObject) -> JsonObject:
    return {name: value for name, value in order.items() if name not in ("status", "sourceRevision")}


def _summary(order: sqlite3.Row | JsonObject) -> Answer:
    return Answer(200, {name: order[name] for name in ("number", "status", "revision")})


def _refuse_stale(order: sqlite3.Row, source_revision: int) -> None:
    if source_revision <= order["source_revision"]:
        raise RefusedError(
            409,
            "STALE_REVISION",
            f"{order['number']} holds revision {order['source_revision']} already.",
            number=order["number"],
            sourceRevision=order["source_revision"],
            sourceEvent=order["source_event"],
        )


def _refuse_under_way(order: sqlite3.Row) -> None:
    if order["status"] in UNDER_WAY:
        raise _refused_by_status(order, "ALREADY_SHIPPED")


def _refused_by_status(order: sqlite3.Row, code: str) -> RefusedError:
    number, status = order["number"], order["status"]
    return RefusedError(409, code, f"{number} is {status}.", number=number, status=status)


def _refuse_on_business_rules(ledger: Reading, order: JsonObject) -> None:
    read_master_data(ledger).refuse_order(order)
    order_lines.refuse_contradictions(order["lines"])
    totals = {name: Decimal(amount) for name, amount in order["totals"].items()}
    lines = sum((Decimal(line["total"]) for line in order["lines"]), Decimal(0))
    parts = ("subtotal", "discount", "shipping", "surcharge", "tax")
    whole = sum((totals.get(part, Decimal(0)) for part in parts), Decimal(0))
    wrong = [
        Detail(f"totals.{name}", f"is {totals[name]}; the parts add up to {expected}")
        for name, expected in (("subtotal", lines), ("grandTotal", whole))
        if abs(totals[name] - expected) > ROUNDING_ALLOWED
    ]
    if wrong:
        message = f"{wrong[0].path} {wrong[0].message}."
        raise RefusedError(422, "TOTALS_MISMATCH", message, wrong)
