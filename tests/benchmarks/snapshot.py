"""held_snapshot_ratio: what a look at the outbox costs while an open snapshot keeps the server from cleaning up.

A backup or a report that reads in one long transaction makes the server keep every old version of every row. Rows
that were deleted or changed meanwhile are still in its way: that is what makes naive queues slow. Here a part of
the events is refused at first, so that rows come and go in `erp_delivery` as well.
"""

import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final

from pydantic import SecretStr
from pymysql.cursors import Cursor

from erp_adapters.registry import AdapterConfiguration, build
from sidecar.daemon import SystemClock
from sidecar.domain.events import DestinationName
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy, RetryPolicy
from sidecar.engine.governor import Governor
from sidecar.engine.relay import Relay
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.related_orders import RelatedOrders
from sidecar.mysql.session import Session
from tests.benchmarks.apart import Apart, Parent
from tests.benchmarks.bench import Bench
from tests.benchmarks.counters import Counters
from tests.benchmarks.erp import erp
from tests.benchmarks.figures import Figure
from tests.benchmarks.product import INSTANCE, TAKES, Silent, lead
from tests.benchmarks.traffic import latencies, produce_for

NAMES: Final = ("held_snapshot_ratio",)
RATE: Final = 200.0
REFUSED_EVERY: Final = 50
SOON: Final = RetryPolicy(first=timedelta(milliseconds=50), ceiling=timedelta(milliseconds=50))
REST: Final = 0.02
BLOCK_SECONDS: Final = 1.1
"""Longer than the relay's housekeeping takes to come round: each block has it once."""


def measure(bench: Bench) -> list[Figure]:
    """Time looks before, during and after an open snapshot under which rows have piled up."""
    seconds = bench.sizes.snapshot_seconds
    bench.say(f"a snapshot held open for {seconds:g} s")
    with (
        bench.servers.schema(bench.servers.main()) as database,
        erp(busy_every=REFUSED_EVERY) as sink,
        Apart("tests.benchmarks.snapshot:look", url=database.url, erp_url=sink.url) as relay,
    ):
        relay.hear()

        def after_traffic(duration: float) -> tuple[float, float]:
            latencies(produce_for(database, RATE, duration), sink)
            with Counters(database.server) as counters:
                counters.restart()
                relay.order(f"time {bench.sizes.snapshot_blocks}")
                looked = relay.hear()
                return float(median(looked["us"])), counters.counted().reads / looked["looks"]

        looks = {"before": after_traffic(seconds / 4)}
        with closing(database.connect(autocommit=False)) as reader:
            _open_snapshot(reader.cursor())
            looks["during"] = after_traffic(seconds)
        looks["after"] = after_traffic(seconds / 4)
    words = [f"{when} {us:.0f} us and {reads:.1f} rows" for when, (us, reads) in looks.items()]
    without = (looks["before"][0] + looks["after"][0]) / 2
    return [Figure("held_snapshot_ratio", looks["during"][0] / without, says=f"a look takes {', '.join(words)}")]


def _open_snapshot(cursor: Cursor) -> None:
    cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
    cursor.execute("SELECT COUNT(*) FROM erp_cursor")


def look(parent: Parent, url: str, erp_url: str) -> None:
    """Relay what comes; on `time N`, wait until all is done and time looks for N blocks."""
    relay = _relay_of(url, erp_url)
    parent.say(ready=True)
    order = parent.next_order_if_any()
    while order != "stop":
        if order is None:
            relay.rest(0.002 if relay.turn() else REST)
        else:
            while relay.turn():
                relay.rest(0.002)
            blocks = [_block(relay) for _ in range(int(order.split()[1]))]
            parent.say(us=[us for us, _ in blocks], looks=sum(looks for _, looks in blocks))
        order = parent.next_order_if_any()


def _block(relay: Relay) -> tuple[float, int]:
    until, spent, looks = time.monotonic() + BLOCK_SECONDS, 0.0, 0
    while time.monotonic() < until:
        began = time.perf_counter()
        relay.turn()
        spent += time.perf_counter() - began
        looks += 1
        time.sleep(REST)
    return spent / looks * 1e6, looks


def _relay_of(url: str, erp_url: str) -> Relay:
    """A relay of single events, which its caller turns."""
    session, clock, observer, name = Session(url), SystemClock(), Silent(), DestinationName("erp")
    policy = DestinationPolicy(name, "bench", TAKES, (), retry=SOON)
    configuration = AdapterConfiguration(name, "cloudevents", "", erp_url, Path())
    adapter = build(configuration, SecretStr("key-of-the-shop"), INSTANCE)
    outbox, receipts, magento = OutboxStore(session), ReceiptStore(session), MagentoStore(session)
    governor = Governor(clock, min(policy.concurrency, adapter.capabilities().max_concurrency))
    return Relay(
        policy,
        Names(INSTANCE),
        adapter,
        governor,
        outbox,
        receipts,
        magento,
        RelatedOrders(session),
        lead(session, name),
        clock,
        observer,
    )
