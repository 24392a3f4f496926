"""Counts: levels are set, each only where the expected one stands, if the caller says which."""

from decimal import Decimal

from erp_adapters.sandbox.answers import Answer, JsonObject
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.ledger import Writing, as_text
from erp_adapters.sandbox.masterdata import read_master_data
from erp_adapters.sandbox.stock import balance_of, move, obstacle


def put(ledger: Writing, call: Call) -> Answer:
    """Set levels line by line; a line that cannot be set changes nothing, and the others count all the same."""
    warehouse = call.sent["warehouse"]
    unknown_items = read_master_data(ledger).unknown_items
    sequence = ledger.next_of("CT")
    number = f"CT-{sequence}"
    ledger.run(
        "insert_count",
        number=number,
        sequence=sequence,
        reference=call.sent["reference"],
        source_event=call.source_event,
        source_revision=call.sent.get("sourceRevision"),
        warehouse=warehouse,
        dropped=as_text(call.dropped),
    )
    answered: list[JsonObject] = []
    for position, line in enumerate(call.sent["lines"]):
        sku, expected = line["sku"], line.get("expected")
        _, found = balance_of(ledger, warehouse, sku)
        verdict = {"sku": sku, "status": "set"}
        refusal = obstacle(sku, unknown_items, call.held_items)
        if refusal:
            verdict |= {"status": "rejected", "message": refusal}
        elif expected is not None and Decimal(expected) != found:
            verdict |= {"status": "moved", "message": f"Of item {sku} there are {found:.4f}, not {expected}."}
        else:
            move(ledger, warehouse, sku, Decimal(line["quantity"]) - found)
        ledger.run(
            "insert_count_line",
            number=number,
            position=position,
            expected=expected,
            quantity=line["quantity"],
            unit=line.get("unit"),
            found=f"{found:.4f}",
            **{"message": None, **verdict},
        )
        answered.append(verdict)
    return Answer(200, {"number": number, "lines": answered})
