"""relay_http_ratio and concurrency_ratio: the whole daemon beside a loop of the same HTTP client that only posts."""

from typing import Final

from tests.benchmarks.apart import Parent, Spent, run_apart
from tests.benchmarks.bench import Bench
from tests.benchmarks.daemon import sidecar
from tests.benchmarks.drain import side_of
from tests.benchmarks.erp import Erp, erp
from tests.benchmarks.figures import Figure, Side, ratio
from tests.benchmarks.product import single_events
from tests.benchmarks.rows import fill_outbox, payload
from tests.benchmarks.sinks import Poster, posting

NAMES: Final = ("relay_http_ratio", "concurrency_ratio")
AT_ONCE: Final = 8
SLOW_ANSWER: Final = 0.1
LIMIT: Final = 32
_EVENT_ID: Final = "018f0000-0000-7000-8000-{:012d}"


def measure(bench: Bench) -> list[Figure]:
    """Both sides post the same payloads to the same ERP, so many at once."""
    bench.say(f"{bench.sizes.http_events:,} events to an ERP that answers at once, {AT_ONCE} at a time")
    with erp() as sink:
        pairs = bench.pairs(
            bench.sizes.http_pairs,
            lambda _: relayed(bench, sink, bench.sizes.http_events, AT_ONCE),
            lambda _: posted(sink, bench.sizes.http_events, AT_ONCE),
        )
    return [
        ratio(
            "relay_http_ratio",
            pairs,
            f"the daemon beside a bare loop that only posts the payloads, both {AT_ONCE} at once",
        ),
        _concurrency(bench),
    ]


def _concurrency(bench: Bench) -> Figure:
    possible = LIMIT / SLOW_ANSWER
    events = int(possible * bench.sizes.concurrency_seconds)
    bench.say(f"{events:,} events to an ERP that takes 100 ms, {LIMIT} at a time")
    with erp(delay=SLOW_ANSWER) as sink:
        side = relayed(bench, sink, events, LIMIT)
    return Figure("concurrency_ratio", side.rate / possible, side, says=f"of {possible:g} calls/s, which {LIMIT} allow")


def relayed(bench: Bench, sink: Erp, events: int, at_once: int) -> Side:
    """A backlog relayed by the daemon: from the first arrival at the ERP to the last."""
    with bench.servers.schema(bench.servers.main()) as database:
        fill_outbox(database, events)
        sink.take_book()
        arrivals: dict[str, int] = {}
        with sidecar(database, single_events(sink.url, concurrency=at_once)) as daemon:

            def arrived(count: int) -> bool:
                arrivals.update(sink.take_book()["arrivals"])
                return len(arrivals) >= count

            daemon.wait_until(lambda: arrived(1), 60)
            cpu, before = daemon.cpu_seconds(), len(arrivals)  # what it takes to begin is no event's cost
            daemon.wait_until(lambda: arrived(events), 60 + events / 50)
            used = (daemon.cpu_seconds() - cpu) * events / max(1, events - before)
    seconds = (max(arrivals.values()) - min(arrivals.values())) / 1e9
    return Side(events, seconds, used)


def posted(sink: Erp, events: int, at_once: int) -> Side:
    """The same payloads, posted by the same client and nothing else."""
    return side_of(run_apart("tests.benchmarks.http:post_bare", erp_url=sink.url, events=events, at_once=at_once))


def post_bare(parent: Parent, erp_url: str, events: int, at_once: int) -> dict[str, float]:
    """Post payloads like those of a backlog, all of them ready before the clock starts."""
    del parent
    poster = Poster(erp_url, at_once)
    requests = [posting(payload(_EVENT_ID.format(number), str(number))) for number in range(1, events + 1)]
    poster.post_all(requests[:at_once])  # connections are open when the clock starts, as they are for the relay
    spent = Spent()
    poster.post_all(requests)
    figures = spent.so_far()
    poster.close()
    return {**figures, "events": events}
