"""idle_statements_per_s: what the daemon asks of a shop in which nothing happens."""

import time
from typing import Final

from tests.benchmarks.bench import Bench
from tests.benchmarks.counters import Counters
from tests.benchmarks.daemon import EXAMPLE, sidecar
from tests.benchmarks.erp import erp
from tests.benchmarks.figures import Figure

NAMES: Final = ("idle_statements_per_s",)
SETTLES_IN: Final = 5.0


def measure(bench: Bench) -> list[Figure]:
    """Run the daemon with the example's blueprint and default settings, and count the server's statements."""
    server, seconds = bench.servers.main(), bench.sizes.idle_seconds
    bench.say(f"an idle shop for {seconds:g} s")
    with bench.servers.schema(server) as database, erp() as sink:
        blueprint = EXAMPLE.read_text(encoding="utf-8").replace("http://127.0.0.1:8090", sink.url)
        with sidecar(database, blueprint), Counters(server) as counters:
            time.sleep(SETTLES_IN)
            counters.restart()
            time.sleep(seconds)
            counted = counters.counted()
    says = f"{counted.reads / seconds:.0f} rows read and {counted.commits / seconds:.1f} transactions a second"
    return [Figure("idle_statements_per_s", counted.statements / seconds, says=says)]
