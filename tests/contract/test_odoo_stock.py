"""Stock in an Odoo: each batch is booked once and exactly, and levels are read as they lie there."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from erp_adapters.conformance.documents import movement, movement_reference
from erp_adapters.odoo import OdooAdapter
from sidecar.domain.delivery import Outcome, Presence, Reference
from sidecar.domain.documents import StockLevel, StockMovement, StockQuery
from sidecar.domain.errors import Retryable
from sidecar.domain.stock import WindowLine
from tests.support.faulty_way import Rule
from tests.support.odoo import MAIN, SHIPPING, a_new_reference
from tests.support.odoo_doors import DEADLINE, OdooDoors, new_product

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.support.odoo_fixtures"]

_BOOKED = {Outcome.CONFIRMED, Outcome.ALREADY_EXISTS}


def levels(adapter: OdooAdapter, *skus: str) -> list[StockLevel]:
    found: list[StockLevel] = []
    cursor = None
    while True:
        page = adapter.read_stock(StockQuery(skus, (MAIN,)), cursor, DEADLINE)
        found += page.levels
        cursor = page.next_cursor
        if cursor is None:
            return found


def on_hand(adapter: OdooAdapter, *skus: str) -> list[Decimal]:
    return [level.on_hand for level in levels(adapter, *skus)]


def presence(adapter: OdooAdapter, ref: Reference) -> Presence:
    return adapter.find([ref], DEADLINE)[ref.idempotency_key].presence


@pytest.fixture
def ref() -> Reference:
    return movement_reference(a_new_reference())


def test_a_batch_moves_each_sku_by_its_delta(odoo: OdooDoors, adapter: OdooAdapter, ref: Reference) -> None:
    first, second = new_product(odoo.people), new_product(odoo.people)

    result = adapter.submit(movement((first, "3"), (second, "-1.25")), ref, DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert [(line.sku, line.accepted) for line in result.lines] == [(first, True), (second, True)]
    assert on_hand(adapter, first, second) == [Decimal(3), Decimal("-1.25")]


@pytest.mark.parametrize("method", ["stock.picking/load", "stock.picking/button_validate"])
@pytest.mark.parametrize("is_done", [True, False])
def test_whatever_is_lost_a_batch_that_comes_again_is_booked_once(
    odoo: OdooDoors,
    adapter: OdooAdapter,
    ref: Reference,
    method: str,
    is_done: bool,  # noqa: FBT001 -- a case
) -> None:
    sku = new_product(odoo.people)
    batch = movement((sku, "-2"))
    odoo.lose(method, done=is_done)

    lost = adapter.submit(batch, ref, DEADLINE)

    assert lost.outcome is Outcome.UNKNOWN
    is_booked = is_done and method.endswith("button_validate")
    assert presence(adapter, ref) is (Presence.ONE if is_booked else Presence.ABSENT)
    assert on_hand(adapter, sku) == [Decimal(-2 if is_booked else 0)]
    assert adapter.submit(batch, ref, DEADLINE).outcome in _BOOKED
    assert on_hand(adapter, sku) == [Decimal(-2)]


def test_eight_who_send_one_batch_at_once_book_it_once(odoo: OdooDoors, adapter: OdooAdapter, ref: Reference) -> None:
    sku = new_product(odoo.people)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: adapter.submit(movement((sku, "5")), ref, DEADLINE), range(8)))

    assert {result.outcome for result in results} <= _BOOKED | {Outcome.RETRY_LATER}
    assert adapter.submit(movement((sku, "5")), ref, DEADLINE).outcome in _BOOKED
    assert on_hand(adapter, sku) == [Decimal(5)]


def test_a_line_that_odoo_would_not_book_exactly_is_refused_alone(
    odoo: OdooDoors, adapter: OdooAdapter, ref: Reference
) -> None:
    good, lots, twice = new_product(odoo.people), new_product(odoo.people, tracking="lot"), f"T-{a_new_reference()}"
    fine = new_product(odoo.people)
    odoo.people.do("product.product", "create", vals_list=[{"name": twice, "default_code": twice}] * 2)
    batch = movement((good, "1"), (lots, "1"), (twice, "1"), ("XX-unknown", "1"), (SHIPPING, "1"), (fine, "0.125"))

    result = adapter.submit(batch, ref, DEADLINE)

    assert result.outcome is Outcome.CONFIRMED
    assert [line.sku for line in result.lines if line.accepted] == [good]
    said = {line.sku: line.message for line in result.lines}
    assert "lot or serial number" in said[lots]
    assert "2 products" in said[twice]
    assert "no products" in said["XX-unknown"]
    assert "no stock" in said[SHIPPING]
    assert "steps of 0.01" in said[fine]
    (snapshot,) = adapter.find([ref], DEADLINE)[ref.idempotency_key].snapshots
    assert [(line.sku, line.quantity) for line in snapshot.lines] == [(good, Decimal(1))]


def test_a_batch_of_which_nothing_can_be_booked_is_refused(adapter: OdooAdapter, ref: Reference) -> None:
    result = adapter.submit(movement(("XX-unknown", "1")), ref, DEADLINE)

    assert result.outcome is Outcome.REJECTED_BUSINESS
    assert "XX-unknown" in result.words()
    assert [(line.sku, line.accepted) for line in result.lines] == [("XX-unknown", False)]
    assert "no products" in result.lines[0].message
    assert presence(adapter, ref) is Presence.ABSENT


def test_a_line_in_a_unit_that_is_not_its_products_is_refused_alone(
    odoo: OdooDoors, adapter: OdooAdapter, ref: Reference
) -> None:
    boxed, counted = new_product(odoo.people), new_product(odoo.people)
    lines = (WindowLine(boxed, Decimal(2), 1, "BOX"), WindowLine(counted, Decimal(2), 1, "Units"))

    result = adapter.submit(StockMovement(MAIN, lines), ref, DEADLINE)

    assert [(line.sku, line.accepted) for line in result.lines] == [(boxed, False), (counted, True)]
    assert result.lines[0].message == "Odoo counts it in Units, and the blueprint's stock.units in BOX"


def test_a_batch_for_a_warehouse_that_odoo_does_not_have_is_refused(
    odoo: OdooDoors, adapter: OdooAdapter, ref: Reference
) -> None:
    batch = replace(movement((new_product(odoo.people), "1")), warehouse="NONE")

    result = adapter.submit(batch, ref, DEADLINE)

    assert (result.outcome, result.messages[0].code) == (Outcome.REJECTED_BUSINESS, "NO_SUCH_WAREHOUSE")


def test_a_batch_that_people_have_cancelled_before_it_was_booked_is_theirs_to_settle(
    odoo: OdooDoors, adapter: OdooAdapter, ref: Reference
) -> None:
    sku = new_product(odoo.people)
    odoo.lose("button_validate", done=False)
    adapter.submit(movement((sku, "1")), ref, DEADLINE)
    loaded = odoo.people.do("stock.picking", "search", domain=[["origin", "=", ref.external_ref]])
    odoo.people.do("stock.picking", "action_cancel", ids=loaded)

    result = adapter.submit(movement((sku, "1")), ref, DEADLINE)

    assert result.outcome is Outcome.REJECTED_BUSINESS
    assert on_hand(adapter, sku) == [Decimal(0)]


def test_a_level_is_the_sum_of_all_lots_less_what_is_reserved(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    sku = new_product(odoo.people, tracking="lot")
    odoo.people.put(sku, 4, lot="A")
    odoo.people.put(sku, 2.5, lot="B")

    assert levels(adapter, sku) == [
        StockLevel(sku, MAIN, Decimal("6.5"), Decimal(0), Decimal("6.5"), "Units"),
    ]


def test_what_a_batch_that_was_only_loaded_takes_is_reserved(
    odoo: OdooDoors, adapter: OdooAdapter, ref: Reference
) -> None:
    sku = new_product(odoo.people)
    odoo.people.put(sku, 4)
    odoo.lose("button_validate", done=False)
    adapter.submit(movement((sku, "-3")), ref, DEADLINE)

    (level,) = levels(adapter, sku)

    assert (level.on_hand, level.reserved, level.available) == (Decimal(4), Decimal(3), Decimal(1))


def test_levels_are_read_beyond_one_page_each_sku_once(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    skus = [new_product(odoo.people) for _ in range(7)]
    small = replace(adapter, stock_page=3)

    found = [level.sku for level in levels(small, *skus, "XX-unknown")]

    assert found == skus


def test_a_reading_tells_the_instant_by_the_servers_clock(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    page = adapter.read_stock(StockQuery((new_product(odoo.people),), (MAIN,)), None, DEADLINE)

    assert page.as_of is not None
    assert abs(page.as_of - datetime.now(UTC)) < timedelta(minutes=5)


def test_an_internal_reference_on_two_products_is_an_error_and_no_sum(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    twice = f"T-{a_new_reference()}"
    values = {"name": twice, "default_code": twice, "is_storable": True}
    odoo.people.do("product.product", "create", vals_list=[values] * 2)

    with pytest.raises(Retryable, match=twice):
        replace(adapter, stock_page=1).read_stock(StockQuery((twice,), (MAIN,)), None, DEADLINE)


def test_a_warehouse_that_odoo_does_not_have_is_an_error_and_not_empty(adapter: OdooAdapter) -> None:
    with pytest.raises(Retryable, match="NONE"):
        adapter.read_stock(StockQuery((), ("NONE",)), None, DEADLINE)


def test_a_reading_that_fails_half_way_is_no_reading(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    sku = new_product(odoo.people)
    odoo.way.plan(Rule(lambda path, _: path.endswith("formatted_read_group"), before=()))

    with pytest.raises(Retryable):
        levels(adapter, sku)


def test_a_hundred_batches_are_looked_up_in_few_calls(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    refs = [movement_reference(a_new_reference()) for _ in range(100)]

    calls = odoo.counted(lambda: adapter.find(refs, DEADLINE))

    assert len(calls) <= 2
