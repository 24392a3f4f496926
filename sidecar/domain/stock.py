"""Stock: deltas folded per warehouse and SKU into windows, each delta in exactly one window.

A window is frozen once: lines, membership and blueprint version, before the first byte goes out, and is never
folded again. Membership is a range of outbox ids minus the gaps open at that moment, plus explicit ids that
appeared late, so a delta that commits later falls into a later window and content never changes under a key.

That range says what was accounted for. What a line is made of it says by itself: each keeps the ids of its deltas, and
needs no blueprint to be understood later.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Context, Decimal, Inexact
from enum import StrEnum
from typing import Final, NamedTuple

from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.identity import FIRST_EPOCH
from sidecar.domain.money import ZERO, text_of
from sidecar.domain.naming import tagged

MOST_DELTAS: Final = 1_000_000
"""More are never added up: then a window closes, whatever its age and however often others did."""
EXACT: Final = Context(prec=60, traps=[Inexact])
"""What a million quantities add up to has more digits than Decimal's own context keeps."""


class WindowKind(StrEnum):
    """What a window adds up: MOVEMENT, changes of what sources hold; DEMAND, what sales reserve and give back."""

    MOVEMENT = "movement"
    DEMAND = "demand"


class Delta(NamedTuple):
    """A signed change of one SKU's quantity in one warehouse of the ERP.

    `crosses`: with it a source has run out, or has something again; nobody should wait for a window's age then.
    """

    id: OutboxId
    sku: str
    warehouse: str
    quantity: Decimal
    kind: WindowKind = WindowKind.MOVEMENT
    crosses: bool = False


@dataclass(frozen=True, slots=True)
class FoldedLine:
    """The folded quantity of one SKU, and the ids of the deltas that made it, ascending."""

    sku: str
    quantity: Decimal
    members: Sequence[int]


@dataclass(frozen=True, slots=True)
class WindowLine:
    """The folded quantity of one SKU, and how many deltas made it.

    Once its window is begun the quantity is in the ERP's `unit`, and stays so. `expected` and `target` are the level
    that an ERP had, and the one that it is told to have, where it takes no changes; a target without one is void.
    """

    sku: str
    quantity: Decimal
    deltas: int
    unit: str = ""
    expected: Decimal | None = None
    target: Decimal | None = None


class WindowState(StrEnum):
    """The life of a window.

    PARKED: the ERP refused it as a whole, and its warehouse waits · BOOKED: done, but for lines that are parked or
    held · HELD: nothing of it could be sent or booked, and its lines stand · CARRIED: and they went on in a later one.
    """

    FROZEN = "frozen"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PARKED = "parked"
    BOOKED = "booked"
    NET_ZERO = "net_zero"
    HELD = "held"
    CARRIED = "carried"
    SKIPPED = "skipped"


