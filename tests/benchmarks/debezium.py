"""debezium_drain_ratio, debezium_p50_ms, debezium_p99_ms: the same outbox, read by Debezium from the binlog."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.benchmarks.apart import Apart
from tests.benchmarks.bench import Bench
from tests.benchmarks.drain import drain, side_of
from tests.benchmarks.erp import erp
from tests.benchmarks.figures import Figure, Side, percentile, ratio
from tests.benchmarks.peer import MARKERS, environment
from tests.benchmarks.rows import fill_outbox
from tests.benchmarks.traffic import latencies, our_latencies, produce_for
from tests.support.servers import Database

NAMES: Final = ("debezium_drain_ratio", "debezium_p50_ms", "debezium_p99_ms")
SAYS: Final = "Debezium embedded, default settings, counted from its first batch on; both sides on one MySQL"


def measure(bench: Bench) -> list[Figure]:
    """Drain one backlog with both, then follow traffic with both, on one MySQL."""
    found = environment()
    server = bench.servers.for_debezium()
    with bench.servers.schema(server) as database, erp() as sink, _debezium(database, found, sink.url) as debezium:
        debezium.order("remember")
        debezium.hear()
        figures = _drain(bench, database, debezium)
        if not bench.sizes.follow_debezium:
            return figures
        bench.say(f"{bench.sizes.rate:g} events a second, followed by Debezium")
        debezium.order("post")
        debezium.hear()
        sink.take_book()
        commits = produce_for(database, bench.sizes.rate, bench.sizes.traffic_seconds)
        theirs = latencies(commits, sink)
    says = _beside(bench)
    return [
        *figures,
        Figure("debezium_p50_ms", percentile(theirs, 0.5), says=says),
        Figure("debezium_p99_ms", percentile(theirs, 0.99), says=says),
    ]


def _drain(bench: Bench, database: Database, debezium: Apart) -> list[Figure]:
    events = bench.sizes.debezium_backlog
    bench.say(f"a backlog of {events:,} events, drained by Debezium and by the feed")
    fill_outbox(database, events)

    def theirs(_: int) -> Side:
        debezium.order(f"drain {events}")
        return side_of(debezium.hear())

    pairs = bench.pairs(bench.sizes.drain_pairs, lambda _: side_of(drain(database)), theirs)
    return [ratio("debezium_drain_ratio", pairs, SAYS)]


def _beside(bench: Bench) -> str:
    """Our own latency on the same server and at the same rate, in words."""
    ours, _ = our_latencies(bench, bench.servers.for_debezium())
    return f"ours on the same MySQL: p50 {percentile(ours, 0.5):.1f} ms, p99 {percentile(ours, 0.99):.1f} ms"


@contextmanager
def _debezium(database: Database, found: dict[str, str], erp_url: str) -> Iterator[Apart]:
    with TemporaryDirectory(prefix="erp-sidecar-bench-") as name, database.connect() as connection:
        connection.cursor().execute(f"CREATE TABLE {MARKERS} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY)")
        address = database.server
        server: dict[str, Any] = {
            "host": address.host,
            "port": address.port,
            "user": address.user,
            "password": address.password,
            "schema": database.name,
        }
        log = Path(name) / "log"
        with Apart(
            "tests.benchmarks.peer:follow", found, log=log, server=server, folder=name, erp_url=erp_url
        ) as child:
            yield child
