"""p50_ms, p99_ms, and what the server pays for it: events committed at a steady rate, timed from commit to ERP."""

import time
from collections.abc import Mapping
from typing import Final

from ops.embedded.server import ServerAddress
from tests.benchmarks.apart import run_apart
from tests.benchmarks.bench import Bench
from tests.benchmarks.counters import Counters
from tests.benchmarks.daemon import sidecar
from tests.benchmarks.erp import Erp, erp
from tests.benchmarks.figures import Figure, NotMeasurableError, Side, percentile
from tests.benchmarks.product import single_events
from tests.support.servers import Database

NAMES: Final = ("p50_ms", "p99_ms", "transactions_per_event", "handler_reads_per_event")
WARM_UP_SECONDS: Final = 0.5
ARRIVES_WITHIN: Final = 20.0


def measure(bench: Bench) -> list[Figure]:
    """Let the whole daemon relay traffic to an ERP that answers at once."""
    bench.say(f"{bench.sizes.rate:g} events a second for {bench.sizes.traffic_seconds:g} s")
    times, (side, commits, reads) = our_latencies(bench, bench.servers.main())
    says = f"{bench.sizes.rate:g} events/s, {side.events:,} events, 0 to 4 ms between insert and commit"
    return [
        Figure("p50_ms", percentile(times, 0.5), side, says=says),
        Figure("p99_ms", percentile(times, 0.99), side, says=says),
        Figure("transactions_per_event", commits / side.events, says="everything that the daemon commits"),
        Figure("handler_reads_per_event", reads / side.events, says="everything that the daemon reads"),
    ]


def our_latencies(bench: Bench, server: ServerAddress) -> tuple[list[float], tuple[Side, int, int]]:
    """Milliseconds from commit to arrival; and the daemon's own time, transactions and row reads meanwhile."""
    seconds, rate = bench.sizes.traffic_seconds, bench.sizes.rate
    with (
        bench.servers.schema(server) as database,
        erp() as sink,
        sidecar(database, single_events(sink.url)) as daemon,
        Counters(server) as counters,
    ):
        warm = produce_for(database, rate, WARM_UP_SECONDS)
        latencies(warm, sink)
        counters.restart()
        cpu = daemon.cpu_seconds()
        commits = produce_for(database, rate, seconds)
        times = latencies(commits, sink)
        used, counted = daemon.cpu_seconds() - cpu, counters.counted()
    # The producers commit once per event and read no row: an insert without secondary unique keys needs none.
    side = Side(len(times), seconds, used)
    return times, (side, counted.commits - len(commits), counted.reads)


def produce_for(database: Database, rate: float, seconds: float) -> dict[str, int]:
    """Commit events from a process of its own; the instant of each commit by event id."""
    return run_apart("tests.benchmarks.producers:produce", url=database.url, rate=rate, seconds=seconds)


def latencies(commits: Mapping[str, int], sink: Erp) -> list[float]:
    """Milliseconds from each commit to its event's arrival, once all have arrived."""
    arrivals: dict[str, int] = {}
    until = time.monotonic() + ARRIVES_WITHIN
    while missing := commits.keys() - arrivals.keys():
        if time.monotonic() > until:
            sentence = f"{len(missing)} of {len(commits)} events did not arrive within {ARRIVES_WITHIN:.0f} s"
            raise NotMeasurableError(sentence)
        time.sleep(0.05)
        arrivals.update(sink.take_book()["arrivals"])
    return [(arrivals[event] - committed) / 1e6 for event, committed in commits.items()]