class LineState(StrEnum):
    """What became of one SKU's quantity of a window.

    OPEN: it goes with its window · PARKED: the ERP refused it · HELD: never sent, as an older one of its SKU is
    parked · RETRYING, SKIPPING: a person has decided about a parked one, the relay carries it out · CARRIED: its deltas
    count in a later window. Each delta is in exactly one line that counts: one that is not CARRIED.
    """

    OPEN = "open"
    BOOKED = "booked"
    NET_ZERO = "net_zero"
    PARKED = "parked"
    HELD = "held"
    RETRYING = "retrying"
    SKIPPING = "skipping"
    CARRIED = "carried"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Membership:
    """Which outbox ids a fold took: above `after` up to `upto`, without `holes`, plus `late` ones."""

    after: OutboxId
    upto: OutboxId
    holes: tuple[tuple[OutboxId, OutboxId], ...] = ()
    late: tuple[OutboxId, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """One warehouse's frozen deltas; `sequence` counts per destination and warehouse, `lines` are those that go.

    `delay` is what is left, by the database's clock, until it may be sent or looked up again; never negative.
    """

    destination: DestinationName
    warehouse: str
    sequence: int
    state: WindowState
    membership: Membership
    lines: tuple[WindowLine, ...]
    blueprint_version: str
    attempts: int = 0
    absents: int = 0
    resubmitted: bool = False
    delay: timedelta = timedelta()
    fault: str = ""
    hint: str = ""
    erp_number: str | None = None
    epoch: int = FIRST_EPOCH
    kind: WindowKind = WindowKind.MOVEMENT

    @property
    def is_untouched(self) -> bool:
        """Tell whether nobody can have sent anything under its name yet, so that its content may still shrink."""
        return self.state is WindowState.FROZEN and not self.attempts and not self.resubmitted

    def reference(self, instance: str) -> str:
        """The name under which the ERP stores the batch: a restored database counts windows from an old number on."""
        return f"{tagged(instance, self.epoch)}.{self.warehouse}.{self.sequence}"


@dataclass(frozen=True, slots=True)
class UnfinishedWindow:
    """A window that is not done, as an operator sees it; `lines` counts its SKUs."""

    destination: DestinationName
    warehouse: str
    sequence: int
    state: WindowState
    lines: int
    attempts: int
    fault: str
    hint: str


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A SKU whose changes are kept back from an ERP: one parked line, and all of its kind that is held behind it.

    `sequence` is the parked line's window; `held` counts the lines behind it, and `held_quantity` adds them up.
    """

    destination: DestinationName
    warehouse: str
    kind: WindowKind
    sku: str
    sequence: int
    state: LineState
    quantity: Decimal
    held: int
    held_quantity: Decimal
    fault: str
    stands_for: timedelta


@dataclass(frozen=True, slots=True)
class FrozenFold:
    """One warehouse's part of a fold; the store allocates the sequence number."""

    warehouse: str
    lines: tuple[FoldedLine, ...]
    kind: WindowKind = WindowKind.MOVEMENT

    @property
    def state(self) -> WindowState:
        """Net zero is kept, and not sent."""
        return WindowState.FROZEN if any(line.quantity for line in self.lines) else WindowState.NET_ZERO


class _Sum:
    """What one SKU has come to."""

    __slots__ = ("members", "quantity")

    def __init__(self) -> None:
        self.quantity = ZERO
        self.members = array("Q")


class Fold:
    """Deltas added up as they come, in any order: of each, nothing but its id is kept."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.crosses = False
        self._sums: dict[tuple[str, WindowKind], dict[str, _Sum]] = {}
        self._deltas = 0

    def __len__(self) -> int:
        """How many deltas were added."""
        return self._deltas

    def add(self, delta: Delta) -> None:
        """Add one delta, which was not added before."""
        sums = self._sums.setdefault((delta.warehouse, delta.kind), {})
        entry = sums.get(delta.sku)
        if entry is None:
            entry = sums[delta.sku] = _Sum()
        entry.quantity = EXACT.add(entry.quantity, delta.quantity)
        entry.members.append(delta.id)
        self._deltas += 1
        self.crosses = self.crosses or delta.crosses

    def windows(self, most: int | None = None) -> list[FrozenFold]:
        """What would be frozen now: folds per warehouse and kind, lines in SKU order, net-zero lines included.

        One for each, or several, where there are more lines to send than `most`.
        """
        return [
            FrozenFold(warehouse, lines, kind)
            for (warehouse, kind), sums in sorted(self._sums.items())
            for lines in _cut([_line(sku, sums[sku]) for sku in sorted(sums)], most)
        ]


def _line(sku: str, entry: _Sum) -> FoldedLine:
    return FoldedLine(sku, entry.quantity, array("Q", sorted(entry.members)))


def _cut(lines: Sequence[FoldedLine], most: int | None) -> Iterator[tuple[FoldedLine, ...]]:
    """Lines of zero are not sent, and do not count."""
    part: list[FoldedLine] = []
    to_send = 0
    for line in lines:
        if line.quantity:
            if to_send == most:
                yield tuple(part)
                part, to_send = [], 0
            to_send += 1
        part.append(line)
    yield tuple(part)


def differences_between(window: Window, booked: Iterable[tuple[str, Decimal]]) -> list[str]:
    """Compare what the ERP has booked, as SKUs and quantities, with the window; SKUs that it lacks are not named."""
    sent = {line.sku: line.quantity for line in window.lines}
    theirs: dict[str, Decimal] = {}
    for sku, quantity in booked:
        theirs[sku] = theirs.get(sku, ZERO) + quantity
    return [
        f"{sku}: {text_of(sent[sku]) if sku in sent else 'nothing'} was sent, the ERP has {text_of(quantity)}"
        for sku, quantity in sorted(theirs.items())
        if sent.get(sku) != quantity
    ]
