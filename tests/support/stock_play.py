"""A play of stock: a shop that sells, transactions that commit late, processes that are killed, a person who mends.

Where it is played, in memory or on a database, is a `Stage`. After every step the frozen windows have to be true: each
delta lies in one line at most, and each line is the sum of its members. At the end each that flows lies in one.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sidecar.domain.delivery import Delivery
from sidecar.domain.errors import StorageError
from sidecar.domain.events import DestinationName, Event, EventType, Lane, OutboxId
from sidecar.domain.gaps import AliveTransaction, Gap
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.policy import DestinationPolicy, StockPolicy
from sidecar.domain.step import Cursor
from sidecar.domain.stock import FrozenFold, Membership
from sidecar.domain.warehouses import WarehouseRule
from sidecar.engine.leadership import Leadership
from sidecar.engine.stock_folding import StockFolder
from sidecar.ports import OutboxStore, StockStore

ERP = DestinationName("erp")
STOCK = StockPolicy(
    reasons=frozenset({"shipment", "refund"}),
    warehouses={"west": "W1", "hub": (WarehouseRule("Q1", frozenset({"refund"})), WarehouseRule("W1"))},
    demand={1: "W1"},
    window_age=timedelta(seconds=10),
    window_deltas=6,
)
UNREADABLE = '{"sku": "A", "source_code": "moon", "quantity": "1.0000", "reason": "shipment"}'
FOLDED_LINE = tuple[str, str, str, Decimal, tuple[int, ...]]
"""Warehouse, kind, SKU, quantity, members."""


class HandClock:
    """A clock that somebody else moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now(self) -> datetime:
        """An instant."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        """Seconds."""
        return self.seconds

    def worked(self) -> float:
        """The same."""
        return self.seconds

    def jitter(self) -> float:
        """None."""
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.seconds += seconds


class Quiet:
    """An observer that nobody asks."""

    def note(self, event: str, **facts: object) -> None:
        """Nothing."""


class _Leases:
    def __init__(self) -> None:
        self._token = 0

    def acquire(self, role: str, scope: str, owner: str, terms: LeaseTerms) -> int | None:
        del role, scope, owner, terms
        self._token += 1
        return self._token

    def renew(self, role: str, scope: str, owner: str, token: int, terms: LeaseTerms) -> bool:
        del role, scope, owner, terms
        return token == self._token

    def release(self, role: str, scope: str, owner: str, token: int) -> None:
        del role, scope, owner, token


class Killed(StorageError):
    """The process was killed, as far as it can tell."""


def policy_of(stock: StockPolicy) -> DestinationPolicy:
    """A destination that takes this stock and nothing else."""
    takes = frozenset({EventType.INVENTORY_ADJUSTED, EventType.INVENTORY_RESERVED})
    return DestinationPolicy(name=ERP, version="v1", takes=takes, release=(), stock=stock, withholds_echoes=True)


def lead(clock: HandClock) -> Leadership:
    """A lease in memory."""
    leadership = Leadership(_Leases(), "stock", ERP, "play", LeaseTerms(), clock, Quiet())
    assert leadership.acquire()
    return leadership


class Stage(Protocol):
    """Where a play is played."""

    @property
    def outbox(self) -> OutboxStore:
        """What is read."""
        ...

    @property
    def stock(self) -> StockStore:
        """What is frozen."""
        ...

    def insert(self, transaction: str | None, kind: str, payload: str, origin: str) -> int:
        """Insert an event, in a transaction of this name, or committed at once; returns its id."""
        ...

    def end(self, transaction: str, *, commits: bool) -> None:
        """Commit or roll back."""
        ...

    def mend(self, outbox_id: int, payload: str) -> None:
        """A person edits a parked delta and lets it go."""
        ...

    def parked(self) -> Collection[int]:
        """Deltas that await a person."""
        ...

    def lines(self) -> Sequence[FOLDED_LINE]:
        """Every frozen line."""
        ...

    def leadership(self, clock: HandClock) -> Leadership:
        """The lease of a process that has just started."""
        ...


# --- In memory ------------------------------------------------------------------------------------


class MemoryOutbox:
    """An outbox of which rows become visible when their transaction commits."""

    def __init__(self) -> None:
        self.rows: dict[int, Event] = {}
        self.edits: dict[int, str] = {}
        self.open: dict[str, list[Event]] = {}
        self._newest = 0

    def insert(self, transaction: str | None, kind: str, payload: str, origin: str = "") -> int:
        """Give an id now, and the row now or at the end of the transaction."""
        self._newest += 1
        lane = Lane(f"#{self._newest}")
        row = Event(OutboxId(self._newest), "", kind, 1, lane, "", None, 0, origin=origin, payload=payload)
        if transaction is None:
            self.rows[row.id] = row
        else:
            self.open.setdefault(transaction, []).append(row)
        return row.id

    def end(self, transaction: str, *, commits: bool) -> None:
        """Show its rows, or forget them."""
        rows = self.open.pop(transaction)
        self.rows.update({row.id: row for row in rows} if commits else {})

    def read_tail(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """As the port says."""
        return [self._bare(number) for number in sorted(self.rows) if number > after][:limit]

    def read_fresh(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """As the port says."""
        return [self.rows[event.id] for event in self.read_tail(after, limit)]

    def read_stock(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """As the port says."""
        return self.read_fresh(after, limit)

    def read_whole(self, after: OutboxId, limit: int, max_bytes: int) -> Sequence[Event]:
        """As the port says."""
        del max_bytes
        return self.read_fresh(after, limit)

    def read_gaps(self, gaps: Sequence[Gap], limit: int) -> Sequence[Event]:
        """As the port says."""
        ids = (number for gap in gaps for number in range(gap.first, gap.last + 1) if number in self.rows)
        return [self._bare(number) for number in ids][:limit]

    def read_events(self, ids: Sequence[OutboxId]) -> Sequence[Event]:
        """As the port says."""
        return [self._bare(number) for number in sorted(ids) if number in self.rows]

    def read_payloads(self, ids: Sequence[OutboxId]) -> Mapping[OutboxId, str]:
        """As the port says."""
        return {number: self.rows[number].payload or "" for number in ids if number in self.rows}

    def read_edits(
        self, destination: DestinationName, ids: Sequence[OutboxId], *, by_people: bool = False
    ) -> Mapping[OutboxId, str]:
        """As the port says."""
        del destination, by_people
        return {number: self.edits[number] for number in ids if number in self.edits}

    def alive_transactions(self, since: float) -> frozenset[AliveTransaction] | None:
        """As the port says."""
        del since
        return frozenset(AliveTransaction(hash(name), name) for name in self.open)

    def _bare(self, number: int) -> Event:
        return self.rows[number]._replace(payload=None)


@dataclass
class MemoryStock:
    """Frozen windows of one destination."""

    clock: HandClock
    cursor: Cursor = field(default_factory=lambda: Cursor(OutboxId(0)))
    folds: list[FrozenFold] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    deliveries: dict[int, str] = field(default_factory=dict)
    frozen_at: list[float] = field(default_factory=list)

    def load_stock_cursor(self, destination: DestinationName) -> Cursor:
        """As the port says."""
        del destination
        return self.cursor

    def freeze_windows(
        self,
        destination: DestinationName,
        token: int,
        cursor: Cursor,
        membership: Membership,
        folds: Sequence[FrozenFold],
        blueprint_version: str,
        parked: Sequence[Delivery],
    ) -> None:
        """As the port says."""
        del destination, token, blueprint_version
        self.cursor = cursor
        self.folds += folds
        self.memberships.append(membership)
        for number in membership.late:
            self.deliveries.pop(number, None)
        self.deliveries |= {delivery.id: "parked" for delivery in parked}
        if folds:
            self.frozen_at.append(self.clock.seconds)

    def since_frozen(self, destination: DestinationName) -> timedelta | None:
        """As the port says."""
        del destination
        return timedelta(seconds=self.clock.seconds - self.frozen_at[-1]) if self.frozen_at else None

    def released_deltas(self, destination: DestinationName) -> Sequence[OutboxId]:
        """As the port says."""
        del destination
        return sorted(OutboxId(number) for number, state in self.deliveries.items() if state == "ready")


class MemoryStage:
    """A stage without a server."""

    def __init__(self, clock: HandClock) -> None:
        self.outbox = MemoryOutbox()
        self.stock = MemoryStock(clock)
        self.insert, self.end = self.outbox.insert, self.outbox.end

    def mend(self, outbox_id: int, payload: str) -> None:
        """As the port says."""
        self.outbox.edits[outbox_id] = payload
        self.stock.deliveries[outbox_id] = "ready"

    def parked(self) -> Collection[int]:
        """As the port says."""
        return {number for number, state in self.stock.deliveries.items() if state == "parked"}

    def lines(self) -> Sequence[FOLDED_LINE]:
        """As the port says."""
        return [
            (one.warehouse, one.kind, line.sku, line.quantity, tuple(line.members))
            for one in self.stock.folds
            for line in one.lines
        ]

    def leadership(self, clock: HandClock) -> Leadership:
        """As the port says."""
        return lead(clock)


# --- The play -------------------------------------------------------------------------------------


class Mortal:
    """A stock store whose process may be killed just before, or just after, it has frozen."""

    def __init__(self, stock: StockStore) -> None:
        self._stock = stock
        self.dies: str | None = None

    def load_stock_cursor(self, destination: DestinationName) -> Cursor:
        """As the port says."""
        return self._stock.load_stock_cursor(destination)

    def freeze_windows(
        self,
        destination: DestinationName,
        token: int,
        cursor: Cursor,
        membership: Membership,
        folds: Sequence[FrozenFold],
        blueprint_version: str,
        parked: Sequence[Delivery],
    ) -> None:
        """As the port says, unless it is time to die."""
        if self.dies == "before":
            raise Killed("killed")
        self._stock.freeze_windows(destination, token, cursor, membership, folds, blueprint_version, parked)
        if self.dies == "after":
            raise Killed("killed")

    def since_frozen(self, destination: DestinationName) -> timedelta | None:
        """As the port says."""
        return self._stock.since_frozen(destination)

    def released_deltas(self, destination: DestinationName) -> Sequence[OutboxId]:
        """As the port says."""
        return self._stock.released_deltas(destination)


@dataclass(frozen=True)
class Truth:
    """What a delta adds, and where; None where it flows nowhere."""

    key: tuple[str, str, str] | None
    quantity: Decimal
    is_readable: bool = True


class Play:
    """One shop, one destination, one process at a time."""

    def __init__(self, stage: Stage, clock: HandClock, stock: StockPolicy = STOCK, batch: int | None = 2) -> None:
        self.stage, self.clock, self.policy = stage, clock, policy_of(stock)
        self._stock_policy, self._batch = stock, batch
        self.truth: dict[int, Truth] = {}
        self.pending: dict[str, dict[int, Truth]] = {}
        self._born()

    def _born(self) -> None:
        self.mortal = Mortal(self.stage.stock)
        outbox, clock = self.stage.outbox, self.clock
        self.folder = StockFolder(
            self.policy,
            self._stock_policy,
            outbox,
            self.mortal,
            self.stage.leadership(clock),
            clock,
            Quiet(),
            batch=self._batch,
        )

    # -- the shop --------------------------------------------------------------------------------------------

    def move(self, transaction: str | None, sku: str, source: str, quantity: Decimal, reason: str, origin: str) -> int:
        """Change what a source holds."""
        payload = {"sku": sku, "source_code": source, "quantity": f"{quantity:.4f}", "reason": reason}
        warehouse = "Q1" if source == "hub" and reason == "refund" else "W1"
        flows = reason in STOCK.reasons and origin != "erp"
        truth = Truth((warehouse, "movement", sku) if flows else None, quantity)
        return self._insert(transaction, "InventoryAdjusted", json.dumps(payload), origin, truth)

    def reserve(self, transaction: str | None, sku: str, quantity: Decimal, origin: str) -> int:
        """Reserve, or give back; whoever caused it."""
        payload = {"sku": sku, "stock_id": 1, "quantity": f"{quantity:.4f}", "sales_event": None}
        truth = Truth(("W1", "demand", sku), quantity)
        return self._insert(transaction, "InventoryReserved", json.dumps(payload), origin, truth)

    def move_unreadably(self, transaction: str | None) -> int:
        """Change what a source holds that nobody has mapped."""
        truth = Truth(("W1", "movement", "A"), Decimal(1), is_readable=False)
        return self._insert(transaction, "InventoryAdjusted", UNREADABLE, "", truth)

    def sell_something_else(self) -> None:
        """Write an event that is none of stock's."""
        self.stage.insert(None, "OrderPlaced", "{}", "")

    def end(self, transaction: str, *, commits: bool) -> None:
        """Commit or roll back a transaction, if it has done anything."""
        if transaction in self.pending:
            self.stage.end(transaction, commits=commits)
            done = self.pending.pop(transaction)
            self.truth |= done if commits else {}

    def _insert(self, transaction: str | None, kind: str, payload: str, origin: str, truth: Truth) -> int:
        number = self.stage.insert(transaction, kind, payload, origin)
        if transaction is None:
            self.truth[number] = truth
        else:
            self.pending.setdefault(transaction, {})[number] = truth
        return number

    # -- the process -----------------------------------------------------------------------------------------

    def turn(self, seconds: float) -> None:
        """Let time pass, read, and freeze what is due."""
        self.clock.sleep(seconds)
        try:
            self.folder.read()
            self.folder.freeze_if_due()
        except Killed:
            self._born()
        self.check()

    def kill(self, dies: str | None) -> None:
        """Kill the process at once, or at its next freeze."""
        if dies is None:
            self._born()
        else:
            self.mortal.dies = dies

    def stop(self) -> None:
        """Stop the process as systemd does, and start another."""
        with suppress(Killed):
            self.folder.freeze_at_the_end()
        self._born()
        self.check()

    def mend(self) -> None:
        """A person corrects the oldest parked delta."""
        for number in sorted(self.stage.parked())[:1]:
            self.stage.mend(number, UNREADABLE.replace("moon", "west"))
            self.truth[number] = Truth(("W1", "movement", "A"), Decimal(1))

    # -- the judge -------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Each delta lies in one line at most, of its own key, and each line is the sum of its members."""
        lines = self.stage.lines()
        members = Counter(number for *_, ids in lines for number in ids)
        assert not [number for number, times in members.items() if times > 1]
        for warehouse, kind, sku, quantity, ids in lines:
            assert {self.truth[number].key for number in ids} == {(warehouse, kind, sku)}
            assert quantity == sum(self.truth[number].quantity for number in ids)
            assert list(ids) == sorted(ids)

    def come_to_the_end(self) -> None:
        """End what is open, mend what is parked, and wait: then each delta that flows lies in exactly one line."""
        for transaction in list(self.pending):
            self.end(transaction, commits=True)
        self._born()
        for _ in range(100):
            self.mend()
            self.turn(self._stock_policy.window_age.total_seconds() + self._stock_policy.every.total_seconds())
            if self._is_complete():
                return
        flowing = {number for number, truth in self.truth.items() if truth.key is not None}
        assert {number for *_, ids in self.stage.lines() for number in ids} == flowing

    def _is_complete(self) -> bool:
        flowing = {number for number, truth in self.truth.items() if truth.key is not None}
        return {number for *_, ids in self.stage.lines() for number in ids} == flowing
