"""The lines of an order as the ERP sees them: its own number of each, what it will deliver, what not and why."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal

from erp_adapters.sandbox.answers import Detail, JsonObject, RefusedError

STEP = 10
NOTHING_CONFIRMED = "0.0000"
FROM_NO_WAREHOUSE = ("pre_order", "drop_ship")


def numbered(lines: Sequence[JsonObject], before: JsonObject | None = None) -> JsonObject:
    """Give each line of a new version its number: that which it had, or the next. Confirmations are made anew."""
    known = before or {}
    highest = max((int(state["number"]) for state in known.values()), default=0)
    states: JsonObject = {}
    for line in lines:
        reference = line["lineReference"]
        if reference in known:
            states[reference] = {"number": known[reference]["number"]}
        elif reference not in states:
            highest += STEP
            states[reference] = {"number": str(highest)}
    return states


def refuse_contradictions(lines: Sequence[JsonObject]) -> None:
    """Raise a refusal (422) for lines that say two things about how they are served."""
    wrong = [
        Detail(f"lines[{place}].{name}", problem)
        for place, line in enumerate(lines)
        for name, problem in _contradictions(line)
    ]
    if wrong:
        raise RefusedError(422, "INTENT_MISMATCH", f"{wrong[0].path} {wrong[0].message}.", wrong)


def _contradictions(line: JsonObject) -> Iterator[tuple[str, str]]:
    intent = line.get("intent", "stock")
    if "warehouse" in line and intent in FROM_NO_WAREHOUSE:
        yield "warehouse", f"is named for a line of intent {intent}, which no warehouse serves"
    if line.get("warehouseIsBinding") and "warehouse" not in line:
        yield "warehouseIsBinding", "is true and no warehouse is named"
    if Decimal(line.get("backordered", "0")) > Decimal(line["quantity"]):
        yield "backordered", "is more than the quantity"


def decided(order: sqlite3.Row, told: Sequence[JsonObject]) -> JsonObject:
    """The lines once people have confirmed or rejected some. Raises a refusal (404) for one that is not there."""
    states: JsonObject = json.loads(order["line_states"])
    for line in told:
        state = states.get(line["lineReference"])
        if state is None:
            raise RefusedError(404, "NOT_FOUND", f"{order['number']} has no line {line['lineReference']}.")
        state.pop("rejected", None)
        if "rejectionReason" in line:
            state["rejected"] = line["rejectionReason"]
            state["confirmed"] = NOTHING_CONFIRMED
        if "confirmedQuantity" in line:
            state["confirmed"] = line["confirmedQuantity"]
    return states


def shown(order: sqlite3.Row) -> list[JsonObject]:
    """The lines as they were sent, and what the ERP says about each."""
    states = json.loads(order["line_states"])
    return [_shown(line, states[line["lineReference"]]) for line in json.loads(order["body"])["lines"]]


def _shown(line: JsonObject, state: JsonObject) -> JsonObject:
    said = {"lineNumber": state["number"], "confirmedQuantity": state.get("confirmed", line["quantity"])}
    if "rejected" in state:
        said["rejectionReason"] = state["rejected"]
    return {**line, **said}
