"""What a stock can sell, held against what the shop shows of it, and the watch that looks a while after a write."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from sidecar.domain.errors import SchemaError
from sidecar.domain.events import DestinationName
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.domain.salable import Salable, differences
from sidecar.engine.stock_watch import PATIENCE, StockWatch
from tests.support.stock_play import HandClock

ERP = DestinationName("erp")
SOUND = Salable(
    stock_id=2,
    sku="A",
    on_hand=Decimal(10),
    hidden=Decimal(0),
    reserved=Decimal(-4),
    least=None,
    backorders=None,
    managed=None,
    indexed=Decimal(10),
    is_salable=True,
)
SOLD_OUT = replace(SOUND, reserved=Decimal(-10), is_salable=False)
OVERSOLD = replace(SOUND, reserved=Decimal(-11), is_salable=False)


def kinds(seen: Salable, *, backorders: bool = False) -> list[tuple[FindingKind, str]]:
    return [(found.kind, found.path) for found in differences(ERP, seen, backorders=backorders)]


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (SOUND, []),
        (SOLD_OUT, []),
        (OVERSOLD, [(FindingKind.STOCK_OVERSOLD, "stock:2")]),
        (replace(OVERSOLD, backorders=True, is_salable=True), []),
        (replace(OVERSOLD, managed=False, is_salable=True), []),
        (replace(SOUND, least=Decimal(7), is_salable=False), [(FindingKind.STOCK_OVERSOLD, "stock:2")]),
        (replace(SOUND, hidden=Decimal(3)), [(FindingKind.STOCK_NOT_SALABLE, "stock:2.status")]),
        (replace(SOUND, indexed=Decimal(4)), [(FindingKind.STOCK_INDEX_BEHIND, "stock:2")]),
        (replace(SOUND, indexed=None, is_salable=None), [(FindingKind.STOCK_INDEX_BEHIND, "stock:2")]),
        (replace(SOUND, is_salable=False), [(FindingKind.STOCK_NOT_SALABLE, "stock:2")]),
        (replace(SOLD_OUT, is_salable=True), [(FindingKind.STOCK_INDEX_BEHIND, "stock:2.salable")]),
    ],
)  # fmt: skip
def test_stock_that_is_written_and_not_sold_is_told_from_stock_that_is(
    seen: Salable, found: list[tuple[FindingKind, str]]
) -> None:
    assert kinds(seen) == found


def test_a_shop_that_sells_on_backorder_oversells_on_purpose() -> None:
    assert kinds(replace(OVERSOLD, is_salable=True), backorders=True) == []
    assert kinds(replace(OVERSOLD, backorders=False), backorders=True) == [(FindingKind.STOCK_OVERSOLD, "stock:2")]


class Shop:
    """A shop whose stock a test sets, and what was found of it."""

    def __init__(self) -> None:
        self.stock: dict[str, Salable] = {}
        self.open: dict[str, Finding] = {}
        self.is_readable = True
        self.looked_at: list[str] = []

    def salable(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[Salable]:
        assert sources == ("west",)
        if not self.is_readable:
            raise SchemaError("denied", hint="schema grants stock")
        self.looked_at += skus
        return [self.stock[sku] for sku in skus if sku in self.stock]

    def doubtful(self, destination: DestinationName, limit: int) -> Sequence[str]:
        del limit
        assert destination == ERP
        return sorted({finding.subject.removeprefix("sku:") for finding in self.open.values()})

    def settle(self, destination: DestinationName, skus: Sequence[str], findings: Sequence[Finding]) -> int:
        del destination
        before = len(self.open.keys() & {finding.fingerprint for finding in findings})
        self.open = {name: one for name, one in self.open.items() if one.subject.removeprefix("sku:") not in skus}
        self.open |= {finding.fingerprint: finding for finding in findings}
        return len(findings) - before

    def found(self) -> list[FindingKind]:
        return [finding.kind for finding in self.open.values()]


class Ear:
    """Remembers what was noted."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def note(self, event: str, **facts: object) -> None:
        del facts
        self.heard.append(event)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def watch(shop: Shop, clock: HandClock, ear: Ear) -> StockWatch:
    return StockWatch(ERP, ("west",), shop, clock, ear)


def wait(clock: HandClock) -> None:
    clock.sleep(PATIENCE.total_seconds())


def test_what_was_written_is_looked_at_when_the_shop_had_its_time_and_then_no_more(
    watch: StockWatch, shop: Shop, clock: HandClock
) -> None:
    shop.stock["A"] = SOUND
    watch.wrote(["A"])

    assert (watch.look(), shop.looked_at) == (0, [])
    wait(clock)
    assert (watch.look(), watch.look(), shop.looked_at) == (0, 0, ["A"])


def test_an_index_that_stands_still_is_a_finding_and_one_that_moves_is_not(
    watch: StockWatch, shop: Shop, clock: HandClock, ear: Ear
) -> None:
    behind = replace(SOUND, indexed=Decimal(7))
    shop.stock = {"A": behind, "B": replace(behind, sku="B")}
    watch.wrote(["A", "B"])
    wait(clock)
    assert watch.look() == 0

    shop.stock["B"] = replace(behind, sku="B", indexed=Decimal(8))
    wait(clock)

    assert watch.look() == 1
    assert [finding.subject for finding in shop.open.values()] == ["sku:A"]
    assert ear.heard == ["stock.not_as_written"]


def test_a_sku_that_is_sold_too_often_is_found_however_its_index_moves(
    watch: StockWatch, shop: Shop, clock: HandClock
) -> None:
    shop.stock["A"] = OVERSOLD
    watch.wrote(["A"])
    wait(clock)
    watch.look()
    shop.stock["A"] = replace(OVERSOLD, indexed=Decimal(9), on_hand=Decimal(9))
    wait(clock)

    assert watch.look() == 1
    assert shop.found() == [FindingKind.STOCK_OVERSOLD]


def test_what_was_found_is_looked_at_again_and_closes_by_itself(
    watch: StockWatch, shop: Shop, clock: HandClock, ear: Ear
) -> None:
    shop.stock["A"] = replace(SOUND, is_salable=False)
    watch.wrote(["A"])
    for _ in range(2):
        wait(clock)
        watch.look()
    assert shop.found() == [FindingKind.STOCK_NOT_SALABLE]

    restarted = StockWatch(ERP, ("west",), shop, clock, ear)
    assert restarted.look() == 0
    assert shop.found() == [FindingKind.STOCK_NOT_SALABLE]
    shop.stock["A"] = SOUND
    wait(clock)
    restarted.look()

    assert shop.found() == []


def test_a_shop_that_may_not_be_read_is_told_and_what_is_due_stays_due(
    watch: StockWatch, shop: Shop, clock: HandClock, ear: Ear
) -> None:
    shop.stock["A"] = SOUND
    shop.is_readable = False
    watch.wrote(["A"])
    for _ in range(2):
        wait(clock)
        watch.look()
    shop.is_readable = True
    wait(clock)
    watch.look()

    assert ear.heard == ["stock.unwatched"]
    assert shop.looked_at == ["A"]


def test_a_new_write_gives_the_shop_its_time_anew(watch: StockWatch, shop: Shop, clock: HandClock) -> None:
    shop.stock["A"] = replace(SOUND, indexed=Decimal(7))
    watch.wrote(["A"])
    wait(clock)
    watch.look()
    watch.wrote(["A"])
    wait(clock)

    assert (watch.look(), shop.found()) == (0, [])
