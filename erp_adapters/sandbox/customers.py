"""The customer file: one entry for each of the caller's references, replaced as a whole by a newer revision."""

import json
import sqlite3

from erp_adapters.sandbox.answers import Answer, JsonObject, RefusedError, instant
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.ledger import Reading, Writing, as_text, visible_us

FIRST_NUMBER = 500_000


def put(ledger: Writing, call: Call) -> Answer:
    """Make a customer, or replace the one that the reference names. An older revision changes nothing."""
    reference, source_revision = call.sent["reference"], call.sent["sourceRevision"]
    known = ledger.first("customer_by_reference", reference=reference)
    if known and source_revision <= known["source_revision"]:
        raise RefusedError(
            409,
            "STALE_REVISION",
            f"{known['number']} holds revision {known['source_revision']} already.",
            number=known["number"],
            sourceRevision=known["source_revision"],
            sourceEvent=known["source_event"],
        )
    customer = {
        "number": known["number"] if known else f"CU-{FIRST_NUMBER + ledger.next_of('CU')}",
        "revision": known["revision"] + 1 if known else 1,
        "reference": reference,
        "source_event": call.source_event,
        "source_revision": source_revision,
        "body": as_text({name: value for name, value in call.stored.items() if name != "sourceRevision"}),
        "dropped": as_text(call.dropped),
    }
    ledger.run("put_customer", **customer)
    ledger.run("insert_customer_revision", **customer)
    return Answer(200 if known else 201, {"number": customer["number"], "revision": customer["revision"]})


def read(ledger: Reading, call: Call) -> Answer:
    """Give one customer as it is stored."""
    customer = ledger.first("customer_by_number", number=call.named)
    if not customer:
        raise RefusedError(404, "NOT_FOUND", f"There is no customer {call.named}.")
    return Answer(200, _document(customer))


def find(ledger: Reading, call: Call) -> Answer:
    """Give the customers of the references, as far as searches may see them."""
    rows = ledger.all(
        "customers_by_reference",
        references=as_text(call.searched()),
        visible_us=visible_us(call.house.visibility_lag),
    )
    return Answer(200, {"customers": [_document(row) for row in rows]})


def _document(customer: sqlite3.Row) -> JsonObject:
    return {
        **json.loads(customer["body"]),
        "number": customer["number"],
        "revision": customer["revision"],
        "sourceRevision": customer["source_revision"],
        "createdAt": instant(customer["created_us"]),
        "changedAt": instant(customer["changed_us"]),
    }
