"""The release gate: the moment an order may go to the ERP, judged on Magento's current row.

The first rule whose payment methods match decides. States that never release are stated once and no rule can
lift them: an order in payment review, suspected fraud, on hold or awaiting payment waits.

What Magento writes, and how it is read:

| in the shop                        | sales_order                                       | here                       |
|------------------------------------|---------------------------------------------------|----------------------------|
| a redirect to a payment provider   | state pending_payment                             | waits                      |
| under review, suspected fraud      | state payment_review, status fraud                | waits                      |
| put on hold                        | state holded                                      | waits                      |
| captured in part                   | base_total_paid below base_grand_total            | "paid" waits               |
| the rest of it cancelled           | base_total_canceled makes up for what was not paid | "paid" goes               |
| nothing to pay                     | base_grand_total 0, base_total_paid NULL          | goes                       |
| fractions of a cent                | base_grand_total 44.1645, 44.16 paid              | "paid" goes                |
| cancelled                          | state canceled                                    | is not sent                |
| refunded in full                   | state closed                                      | as any other: money moved  |
| a comment by REST without a status | status NULL                                       | waits: it may hide a fraud |
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final, Literal, assert_never

CENT: Final = Decimal("0.01")
"""Magento keeps four decimals and takes money to two: what is less than half a cent short is paid."""

QUARANTINED: Final = "quarantined"
REPLACING: Final = "in the place of"
LIFTED_BY_PEOPLE: Final = (QUARANTINED, REPLACING)
"""How the reasons begin for which an order waits although its rule is met; a person may let such an order go."""

NEVER_RELEASED: Final = frozenset({"pending_payment", "payment_review", "fraud", "holded"})


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """Magento's current word on an order; amounts in the order's base currency, age by the database's clock.

    `has_siblings`: other orders came of the same quote. `predecessor` is the order that it replaces, 0 for none.
    """

    entity_id: int
    state: str
    status: str
    payment_method: str
    grand_total: Decimal
    paid: Decimal
    authorized: Decimal
    age: timedelta
    canceled: Decimal = Decimal(0)
    has_siblings: bool = False
    predecessor: int = 0

    @property
    def to_pay(self) -> Decimal:
        """What the customer owes for what is left of the order."""
        return self.grand_total - self.canceled


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


def rule_for(rules: Sequence[ReleaseRule], facts: ReleaseFacts) -> ReleaseRule | None:
    """The rule that decides about an order: the first that speaks about its payment method."""
    return next((rule for rule in rules if rule.covers(facts.payment_method)), None)


def deadline_in(rules: Sequence[ReleaseRule], facts: ReleaseFacts) -> timedelta | None:
    """How long an order may still wait before a person is asked, negative once it is past; None without a deadline."""
    rule = rule_for(rules, facts)
    return None if rule is None or rule.deadline is None else rule.deadline - facts.age


def judge(rules: Sequence[ReleaseRule], facts: ReleaseFacts) -> tuple[Verdict, str]:
    """Judge one order and say why, in words that an operator reads in `erp_delivery`."""
    if facts.state == "canceled":
        return Verdict.CANCELLED, "cancelled before its release"
    rule = rule_for(rules, facts)
    if rule is None:
        return Verdict.WAITING, f"no release rule covers payment method {facts.payment_method}"
    waits_for = _waits_for(rule, facts)
    if waits_for is None:
        return Verdict.RELEASED, "released"
    if rule.deadline is not None and facts.age > rule.deadline:
        return Verdict.OVERDUE, f"{waits_for}, past the deadline of {rule.deadline}"
    return Verdict.WAITING, waits_for


def would_go(rules: Sequence[ReleaseRule], facts: ReleaseFacts) -> bool:
    """Tell whether only time keeps an order from its release, if anything does."""
    settled = [replace(rule, settle=timedelta(), deadline=None) for rule in rules]
    return judge(settled, facts)[0] is Verdict.RELEASED


def _waits_for(rule: ReleaseRule, facts: ReleaseFacts) -> str | None:
    for word in (facts.state, facts.status):
        if word in NEVER_RELEASED:
            return f"the order is in {word}"
    if not facts.status:
        return "the order has no status, which may hide a suspicion; give it one in Magento"
    if facts.age < rule.settle:
        return f"settling for {rule.settle}"
    match rule.when:
        case "placed":
            return None
        case "authorized":
            reached = max(facts.authorized, facts.paid)
            return None if _covers(facts.to_pay, reached) else "not authorized in full"
        case "paid":
            return None if _covers(facts.to_pay, facts.paid) else "not paid in full"
        case _:
            assert_never(rule.when)


def _covers(to_pay: Decimal, amount: Decimal) -> bool:
    return (to_pay - amount).quantize(CENT, ROUND_HALF_UP) <= 0
