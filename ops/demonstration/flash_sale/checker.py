"""The independent checker of a sale: whether every change of stock was told once, and the stock agrees on both sides.

It imports nothing of the product and knows the blueprint's rules in words of its own. What each number means:

orders           orders in Magento
deltas           committed changes of stock whose reason flows to the ERP, and committed reservations
windows          windows that were frozen; `lines` are theirs, of which some add up to nothing and did not go out
calls            requests that reached the ERP, whatever they asked and whatever became of them, by its own count
calls_saved      deltas - calls: what a call for each change would have cost more
mismatch         warehouses and SKUs of which the ERP does not have what Magento's own stock tables hold, and SKUs of
                 which it does not know the same demand as Magento has reserved
in_no_window     deltas that no line of a window counts; `in_several` are those that more than one does
foreign          ids that a line counts although they are no delta, or one of another SKU or warehouse
wrong_sums       lines that are not the sum of the deltas that they count
not_booked_as_folded   windows that the ERP has otherwise than folded, more than once, or not at all; and documents of
                 the ERP that are no window
unfinished       windows that are not done
refused_lines    lines that the ERP refused, although no fault told it to
late_deltas      deltas that were committed after a window had passed them by, and joined a later one
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Final

from ops.demonstration.flash_sale.evidence import Balance, Batch, Change, Erp, Line, Shop

FLOWING_REASONS: Final = frozenset({"shipment", "refund", "manual", "correction"})
WAREHOUSES: Final[Mapping[str, str]] = {"west": "W-US", "east": "W-US", "eu-hub": "W-EU"}
DEMAND: Final[Mapping[str, str]] = {"2": "SHOP"}
INSTANCE: Final = "demo"
DONE: Final = frozenset({"booked", "net_zero"})
NOT_COUNTED: Final = frozenset({"carried"})
"""Lines whose members a later line has taken over."""

ZERO: Final = Decimal(0)
FOLDED_BY: Final = 100
LARGE: Final = 10_000
"""A sale of fewer deltas cannot be told in a hundredth of the calls: each warehouse has a window in any case."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a sale; the module's opening words define each number."""

    orders: int
    deltas: int
    windows: int
    lines: int
    calls: int
    calls_saved: int
    mismatch: int
    in_no_window: int
    in_several: int
    foreign: int
    wrong_sums: int
    not_booked_as_folded: int
    unfinished: int
    refused_lines: int
    late_deltas: int
    faults: dict[str, int] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """Every promise that was not kept, in words; empty when all were."""
        said = {
            "mismatch": "balances differ between Magento and the ERP",
            "in_no_window": "changes are in no window",
            "in_several": "changes are in several windows",
            "foreign": "ids are in windows where they do not belong",
            "wrong_sums": "lines are not the sum of their changes",
            "not_booked_as_folded": "windows are not in the ERP as they were folded",
            "unfinished": "windows are not done",
            "refused_lines": "lines were refused, which nobody had told the ERP to do",
        }
        found = [f"{getattr(self, name)} {words}" for name, words in said.items() if getattr(self, name)]
        if self.deltas >= LARGE and self.calls * FOLDED_BY > self.deltas:
            found.append(f"{self.calls} calls are more than a hundredth of {self.deltas} changes")
        if not self.deltas:
            found.append("nothing was sold")
        return found

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self))


def judge(shop: Shop, erp: Erp, calls: int) -> Verdict:
    """Weigh both sides; `calls` is how many requests the ERP has counted."""
    due = {change.id: change for change in shop.changes if _flows(change)}
    counted = [line for line in shop.lines if line.state not in NOT_COUNTED]
    claims = Counter(member for line in counted for member in line.members)
    return Verdict(
        orders=shop.orders,
        deltas=len(due),
        windows=len(shop.windows),
        lines=len(shop.lines),
        calls=calls,
        calls_saved=len(due) - calls,
        mismatch=_differences(shop, erp),
        in_no_window=len(due.keys() - claims.keys()),
        in_several=sum(count > 1 for count in claims.values()),
        foreign=sum(not _belongs(due.get(member), line) for line in counted for member in line.members),
        wrong_sums=sum(line.quantity != _sum(line, due) for line in counted),
        not_booked_as_folded=_not_as_folded(shop, erp),
        unfinished=sum(state not in DONE for state in shop.windows.values()),
        refused_lines=sum(len(batch.refused) for batch in erp.batches),
        late_deltas=len(shop.late & due.keys()),
        faults=dict(sorted(Counter(erp.faults).items())),
    )


def _flows(change: Change) -> bool:
    if change.is_echo:
        return False
    return change.place in DEMAND if change.is_reservation else change.reason in FLOWING_REASONS


def _belongs(change: Change | None, line: Line) -> bool:
    if change is None:
        return False
    kind, places = ("demand", DEMAND) if change.is_reservation else ("movement", WAREHOUSES)
    return (kind, places.get(change.place), change.sku) == (line.kind, line.warehouse, line.sku)


def _sum(line: Line, due: Mapping[int, Change]) -> Decimal:
    return sum((due[member].quantity for member in line.members if member in due), ZERO)


def _differences(shop: Shop, erp: Erp) -> int:
    stock = _summed(shop.in_sources, WAREHOUSES)
    demand = _summed(shop.reserved, DEMAND)
    return _unequal(stock, erp.on_hand) + _unequal(demand, erp.demand)


def _summed(balance: Balance, places: Mapping[str, str]) -> dict[tuple[str, str], Decimal]:
    """By the ERP's words for the places; what lies where the ERP has none is not its business."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (place, sku), quantity in balance.items():
        if place in places:
            sums[places[place], sku] += quantity
    return sums


def _unequal(ours: Balance, theirs: Balance) -> int:
    return sum(ours.get(key, ZERO) != theirs.get(key, ZERO) for key in ours.keys() | theirs.keys())


def _not_as_folded(shop: Shop, erp: Erp) -> int:
    """Counts names of windows of which what the ERP has booked is not what was folded."""
    folded: dict[str, dict[str, Decimal]] = {}
    for line in shop.lines:
        if line.quantity and line.state == "booked":
            folded.setdefault(f"{INSTANCE}.{line.window}", {})[line.sku] = line.quantity
    booked: dict[str, list[Batch]] = defaultdict(list)
    for batch in erp.batches:
        booked[batch.reference].append(batch)
    return sum(
        name not in folded or [dict(batch.booked) for batch in booked[name]] != [folded[name]]
        for name in folded.keys() | booked.keys()
    )
