"""Failures on demand: a plan of rules, and what the silent ones do to an order."""

import random
import threading
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erp_adapters.sandbox.answers import Answer, Detail, JsonObject, RefusedError, broken, later
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.documents import LISTING_KINDS, SILENT_KINDS

UNDONE_KINDS = ("lose_request", "hang", "http_500_before_commit", "http_503", "http_429")
TRIGGERS = ("nth", "match", "probability")
SILENT_OPERATIONS = ("order.create", "order.change")
LATER_OPERATIONS = (*SILENT_OPERATIONS, "order.cancel")
LISTING_OPERATIONS = ("order.changes", "delivery.changes", "invoice.changes", "credit_memo.changes")
REQUIRED_PARAMETERS = {"delay": ("seconds",), "reject": ("code", "message")}
LIMITED_KINDS = {
    "accept_later": LATER_OPERATIONS,
    **dict.fromkeys(LISTING_KINDS, LISTING_OPERATIONS),
    **dict.fromkeys(SILENT_KINDS, SILENT_OPERATIONS),
}


@dataclass
class Rule:
    """One line of the plan, and how often it was met and fired."""

    asked: Mapping[str, Any]
    seen: int = 0
    fired: int = 0

    @property
    def kind(self) -> str:
        """What happens when the rule fires."""
        return str(self.asked["kind"])

    @property
    def waits_before(self) -> float:
        """For how many seconds the work is put off."""
        return self._seconds if self.asked.get("when", "before") == "before" else 0

    @property
    def waits_after(self) -> float:
        """For how many seconds the answer to finished work is put off."""
        return self._seconds - self.waits_before

    @property
    def _seconds(self) -> float:
        return float(self.asked["seconds"]) if self.kind == "delay" else 0

    @property
    def seconds(self) -> float | None:
        """After how long work that was put aside is done, if the rule says so."""
        return float(self.asked["seconds"]) if "seconds" in self.asked else None

    @property
    def retry_after(self) -> int | None:
        """When the caller is told to come back, if the rule says so."""
        return int(self.asked["retryAfter"]) if "retryAfter" in self.asked else None

    def instead(self) -> Answer | None:
        """Give the answer to work that is left undone, or none."""
        retry_after = 1 if self.retry_after is None else self.retry_after
        match self.kind:
            case "http_503":
                return later(503, "UNAVAILABLE", retry_after)
            case "http_429":
                return later(429, "TOO_MANY_REQUESTS", retry_after)
            case "http_500_before_commit":
                return broken()
            case _:
                return None

    def refusal(self) -> RefusedError:
        """Give the refusal that the rule asks for."""
        return RefusedError(422, self.asked["code"], self.asked["message"])

    @property
    def left(self) -> int | None:
        """How many times it will still fire; None is without end."""
        count = self.asked.get("count", None if "probability" in self.asked else 1)
        return None if count is None else int(count) - self.fired

    def concerns(self, call: Call) -> bool:
        """Whether this is a request of the rule's operation."""
        return self.asked["operation"] in ("any", call.operation)

    @property
    def is_for_new_references(self) -> bool:
        """Whether it spares what is sent again."""
        return bool(self.asked.get("references") == "new")

    def is_due(self, call: Call, chance: random.Random, named: AbstractSet[str]) -> bool:
        """Whether the rule fires now; each trigger has its own test. `named` are the references of earlier requests."""
        if self.left == 0 or not self._has_effect(call):
            return False
        if self.is_for_new_references and not named.isdisjoint(_names_of(call)):
            return False
        if "nth" in self.asked:
            return self.seen >= int(self.asked["nth"])
        if "match" in self.asked:
            return _matches(self.asked["match"], call)
        return chance.random() < float(self.asked["probability"])

    def as_json(self) -> JsonObject:
        """Show the rule as it was asked for, and what is left of it."""
        return {**self.asked, "seen": self.seen, "left": self.left}

    def _has_effect(self, call: Call) -> bool:
        if self.kind not in SILENT_KINDS:
            return call.operation in LIMITED_KINDS.get(self.kind, (call.operation,))
        return call.operation in SILENT_OPERATIONS and spoil(self.kind, call.sent)[0] != call.sent


