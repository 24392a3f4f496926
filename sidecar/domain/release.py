"""The release gate: the moment an order may go to the ERP, judged on Magento's current row.

The first rule whose payment methods match decides. States that never release are stated once and no rule can
lift them: an order in payment review, suspected fraud, on hold or awaiting payment waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final, Literal, assert_never

NEVER_RELEASED: Final = frozenset({"pending_payment", "payment_review", "fraud", "holded"})


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """Magento's current word on an order; amounts in the order's base currency, age by the database's clock."""

    entity_id: int
    state: str
    status: str
    payment_method: str
    grand_total: Decimal
    paid: Decimal
    authorized: Decimal
    age: timedelta


@dataclass(frozen=True, slots=True)
class ReleaseRule:
    """Orders paid by `methods` (shell patterns) are released once `when` is true and `settle` has passed."""

    methods: tuple[str, ...]
    when: Literal["placed", "authorized", "paid"]
    settle: timedelta = timedelta()
    deadline: timedelta | None = None

    def covers(self, method: str) -> bool:
        """Tell whether this rule speaks about a payment method."""
        return any(fnmatchcase(method, pattern) for pattern in self.methods)


class Verdict(StrEnum):
    """What the gate says."""

    RELEASED = "released"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    OVERDUE = "overdue"


def judge(rules: Sequence[ReleaseRule], facts: ReleaseFacts) -> tuple[Verdict, str]:
    """Judge one order and say why, in words that an operator reads in `erp_delivery`."""
    if facts.state == "canceled":
        return Verdict.CANCELLED, "cancelled before its release"
    rule = next((rule for rule in rules if rule.covers(facts.payment_method)), None)
    if rule is None:
        return Verdict.WAITING, f"no release rule covers payment method {facts.payment_method}"
    waits_for = _waits_for(rule, facts)
    if waits_for is None:
        return Verdict.RELEASED, "released"
    if rule.deadline is not None and facts.age > rule.deadline:
        return Verdict.OVERDUE, f"{waits_for}, past the deadline of {rule.deadline}"
    return Verdict.WAITING, waits_for


def _waits_for(rule: ReleaseRule, facts: ReleaseFacts) -> str | None:
    for word in (facts.state, facts.status):
        if word in NEVER_RELEASED:
            return f"the order is in {word}"
    if facts.age < rule.settle:
        return f"settling for {rule.settle}"
    match rule.when:
        case "placed":
            return None
        case "authorized":
            reached = max(facts.authorized, facts.paid) >= facts.grand_total
            return None if reached else "not authorized in full"
        case "paid":
            return None if facts.paid >= facts.grand_total else "not paid in full"
        case _:
            assert_never(rule.when)
