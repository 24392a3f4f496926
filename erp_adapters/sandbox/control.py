"""The control plane: what tests plan, and what people in an ERP do."""

import json
from collections import Counter
from threading import Lock

from erp_adapters.sandbox.answers import Answer, Detail, JsonObject, RefusedError, instant
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.faults import FaultPlan
from erp_adapters.sandbox.ledger import Reading, Writing, as_text
from erp_adapters.sandbox.masterdata import read_master_data
from erp_adapters.sandbox.plan_rules import PlanError


class Tally:
    """How many requests of each operation got which answer since the start."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._lock = Lock()
        self._counts: dict[str, Counter[str]] = {}

    def count(self, operation: str, answer: Answer | None) -> None:
        """Count one request; no answer counts as lost."""
        with self._lock:
            counts = self._counts.setdefault(operation, Counter())
            counts[str(answer.status) if answer else "lost"] += 1

    def as_json(self) -> JsonObject:
        """Show the counts by operation and status."""
        with self._lock:
            return {operation: dict(counts) for operation, counts in self._counts.items()}


def set_faults(_ledger: Reading, call: Call, plan: FaultPlan) -> Answer:
    """Put a new fault plan into force."""
    try:
        plan.replace(call.sent["plan"])
    except PlanError as wrong:
        details = [Detail(misfit.path, misfit.message) for misfit in wrong.misfits]
        raise RefusedError(400, "VALIDATION_FAILED", str(wrong), details) from wrong
    return Answer(200, {"accepted": len(call.sent["plan"])})


def show_requests(_ledger: Reading, _call: Call, tally: Tally) -> Answer:
    """Show what was answered since the start."""
    return Answer(200, {"requests": tally.as_json()})


def show_faults(ledger: Reading, _call: Call, plan: FaultPlan) -> Answer:
    """Show what is left of the plan, everything that was injected so far, and what can be planned."""
    injected = [
        {
            "kind": row["kind"],
            "operation": row["operation"],
            "reference": row["reference"],
            "sourceEvent": row["source_event"],
            "number": row["number"],
            "detail": json.loads(row["detail"]),
            "at": instant(row["at_us"]),
        }
        for row in ledger.all("injected_faults")
    ]
    return Answer(200, {"plan": plan.as_json(), "injected": injected, **plan.repertoire.as_json()})


def set_master_data(ledger: Writing, call: Call) -> Answer:
    """Replace the lists that were sent, keep the others."""
    for name, value in call.sent.items():
        ledger.run("set_master_data", name=name, value=as_text(value))
    return Answer(200, read_master_data(ledger).as_json())
