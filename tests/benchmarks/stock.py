"""What the inventory module costs and saves: `python -m tests.benchmarks.stock [ROUNDS]`.

Prints, for each server that can run here and for both ways in which Magento saves source items, how long saving 500
of them takes, and how many deadlocks a busy stock has; each without the module and with it.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.support.inventory_shop import InventoryShop, InventoryTables, difference
from tests.support.servers import Engine, Servers, empty_schema, engines

KINDS = ("import", "shipment", "refund", "import", "shipment", "restock", "transfer")
SKUS = [f"SKU-{number:03}" for number in range(30)]
ROUNDS = 300
ROWS = 500
REPEATS = 15
DEADLOCK = "1213"


@contextmanager
def empty_tables(engine: Engine, servers: Servers) -> Iterator[InventoryTables]:
    with empty_schema(engine, servers.address_of(engine)) as schema:
        yield InventoryTables(schema)


def fastest_save(tables: InventoryTables, *, is_plain: bool, is_later: bool) -> float:
    """Milliseconds of the fastest of some saves that change every row; the first one, which adds them, is left out."""
    with InventoryShop(tables.database, is_plain=is_plain) as shop:
        seconds = [
            shop.do(
                "timed_save",
                items=[["west", f"SKU-{row:04}", repeat + row % 7, 1] for row in range(ROWS)],
                is_later=is_later,
            )
            for repeat in range(REPEATS + 1)
        ]
    return min(float(one) for one in seconds[1:]) * 1000


def busy_stock(tables: InventoryTables, rounds: int, *, is_plain: bool, is_later: bool) -> Counter[str]:
    """How often what happened in all processes together."""
    for sku in SKUS:
        tables.put("west", sku, 100)
        tables.put("east", sku, 100)
    before = tables.stock()
    happened: Counter[str] = Counter()
    with ExitStack() as stack:
        shops = [stack.enter_context(InventoryShop(tables.database, is_plain=is_plain)) for _ in KINDS]
        for shop in shops:
            shop.patience_seconds = 600.0
        answers = [
            shop.begin_step("traffic", options=[kind, rounds, number, SKUS, f"-{number}", is_later])
            for number, (shop, kind) in enumerate(zip(shops, KINDS, strict=True))
        ]
        for answer in answers:
            happened.update(answer())
    told = {key: quantity for key, quantity in tables.deltas().items() if quantity}
    assert is_plain or difference(tables.stock(), before) == told, "the events do not add up"
    return happened


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    servers = Servers()
    try:
        for engine in engines():
            for is_later in () if engine.why_not else (False, True):
                for is_plain in (True, False):
                    with empty_tables(engine, servers) as tables:
                        milliseconds = fastest_save(tables, is_plain=is_plain, is_later=is_later)
                    with empty_tables(engine, servers) as tables:
                        happened = busy_stock(tables, rounds, is_plain=is_plain, is_later=is_later)
                    sys.stdout.write(
                        f"{engine.name:10} {'later' if is_later else '2.4.4':5} {'without' if is_plain else 'with':7}"
                        f" {ROWS} rows {milliseconds:6.1f} ms; {happened[DEADLOCK]:4} deadlocks"
                        f" in {happened.total()} transactions\n"
                    )
    finally:
        servers.stop()


if __name__ == "__main__":
    main()
