"""What the module adds to a transaction that places an order, in PHP, on a real server; and what its payload weighs."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from ops.embedded.programs import PROJECT, find_program
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, NotMeasurableError
from tests.support.magento_shop import STORE, MagentoShop
from tests.support.servers import Database

OVERHEADS: Final = {
    5: "producer_overhead_ms",
    10: "producer_overhead_10_lines_ms",
    120: "producer_overhead_120_lines_ms",
}
"""Figures by how many items an order has."""
PER_LINE: Final = "payload_us_per_line"
NAMES: Final = (*OVERHEADS.values(), PER_LINE)
SCRIPT: Final = PROJECT / "tests" / "benchmarks" / "place_orders.php"
LARGE: Final = 120
LARGE_ORDERS: Final = 5
"""An order that large takes so many times as long to place, so fewer are placed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Orders of one size, with and without the outbox."""

    items: int
    added_ms: float
    bare_ms: float
    building_us: float
    """Time of one order's payload alone, without the INSERT."""
    bytes: int
    gzip_bytes: int
    opcache: bool

    def overhead(self) -> Figure:
        """The figure of this size."""
        opcache = "on" if self.opcache else "off"
        says = (
            f"{self.bare_ms:.2f} ms without, an order of {self.items} items, durable commits, opcache {opcache}; "
            f"payload {self.bytes / 1000:.1f} kB, {self.gzip_bytes / 1000:.1f} kB with gzip, built in "
            f"{self.building_us:.0f} us"
        )
        return Figure(OVERHEADS[self.items], self.added_ms, says=says)

    def per_line(self) -> Figure:
        """What one line costs where there are so many that the rest of the order hardly counts."""
        return Figure(
            PER_LINE, self.building_us / self.items, says=f"an order of {self.items} items, without the INSERT"
        )


def measure(bench: Bench) -> list[Figure]:
    """Place orders with and without the outbox in turn, and compare the medians."""
    php = find_program("php")
    if php is None:
        raise NotMeasurableError("there is no PHP on this machine; ops/lib/unpack php brings one")
    placed = []
    for items in OVERHEADS:
        orders = bench.sizes.orders if items < LARGE else -(-bench.sizes.orders // LARGE_ORDERS)
        bench.say(f"{orders} order transactions of {items} items with the outbox, and as many without")
        placed.append(_place(bench, php, orders, items))
    return [*(size.overhead() for size in placed), placed[-1].per_line()]


def _place(bench: Bench, php: Path, orders: int, items: int) -> Placed:
    with bench.servers.empty_schema(bench.servers.main()) as database:
        shop = MagentoShop(database)
        given = {**_address(database), "orders": orders, "items": items, "write": shop.order_statements()}
        run = subprocess.run(
            [php, "-d", "display_errors=stderr", "-d", "opcache.enable_cli=1", str(SCRIPT)],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise NotMeasurableError(f"the shop of this benchmark failed: {run.stderr.strip()[-300:]}")
        written = shop.rows("SELECT COUNT(*) FROM {prefix}erp_outbox")[0][0]
    if written < orders:
        raise NotMeasurableError(f"{written} events were written for {orders} orders")
    told: dict[str, Any] = json.loads(run.stdout)
    return Placed(
        items,
        added_ms=median(ours - bare for ours, bare in zip(told["with"], told["without"], strict=True)) / 1000,
        bare_ms=median(told["without"]) / 1000,
        building_us=median(told["building"]),
        bytes=told["bytes"],
        gzip_bytes=told["gzip"],
        opcache=told["opcache"],
    )


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
