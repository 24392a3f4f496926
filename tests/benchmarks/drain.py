"""drain_ratio, rss_ratio, receipt_ratio: a backlog drained to a callback, beside bare reads and bare inserts."""

from itertools import count
from typing import Any, Final

from sqlalchemy import text

from sidecar.domain.delivery import Receipt, ReceiptOutcome
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.mysql.deliveries import Deliveries
from sidecar.mysql.fence import DOCUMENTS
from sidecar.mysql.session import Session, Work
from tests.benchmarks.apart import Parent, Spent, run_apart
from tests.benchmarks.bench import Bench
from tests.benchmarks.counters import Counters
from tests.benchmarks.figures import Figure, Side, ratio
from tests.benchmarks.rows import fill_outbox
from tests.benchmarks.sinks import Tally
from tests.support.servers import Database

NAMES: Final = (
    "drain_ratio",
    "receipt_ratio",
    "rss_ratio",
    "rss_mb",
    "transactions_per_event_drain",
    "handler_reads_per_event_drain",
)
FEED: Final = "tests.benchmarks.product:feed"
PAGE: Final = 2000
_fresh = count(1)

_READ: Final = text(
    "SELECT id, event_id, type, schema_version, lane, aggregate_id, store_id, occurred_at_us, trace_parent, payload"
    " FROM erp_outbox WHERE id > :after ORDER BY id LIMIT :limit"
)


def measure(bench: Bench) -> list[Figure]:
    """Fill one outbox and drain it several times, each time for another destination, from the beginning."""
    sizes, server = bench.sizes, bench.servers.main()
    with bench.servers.schema(server) as small, bench.servers.schema(server) as large:
        bench.say(f"a backlog of {sizes.backlog:,} events of 600 bytes")
        fill_outbox(small, sizes.small_backlog)
        fill_outbox(large, sizes.backlog)
        reference = drain(small)
        with Counters(server) as counters:
            counters.restart()
            whole = drain(large)
            counted = counters.counted()
        pairs = bench.pairs(
            sizes.drain_pairs,
            lambda number: side_of(drain(large) if number else whole),  # the first was counted, and is not run again
            lambda _: side_of(run_apart("tests.benchmarks.drain:read_raw", url=large.url)),
        )
        receipts = _receipts(bench, large)
    events = whole["events"]
    return [
        ratio("drain_ratio", pairs, "beside reading the same rows through the same connection"),
        receipts,
        Figure("rss_ratio", whole["rss_mb"] / reference["rss_mb"], says=f"beside {reference['events']:,} events"),
        Figure("rss_mb", whole["rss_mb"], says=f"the most memory held while {events:,} events were drained"),
        Figure("transactions_per_event_drain", counted.commits / events),
        Figure("handler_reads_per_event_drain", counted.reads / events),
    ]


def drain(database: Database, events: int = 0, *, receipt_per_event: bool = False) -> dict[str, Any]:
    """Drain the outbox to a destination that is new, in a process of its own; all of it, or so many events."""
    return run_apart(
        FEED,
        url=database.url,
        destination=f"sink{next(_fresh)}",
        receipt_per_event=receipt_per_event,
        events=events,
    )


def side_of(figures: dict[str, Any]) -> Side:
    """A side as a child has reported it."""
    return Side(int(figures["events"]), figures["seconds"], figures["cpu_seconds"])


def read_raw(parent: Parent, url: str) -> dict[str, float]:
    """Read every row of an outbox, payload and all, through the product's own session, and do nothing with it."""
    del parent
    session, tally, after = Session(url), Tally(), 0
    session.greet()
    spent = Spent()
    with session.reading() as work:
        while rows := work.tuples(_READ, after=after, limit=PAGE):
            tally.take([row[-1] for row in rows])
            after = rows[-1][0]
    return {**spent.so_far(), "events": tally.events}


# --- One receipt for each event -------------------------------------------------------------------


def _receipts(bench: Bench, database: Database) -> Figure:
    events = bench.sizes.receipts
    bench.say(f"{events:,} events with a receipt each")
    pairs = bench.pairs(
        bench.sizes.drain_pairs,
        lambda _: side_of(drain(database, events, receipt_per_event=True)),
        lambda number: side_of(
            run_apart("tests.benchmarks.drain:insert_bare", url=database.url, name=f"bare{number}", events=events)
        ),
    )
    return ratio("receipt_ratio", pairs, f"beside inserting the same receipts alone, {PAGE:,} to a transaction")


def insert_bare(parent: Parent, url: str, name: str, events: int) -> dict[str, float]:
    """Insert receipts as the feed writes them, in multi-row inserts of the same size, and nothing else."""
    del parent
    session, destination = Session(url), DestinationName(name)
    deliveries = Deliveries(session, DOCUMENTS)
    session.greet()
    spent = Spent()
    for first in range(1, events + 1, PAGE):
        receipts = [
            Receipt(destination, OutboxId(number), ReceiptOutcome.DELIVERED, attempts=1)
            for number in range(first, min(first + PAGE, events + 1))
        ]

        def body(work: Work, receipts: list[Receipt] = receipts) -> None:
            deliveries.receipt(work, receipts)

        session.transaction(body)
    return {**spent.so_far(), "events": events}
