"""The stock of one ERP, weighed: every committed change counts in exactly one line, and the balance is their sum.

What is committed is known from the writers' own log. What each line of a window claims to have folded is read from the
sidecar's tables and held against that log; what the ERP booked is read from its ledger.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from ops.chaos_run.evidence import CommitLog, Delta, FoldedLine, Ledger

FLOWING_REASONS: Final = frozenset({"shipment", "refund", "manual"})
WAREHOUSES: Final[Mapping[str, str]] = {"west": "W-WEST", "east": "W-EAST"}
MOST_LINES: Final[Mapping[str, int]] = {"exact": 3}
"""How many lines of a movement an ERP takes at once, where that is said."""

NOT_COUNTED: Final = frozenset({"carried"})
"""Lines whose changes a later line has taken over."""

KEPT_BACK: Final = frozenset({"parked", "held", "retrying", "skipping"})
"""Lines that a refusal keeps from the ERP, until a person has decided and it is carried out."""

Blame = Callable[[str, str, int], None]
"""Counts against a promise: its name, an example, and how many."""


def weigh_stock(name: str, log: CommitLog, folded: tuple[FoldedLine, ...], ledger: Ledger, blame: Blame) -> None:
    """Compare the log with what the ERP called `name` has booked, and with what its windows claim."""
    due = {delta.id: delta for delta in log.deltas if delta.reason in FLOWING_REASONS}
    _weigh_balances(name, due, ledger, blame)
    lines = [line for line in folded if line.destination == name]
    _weigh_members(name, due, lines, blame)
    if ledger.longest_movement > MOST_LINES.get(name, ledger.longest_movement):
        blame("misfolded", f"{name}: a movement has {ledger.longest_movement} lines", 1)
    for line in lines:
        if line.state in KEPT_BACK:
            blame("kept_back", f"{name}: {line.sku} of {line.window} is {line.state}", 1)
    for reference, number in Counter(ledger.movements).items():
        if number > 1:
            blame("duplicates", f"{name}: movement {reference}", number - 1)


def _weigh_balances(name: str, due: Mapping[int, Delta], ledger: Ledger, blame: Blame) -> None:
    balances: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for delta in due.values():
        balances[WAREHOUSES[delta.source], delta.sku] += delta.quantity
    for warehouse, sku, quantity in ledger.lines:
        balances[warehouse, sku] -= quantity
    for (warehouse, sku), difference in balances.items():
        if difference:
            blame("stock_mismatch", f"{name}: {sku} in {warehouse} by {difference}", 1)


def _weigh_members(name: str, due: Mapping[int, Delta], lines: list[FoldedLine], blame: Blame) -> None:
    counted = [line for line in lines if line.state not in NOT_COUNTED]
    claims = Counter(member for line in counted for member in line.members)
    for missing in sorted(due.keys() - claims.keys()):
        blame("misfolded", f"{name}: {missing} is in no line", 1)
    for member, number in claims.items():
        if number > 1:
            blame("misfolded", f"{name}: {member} is in {number} lines", 1)
    for line in counted:
        strangers = [member for member in line.members if not _belongs(due.get(member), line)]
        if strangers:
            blame("misfolded", f"{name}: {line.sku} of {line.window} has {strangers}", len(strangers))
        elif sum((due[member].quantity for member in line.members), Decimal(0)) != line.quantity:
            blame("misfolded", f"{name}: {line.sku} of {line.window} is not the sum of its changes", 1)


def _belongs(delta: Delta | None, line: FoldedLine) -> bool:
    return delta is not None and (WAREHOUSES[delta.source], delta.sku) == (line.warehouse, line.sku)
