"""stock_fold_per_s, stock_fold_linear_ratio, stock_fold_rss_mb: a backlog of stock changes, folded and frozen.

Measured is a process in which the daemon's own folder runs: it reads each change from the outbox, adds it up, and
freezes one window for each warehouse in the database. Nothing is sent: what a call to an ERP costs, others say.
"""

from itertools import count
from typing import Any, Final

from sidecar.daemon import SystemClock
from sidecar.domain.events import DestinationName, EventType
from sidecar.domain.policy import DestinationPolicy, StockPolicy
from sidecar.domain.stock import MOST_DELTAS
from sidecar.engine.stock_folding import StockFolder
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.session import Session
from sidecar.mysql.stock_store import StockStore
from tests.benchmarks.apart import Parent, Spent, peak_rss_mb, run_apart
from tests.benchmarks.bench import Bench
from tests.benchmarks.drain import side_of
from tests.benchmarks.figures import Figure, NotMeasurableError
from tests.benchmarks.product import Silent, lead
from tests.benchmarks.rows import SKUS, SOURCES, fill_with_changes
from tests.support.servers import Database

NAMES: Final = ("stock_fold_per_s", "stock_fold_linear_ratio", "stock_fold_rss_mb")
COUNTED: Final = (
    "SELECT COALESCE(SUM(l.deltas), 0), COUNT(*) FROM erp_stock_window_line l"
    " JOIN erp_stock_window w ON w.id = l.window_id WHERE w.destination = %s"
)
_fresh = count(1)


def measure(bench: Bench) -> list[Figure]:
    """Fold a small backlog and a large one a few times, each time for a destination that is new."""
    sizes, server = bench.sizes, bench.servers.main()
    bench.say(f"{sizes.deltas:,} stock changes of {SKUS:,} SKUs in {len(SOURCES)} warehouses")
    with bench.servers.schema(server) as small, bench.servers.schema(server) as large:
        fill_with_changes(small, sizes.few_deltas)
        fill_with_changes(large, sizes.deltas)
        rounds = [(fold(small), fold(large)) for _ in range(sizes.drain_pairs)]
    few, many = (sorted(runs, key=_cpu)[(len(runs) - 1) // 2] for runs in zip(*rounds, strict=True))
    ours, little = side_of(many), side_of(few)
    says = f"by processor time, into {many['lines']:,} lines; {ours.rate:,.0f} by the clock, the server beside it"
    beside = f"processor time of a delta, beside a backlog of {little.events:,}"
    return [
        Figure("stock_fold_per_s", 1e6 / ours.cpu_us, ours, says=says),
        Figure("stock_fold_linear_ratio", ours.cpu_us / little.cpu_us, ours, little, beside),
        Figure("stock_fold_rss_mb", many["rss_mb"], says="the most memory held meanwhile"),
    ]


def fold(database: Database) -> dict[str, Any]:
    """Fold all of an outbox in a process of its own; what it has frozen is counted by somebody else."""
    destination = f"erp{next(_fresh)}"
    spent = run_apart("tests.benchmarks.folding:fold_all", url=database.url, destination=destination)
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(COUNTED, (destination,))
        ((events, lines),) = cursor.fetchall()
        cursor.execute("SELECT COUNT(*) FROM erp_outbox")
        ((told,),) = cursor.fetchall()
    if events != told:
        raise NotMeasurableError(f"of {told} changes {events} were folded")
    return {**spent, "events": int(events), "lines": int(lines)}


def fold_all(parent: Parent, url: str, destination: str) -> dict[str, float]:
    """Read the outbox to its end, and freeze what it comes to; the time counts from a loaded folder on."""
    del parent
    session, name = Session(url), DestinationName(destination)
    warehouses = {source: source.upper() for source in SOURCES}
    stock = StockPolicy(frozenset({"shipment"}), warehouses, window_deltas=MOST_DELTAS)
    policy = DestinationPolicy(name, "bench", frozenset({EventType.INVENTORY_ADJUSTED}), (), stock=stock)
    outbox, store, leadership = OutboxStore(session), StockStore(session), lead(session, name, "stock")
    folder = StockFolder(policy, stock, outbox, store, leadership, SystemClock(), Silent())
    spent = Spent()
    while folder.read():
        folder.freeze_if_due()
    folder.freeze()
    return {**spent.so_far(), "rss_mb": peak_rss_mb()}


def _cpu(run: dict[str, Any]) -> float:
    seconds: float = run["cpu_seconds"]
    return seconds
