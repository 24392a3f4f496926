"""What every figure is given: servers, sizes, and how a pair of sides is run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.figures import Side
from tests.benchmarks.servers import Servers


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    backlog: int
    """Events of the backlog that is drained."""
    small_backlog: int
    """The backlog that its memory is compared with."""
    debezium_backlog: int
    receipts: int
    http_events: int
    """Events of one side of one pair of HTTP."""
    http_pairs: int
    drain_pairs: int
    traffic_seconds: float
    follow_debezium: bool
    """Whether Debezium's latency is measured, and our own on its server."""
    rate: float
    """Events per second under traffic."""
    concurrency_seconds: float
    snapshot_seconds: float
    snapshot_blocks: int
    idle_seconds: float
    orders: int
    """Order transactions with and without the outbox, each."""
    acknowledgements: int
    """Orders that the projector brings up to date beside checkouts."""
    mappings: int
    adapter_orders: int
    """Orders of one side of one pair of an adapter and the bare calls."""
    deltas: int
    """Stock changes that are folded."""
    few_deltas: int
    """The backlog that they are compared with."""


FULL: Final = Sizes(
    backlog=1_000_000,
    small_backlog=50_000,
    debezium_backlog=1_000_000,
    receipts=200_000,
    http_events=10_000,
    http_pairs=5,
    drain_pairs=3,
    traffic_seconds=30,
    follow_debezium=True,
    rate=500,
    concurrency_seconds=15,
    snapshot_seconds=300,
    snapshot_blocks=10,
    idle_seconds=30,
    orders=1_000,
    acknowledgements=10_000,
    mappings=2_000,
    adapter_orders=120,
    deltas=1_000_000,
    few_deltas=100_000,
)
QUICK: Final = Sizes(
    backlog=30_000,
    small_backlog=20_000,
    debezium_backlog=20_000,
    receipts=20_000,
    http_events=1_000,
    http_pairs=1,
    drain_pairs=1,
    traffic_seconds=2,
    follow_debezium=False,
    rate=500,
    concurrency_seconds=1,
    snapshot_seconds=1,
    snapshot_blocks=1,
    idle_seconds=1.5,
    orders=100,
    acknowledgements=2_000,
    mappings=100,
    adapter_orders=16,
    deltas=30_000,
    few_deltas=10_000,
)
TINY: Final = Sizes(
    backlog=300,
    small_backlog=200,
    debezium_backlog=6_000,
    receipts=300,
    http_events=200,
    http_pairs=1,
    drain_pairs=1,
    traffic_seconds=0.4,
    follow_debezium=True,
    rate=100,
    concurrency_seconds=0.3,
    snapshot_seconds=0.3,
    snapshot_blocks=1,
    idle_seconds=0.3,
    orders=3,
    acknowledgements=50,
    mappings=2,
    adapter_orders=8,
    deltas=300,
    few_deltas=100,
)
"""Too little to say anything; shows that the harness runs."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One run."""

    servers: Servers
    sizes: Sizes
    say: Callable[[str], None]
    """Tells a person what is measured now."""

    def pairs(self, count: int, ours: Callable[[int], Side], theirs: Callable[[int], Side]) -> list[tuple[Side, Side]]:
        """Run both sides in turn; who begins changes, so that a drift of the machine favours neither."""
        done = []
        for number in range(count):
            if number % 2:
                other = theirs(number)
                done.append((ours(number), other))
            else:
                mine = ours(number)
                done.append((mine, theirs(number)))
        return done
