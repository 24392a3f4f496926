"""Money given back: a refund that the shop has made of one of its orders, booked once per request and never changed."""

import json
import sqlite3
from decimal import Decimal

from erp_adapters.sandbox.answers import Answer, Detail, JsonObject, RefusedError, instant
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.ledger import Reading, Writing, as_text, visible_us
from erp_adapters.sandbox.masterdata import read_master_data
from erp_adapters.sandbox.orders import REFUSED, ROUNDING_ALLOWED, duplicate_reference

PARTS = ("subtotal", "discount", "shipping", "adjustment", "tax")
ZERO = Decimal(0)


def create(ledger: Writing, call: Call) -> Answer:
    """Book a refund. The same reference makes another one, unless the house rejects that."""
    reference = call.sent["reference"]
    if call.house.reject_duplicates:
        first = ledger.first("first_refund_of_reference", reference=reference)
        if first:
            raise duplicate_reference(reference, first["number"])
    order = ledger.first("order_by_number", number=call.sent["order"])
    if not order:
        raise RefusedError(422, "UNKNOWN_ORDER", f"There is no order {call.sent['order']}.")
    _refuse_on_business_rules(ledger, order, call.sent)
    number = f"RF-{ledger.next_of('RF')}"
    ledger.run(
        "insert_refund",
        number=number,
        reference=reference,
        order_number=order["number"],
        source_event=call.source_event,
        body=as_text(call.stored),
        dropped=as_text(call.dropped),
    )
    return Answer(201, {"number": number, "status": "posted"})


def read(ledger: Reading, call: Call) -> Answer:
    """Give one refund as it is stored."""
    refund = ledger.first("refund_by_number", number=call.named)
    if not refund:
        raise RefusedError(404, "NOT_FOUND", f"There is no refund {call.named}.")
    return Answer(200, _document(refund))


def find(ledger: Reading, call: Call) -> Answer:
    """Give every refund of the references, as far as searches may see them."""
    rows = ledger.all(
        "refunds_by_reference",
        references=as_text(call.searched()),
        visible_us=visible_us(call.house.visibility_lag),
    )
    return Answer(200, {"refunds": [_document(row) for row in rows]})


def _document(refund: sqlite3.Row) -> JsonObject:
    return {
        **json.loads(refund["body"]),
        "number": refund["number"],
        "status": "posted",
        "createdAt": instant(refund["accepted_us"]),
    }


def _refuse_on_business_rules(ledger: Reading, order: sqlite3.Row, refund: JsonObject) -> None:
    if order["status"] in REFUSED:
        raise RefusedError(422, REFUSED[order["status"]], f"{order['number']} is {order['status']}.")
    read_master_data(ledger).refuse_date(refund["refundDate"])
    ordered = json.loads(order["body"])
    if refund["currency"] != ordered["currency"]:
        message = f"The order is in {ordered['currency']}."
        raise RefusedError(422, "CURRENCY_MISMATCH", message, [Detail("currency", message)])
    _refuse_totals(refund)
    _refuse_more_than_ordered(ledger, order["number"], ordered, refund)


def _refuse_totals(refund: JsonObject) -> None:
    totals = {name: Decimal(amount) for name, amount in refund["totals"].items()}
    lines = sum((Decimal(line["total"]) for line in refund["lines"]), ZERO)
    whole = sum((totals[part] for part in PARTS), ZERO)
    for name, expected in (("subtotal", lines), ("grandTotal", whole)):
        if abs(totals[name] - expected) > ROUNDING_ALLOWED:
            wrong = Detail(f"totals.{name}", f"is {totals[name]}; the parts add up to {expected}")
            raise RefusedError(422, "TOTALS_MISMATCH", f"{wrong.path} {wrong.message}.", [wrong])


def _refuse_more_than_ordered(ledger: Reading, number: str, ordered: JsonObject, refund: JsonObject) -> None:
    left: dict[str, Decimal] = {line["lineReference"]: Decimal(line["quantity"]) for line in ordered["lines"]}
    money = Decimal(ordered["totals"]["grandTotal"])
    for row in ledger.all("refunds_of_order", order_number=number):
        before = json.loads(row["body"])
        money -= Decimal(before["totals"]["grandTotal"])
        for line in before["lines"]:
            left[line["lineReference"]] -= Decimal(line["quantity"])
    wrong = []
    for place, line in enumerate(refund["lines"]):
        if line["lineReference"] not in left:
            wrong.append(Detail(f"lines[{place}].lineReference", f"{number} has no line {line['lineReference']}"))
        elif Decimal(line["quantity"]) > left[line["lineReference"]]:
            wrong.append(Detail(f"lines[{place}].quantity", f"exceeds the {left[line['lineReference']]} that are left"))
    if Decimal(refund["totals"]["grandTotal"]) > money + ROUNDING_ALLOWED:
        wrong.append(Detail("totals.grandTotal", f"exceeds the {money} that are left of the order"))
    if wrong:
        raise RefusedError(422, "REFUND_EXCEEDS_ORDER", f"{wrong[0].path} {wrong[0].message}.", wrong)
