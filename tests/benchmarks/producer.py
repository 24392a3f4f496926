"""producer_overhead_ms: what the module adds to a transaction that places an order, in PHP, on a real server."""

import json
import subprocess
from statistics import median
from typing import Final

from ops.embedded.programs import PROJECT, find_program
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, NotMeasurableError
from tests.support.magento_shop import STORE, MagentoShop
from tests.support.servers import Database

NAMES: Final = ("producer_overhead_ms",)
SCRIPT: Final = PROJECT / "tests" / "benchmarks" / "place_orders.php"
ITEMS: Final = 5


def measure(bench: Bench) -> list[Figure]:
    """Place orders with and without the outbox in turn, and compare the medians."""
    php = find_program("php")
    if php is None:
        raise NotMeasurableError("there is no PHP on this machine; ops/lib/unpack php brings one")
    bench.say(f"{bench.sizes.orders} order transactions with the outbox, and as many without")
    server = bench.servers.main()
    with bench.servers.empty_schema(server) as database:
        shop = MagentoShop(database)
        given = {**_address(database), "orders": bench.sizes.orders, "items": ITEMS, "write": shop.order_statements()}
        run = subprocess.run(
            [php, "-d", "display_errors=stderr", "-d", "opcache.enable_cli=1", SCRIPT],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise NotMeasurableError(f"the shop of this benchmark failed: {run.stderr.strip()[-300:]}")
        written = shop.rows("SELECT COUNT(*) FROM {prefix}erp_outbox")[0][0]
    if written < bench.sizes.orders:
        raise NotMeasurableError(f"{written} events were written for {bench.sizes.orders} orders")
    microseconds = json.loads(run.stdout)
    added = median(ours - bare for ours, bare in zip(microseconds["with"], microseconds["without"], strict=True))
    bare = median(microseconds["without"])
    says = f"{bare / 1000:.2f} ms without, an order of {ITEMS} items, durable commits, opcache on"
    return [Figure("producer_overhead_ms", added / 1000, says=says)]


def _address(database: Database) -> dict[str, object]:
    return {
        "host": database.server.host,
        "port": database.server.port,
        "dbname": database.name,
        "username": database.server.user,
        "password": database.server.password,
        "table_prefix": "",
        "store": STORE,
    }
