"""restart_with_followers: kill -9 and start again, beside a lane that is parked with a great many followers.

Timed from the start of the process to the receipt of an order that was placed while nobody ran. The lease of the
killed process is taken away each time: waiting for it would be the same on both sides, and most of the time.
"""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from sidecar.mysql import schema
from sidecar.mysql.session import Session
from tests.benchmarks.bench import Bench
from tests.benchmarks.daemon import EXAMPLE, sidecar
from tests.benchmarks.figures import Figure
from tests.support.followers import hold_behind
from tests.support.sandbox import Sandbox, sandbox
from tests.support.servers import Database
from tests.support.shop import Shop

NAMES: Final = ("restart_with_followers",)
WITHIN: Final = 60.0
PARKED_LANE: Final = 1
IS_PARKED: Final = "SELECT 1 FROM erp_delivery WHERE destination = 'erp' AND outbox_id = %s AND state = 'parked'"
IS_DONE: Final = "SELECT 1 FROM erp_receipt WHERE destination = 'erp' AND outbox_id = %s"


def measure(bench: Bench) -> list[Figure]:
    """Restart a few times without followers, and a few times with them."""
    bench.say(f"kill -9 beside {bench.sizes.backlog:,} held events")
    with (
        bench.servers.empty_schema(bench.servers.main()) as database,
        TemporaryDirectory(prefix="erp-sidecar-bench-") as folder,
        sandbox(Path(folder)) as erp,
    ):
        return [restart_with_followers(database, erp, bench.sizes.backlog, bench.sizes.drain_pairs)]


def restart_with_followers(database: Database, erp: Sandbox, followers: int, times: int) -> Figure:
    """Both times in milliseconds, and their ratio."""
    shop = Shop(database)
    session = Session(database.url)
    schema.apply(session)
    session.close()
    blueprint = EXAMPLE.read_text(encoding="utf-8").replace("http://127.0.0.1:8090", erp.url)
    erp.plan({"operation": "order.create", "nth": 1, "kind": "reject", "code": "CREDIT_BLOCKED", "message": "no"})
    head = shop.place(PARKED_LANE)
    _restarted(shop, blueprint, IS_PARKED, head)  # warms the disk's cache for both, too

    def restart(number: int) -> float:
        event = shop.place(number)
        return _restarted(shop, blueprint, IS_DONE, event)

    orders = iter(range(PARKED_LANE + 1, PARKED_LANE + 2 * times + 1))
    without = median(restart(next(orders)) for _ in range(times))
    hold_behind(shop, head, f"order:{PARKED_LANE}", followers)
    beside = median(restart(next(orders)) for _ in range(times))
    says = f"{beside * 1000:,.0f} ms with {followers:,} followers, {without * 1000:,.0f} ms without"
    return Figure(NAMES[0], beside / without, says=says)


def _restarted(shop: Shop, blueprint: str, shows: str, event: int) -> float:
    """Seconds from the start of a process to what this query shows of an event; then it is killed."""
    shop.execute("UPDATE erp_lease SET expires_at = NOW(6)")
    began = time.monotonic()
    with sidecar(shop.database, blueprint) as daemon:
        daemon.wait_until(lambda: bool(shop.rows(shows, event)), WITHIN)
        return time.monotonic() - began
