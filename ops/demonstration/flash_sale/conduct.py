"""The sale as it happens: several shops sell at once, the ERP fails, the sidecar is killed, and a checker counts."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

from ops.demonstration.faults import Rule
from ops.demonstration.flash_sale.checker import WAREHOUSES, Verdict, judge
from ops.demonstration.flash_sale.evidence import read_erp, read_shop
from ops.demonstration.stage import Erp, Shops, Sidecar, Stage, find_php
from ops.embedded.demo_database import DemoDatabase

HERE: Final = Path(__file__).parent
WHOLE: Final = 5000
REAL_MINUTES: Final = 10.0
COMPRESSED_MINUTES: Final = 1.0
SHOPS: Final = 4
AGE_S, EVERY_S, PAUSE_S = 60.0, 30.0, 5.0
"""How long windows stay open, rest, and are closed early by a shelf that runs empty, in ten real minutes."""

GLANCE: Final = 0.25
WARM_UP: Final = 1.0
DOWN_FOR: Final = 0.7
SETTLES_WITHIN: Final = 40.0

FAULTS: Final[Mapping[str, tuple[Rule, ...]]] = {
    "stock.post": (
        {"kind": "lose_response_after_commit"},
        {"kind": "http_429", "retryAfter": 1},
        {"kind": "delay", "seconds": 1.0},
    ),
    "demand.post": (
        {"kind": "lose_response_after_commit"},
        {"kind": "lose_request", "references": "new"},
        {"kind": "http_500_after_commit"},
        {"kind": "http_503", "retryAfter": 1},
    ),
}
"""What meets which calls: movements here, demand there."""


class Audience(Protocol):
    """Who watches."""

    def act(self, title: str) -> None:
        """A new part begins, or something happens that is worth a line."""
        ...

    def progress(self, words: str) -> None:
        """How things stand now."""
        ...


@dataclass(frozen=True, slots=True)
class Sale:
    """How a sale goes: so many orders, at the rate of 5,000 in these minutes."""

    seed: int
    orders: int = WHOLE
    minutes: float = COMPRESSED_MINUTES

    @property
    def seconds(self) -> float:
        """How long the shop is open, if it keeps up."""
        return self.minutes * 60 * self.orders / WHOLE

    @property
    def compression(self) -> float:
        """How many times faster than in ten minutes it is meant to be; the windows' times are compressed by as much."""
        return REAL_MINUTES / self.minutes

    def compressed_to(self, seconds: float) -> float:
        """How many times faster it was, if the shop was open for so long."""
        return round(self.seconds * self.compression / seconds, 1)

    def blueprint(self) -> str:
        """The blueprint's text, its times as compressed as the sale's."""
        text = (HERE / "blueprint.yaml").read_text(encoding="utf-8")
        for name, seconds in {"age": AGE_S, "every": EVERY_S, "pause": PAUSE_S}.items():
            text = text.replace(f"{{{name}}}", f"{round(seconds * 1000 / self.compression)}ms")
        return text

    def stage(self, folder: Path, database: DemoDatabase) -> Stage:
        """Where it is played; nothing is made yet."""
        return Stage(folder, database, self.blueprint(), [HERE / "tables.sql"])


def draw(seed: int) -> list[Rule]:
    """Which of the first calls meet which fault."""
    chance = random.Random(seed)  # noqa: S311 (a show that repeats itself)
    return [
        {"operation": operation, "nth": nth, **rule}
        for operation, rules in FAULTS.items()
        for nth, rule in enumerate(chance.sample(rules, len(rules)), start=1)
    ]


class Conduct:
    """One sale on a stage that is built."""

    def __init__(self, stage: Stage, sale: Sale, audience: Audience) -> None:
        """Nothing runs yet."""
        self._stage, self._sale, self._audience = stage, sale, audience
        self._php = find_php()
        self.open_for = sale.seconds
        """Seconds from the first order to the last."""

    def play(self) -> Verdict:
        """Play the sale and return what the checker says; raises StageError when the stage breaks."""
        with ExitStack() as stack:
            erp = Erp(self._stage)
            stack.callback(erp.stop)
            erp.plan(draw(self._sale.seed))
            erp.open_balances(self._in_warehouses())
            sidecar = Sidecar(self._stage)
            stack.callback(sidecar.stop)
            time.sleep(WARM_UP)  # it says that it is ready when its loops begin, and then they take their leases
            self._sell(erp, sidecar)
            self._audience.act("The sale is over; what is still under way comes to its end")
            return self._settle(erp, sidecar)

    def _sell(self, erp: Erp, sidecar: Sidecar) -> None:
        sale = self._sale
        self._audience.act(f"{sale.orders} orders in {sale.seconds:.0f} s, {sale.compression:g} times as fast as real")
        words = ("--orders", str(sale.orders), "--seed", str(sale.seed), "--sale", str(sale.seconds))
        opened_at = time.monotonic()
        with self._open_shops(words) as shops:
            killed = False
            while not shops.are_closed():
                orders = self._watch(erp, sidecar)
                if not killed and orders * 2 >= sale.orders:
                    self._audience.act("kill -9: the sidecar is gone amid its work")
                    sidecar.kill()
                    time.sleep(DOWN_FOR)
                    sidecar.start()
                    killed = True
        self.open_for = time.monotonic() - opened_at

    @contextmanager
    def _open_shops(self, words: Sequence[str]) -> Iterator[Shops]:
        opened = Shops(self._stage, self._php, words, range(1, SHOPS + 1), of=SHOPS)
        try:
            yield opened
        except KeyboardInterrupt:
            self._audience.act("Closing time")
        finally:
            opened.stop()

    def _settle(self, erp: Erp, sidecar: Sidecar) -> Verdict:
        """Wait until the checker has nothing to say, or until waiting longer would not help."""
        deadline = time.monotonic() + SETTLES_WITHIN
        while True:
            self._watch(erp, sidecar)
            verdict = self._judge(erp)
            if not verdict.problems() or time.monotonic() > deadline:
                return verdict

    def _judge(self, erp: Erp) -> Verdict:
        with closing(self._stage.connect()) as connection:
            shop = read_shop(connection)
        return judge(shop, read_erp(self._stage.ledger), erp.calls())

    def _watch(self, erp: Erp, sidecar: Sidecar) -> int:
        """Tell how things stand, after a moment; returns how many orders were placed."""
        time.sleep(GLANCE)
        sidecar.complain_if_ended()
        with closing(self._stage.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT COUNT(*) FROM sales_order), (SELECT COUNT(*) FROM erp_outbox WHERE lane IS NULL),"
                " (SELECT COUNT(*) FROM erp_stock_window)"
            )
            orders, changes, windows = cursor.fetchone() or (0, 0, 0)
        told = f"{orders} orders placed, {changes} stock changes, {windows} windows, {erp.calls()} calls to the ERP"
        self._audience.progress(told)
        return int(orders)

    def _in_warehouses(self) -> list[dict[str, str]]:
        """What Magento's sources hold before the first order, by the ERP's warehouses."""
        sums: dict[tuple[str, str], Decimal] = {}
        with closing(self._stage.connect()) as connection:
            for (source, sku), quantity in read_shop(connection).in_sources.items():
                key = WAREHOUSES[source], sku
                sums[key] = sums.get(key, Decimal(0)) + quantity
        return [{"warehouse": w, "sku": sku, "quantity": f"{quantity:.4f}"} for (w, sku), quantity in sums.items()]