class FaultPlan:
    """The rules in force. Counting and drawing happen one request at a time."""

    def __init__(self, seed: int) -> None:
        """Begin without rules; the seed decides everything that is left to chance."""
        self._chance = random.Random(seed)  # noqa: S311 - repeatable chance is the point
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._named: set[str] = set()

    def replace(self, rules: list[JsonObject]) -> None:
        """Put a new plan into force. Raises a refusal (400) if a rule makes no sense."""
        faults = [fault for place, rule in enumerate(rules) for fault in _faults_of(rule, place)]
        if faults:
            message = f"The plan has {len(faults)} fault(s), the first at {faults[0].path}."
            raise RefusedError(400, "VALIDATION_FAILED", message, faults)
        with self._lock:
            self._rules = [Rule(rule) for rule in rules]
            self._named = set()

    def draw(self, call: Call) -> Rule | None:
        """Count this request everywhere, and give the first rule that fires."""
        with self._lock:
            concerned = [rule for rule in self._rules if rule.concerns(call)]
            for rule in concerned:
                rule.seen += 1
            struck = next((rule for rule in concerned if rule.is_due(call, self._chance, self._named)), None)
            if struck:
                struck.fired += 1
            if any(rule.is_for_new_references for rule in self._rules):
                self._named.update(call.references, _names_of(call))
            return struck

    def give_back(self, rule: Rule) -> None:
        """Arm a rule again whose fault changed nothing, because the request was refused."""
        with self._lock:
            rule.fired -= 1

    def as_json(self) -> list[JsonObject]:
        """Show every rule and what is left of it."""
        with self._lock:
            return [rule.as_json() for rule in self._rules]


def spoil(kind: str, order: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Do to a request what a silent failure does: what is stored of it, and what was lost."""
    match kind:
        case "drop_line":
            return {**order, "lines": order["lines"][:-1]}, {"line": order["lines"][-1]}
        case "drop_custom_fields" if order.get("customFields"):
            kept = {name: value for name, value in order.items() if name != "customFields"}
            return kept, {"customFields": order["customFields"]}
        case "round_totals":
            rounded = {name: _rounded(amount) for name, amount in order["totals"].items()}
            return {**order, "totals": rounded}, {"totals": order["totals"]}
        case _:
            return order, {}


def _rounded(amount: str) -> str:
    whole = Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP)
    return amount if whole == Decimal(amount) else str(whole)


def _names_of(call: Call) -> tuple[str, ...]:
    """What makes a request one that is sent again: a change's reference is its document's, so its event counts."""
    if call.operation in ("order.change", "order.cancel") and call.source_event:
        return (call.source_event,)
    return call.references


def _matches(wanted: Mapping[str, str], call: Call) -> bool:
    same_reference = "reference" not in wanted or wanted["reference"] in call.references
    same_event = "sourceEvent" not in wanted or wanted["sourceEvent"] == call.source_event
    return same_reference and same_event


def _faults_of(rule: JsonObject, place: int) -> list[Detail]:
    faults = []
    path, kind = f"plan[{place}]", rule["kind"]
    if sum(trigger in rule for trigger in TRIGGERS) != 1:
        faults.append(Detail(path, f"must have exactly one of {', '.join(TRIGGERS)}"))
    if rule.get("match") == {}:
        faults.append(Detail(f"{path}.match", "must name reference, sourceEvent, or both"))
    allowed = LIMITED_KINDS.get(kind)
    if allowed and rule["operation"] not in (*allowed, "any"):
        faults.append(Detail(path, f"{kind} applies to {' and '.join(allowed)} only"))
    faults += [
        Detail(f"{path}.{name}", f"is missing; {kind} needs it")
        for name in REQUIRED_PARAMETERS.get(kind, ())
        if name not in rule
    ]
    return faults
