"""Folding loses nothing and counts nothing twice, whatever Hypothesis lets happen to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from sidecar.domain.events import OutboxId
from sidecar.domain.stock import Delta, Fold, WindowKind
from tests.support.stock_play import STOCK, HandClock, MemoryStage, Play

SKUS = st.sampled_from(["A", "B", "C"])
QUANTITIES = st.decimals(-99, 99, places=4)
TRANSACTIONS = st.sampled_from([None, None, "slow", "slower"])
ORIGINS = st.sampled_from(["", "erp"])
SECONDS = st.sampled_from([0.01, 1.0, 11.0])

DELTAS = st.lists(
    st.builds(
        Delta,
        id=st.integers(1, 10**9).map(OutboxId),
        sku=SKUS,
        warehouse=st.sampled_from(["W1", "W2"]),
        quantity=QUANTITIES,
        kind=st.sampled_from(WindowKind),
    ),
    unique_by=lambda delta: delta.id,
)


def sums(parts: Sequence[Sequence[Delta]]) -> dict[tuple[str, WindowKind, str], tuple[Decimal, list[int]]]:
    """What windows of these parts come to together."""
    total: dict[tuple[str, WindowKind, str], tuple[Decimal, list[int]]] = {}
    for part in parts:
        fold = Fold()
        for delta in part:
            fold.add(delta)
        for one in fold.windows():
            for line in one.lines:
                key = one.warehouse, one.kind, line.sku
                quantity, members = total.get(key, (Decimal(0), []))
                total[key] = quantity + line.quantity, sorted([*members, *line.members])
    return total


@given(DELTAS, st.lists(st.integers(0, 30)), st.randoms())
def test_windows_add_up_to_the_same_however_they_are_cut(deltas: list[Delta], cuts: list[int], random: object) -> None:
    bounds = [0, *sorted(min(cut, len(deltas)) for cut in cuts), len(deltas)]
    parts = [deltas[start:end] for start, end in pairwise(bounds)]
    random.shuffle(parts)  # type: ignore[attr-defined]

    assert sums(parts) == sums([deltas])


class Folding(RuleBasedStateMachine):
    """A shop that sells, late commits, parked deltas, kills before and after a freeze, stops: nothing is lost."""

    def __init__(self) -> None:
        super().__init__()
        clock = HandClock()
        self.stage = MemoryStage(clock)
        self.play = Play(self.stage, clock, replace(STOCK, every=self.every))

    every = timedelta()

    @rule(
        transaction=TRANSACTIONS,
        sku=SKUS,
        source=st.sampled_from(["west", "hub"]),
        quantity=QUANTITIES,
        reason=st.sampled_from(["shipment", "refund", "import"]),
        origin=ORIGINS,
    )
    def move(self, transaction: str | None, sku: str, source: str, quantity: Decimal, reason: str, origin: str) -> None:
        self.play.move(transaction, sku, source, quantity, reason, origin)

    @rule(transaction=TRANSACTIONS, sku=SKUS, quantity=QUANTITIES, origin=ORIGINS)
    def reserve(self, transaction: str | None, sku: str, quantity: Decimal, origin: str) -> None:
        self.play.reserve(transaction, sku, quantity, origin)

    @rule(transaction=TRANSACTIONS)
    def move_unreadably(self, transaction: str | None) -> None:
        self.play.move_unreadably(transaction)

    @rule()
    def sell_something_else(self) -> None:
        self.play.sell_something_else()

    @rule(transaction=st.sampled_from(["slow", "slower"]), commits=st.booleans())
    def end(self, transaction: str, *, commits: bool) -> None:
        self.play.end(transaction, commits=commits)

    @rule(seconds=SECONDS)
    def turn(self, seconds: float) -> None:
        self.play.turn(seconds)

    @rule(dies=st.sampled_from([None, "before", "after"]))
    def kill(self, dies: str | None) -> None:
        self.play.kill(dies)

    @rule()
    def stop(self) -> None:
        self.play.stop()

    @rule()
    def mend(self) -> None:
        self.play.mend()

    def teardown(self) -> None:
        self.play.come_to_the_end()


class ThrottledFolding(Folding):
    """The same where windows are not frozen more often than once a minute."""

    every = timedelta(minutes=1)

    def teardown(self) -> None:
        frozen_at = self.stage.stock.frozen_at
        assert all(later - earlier >= 60 for earlier, later in pairwise(frozen_at))
        super().teardown()


TestFolding = Folding.TestCase
TestFolding.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestThrottledFolding = ThrottledFolding.TestCase
TestThrottledFolding.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
