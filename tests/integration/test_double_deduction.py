"""Double deduction, induced and survived: what would take stock twice is made to happen, and shown not to.

Each part first lets the peril do its work, in the test's own arithmetic or at the ERP itself, so that a world in which
nothing could go wrong would fail the test.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from sidecar.domain.stock_feed import Quantity
from tests.support.inventory_shop import InventoryShop, InventoryTables
from tests.support.magento_rest import magento_rest
from tests.support.profiles import Promise, options_for, profile_with
from tests.support.rig import Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, a_movement, sandbox
from tests.support.servers import Database
from tests.support.stock_world import SKUS, StockWorld, stock_world

pytestmark = pytest.mark.slow

Play = Callable[[Quantity], StockWorld]

LOST = ("lose_response_after_commit", "http_500_after_commit", "lose_request")
"""How an answer gets lost: twice the batch is booked, once it is not, and the caller cannot tell which it was."""


class DiedError(BaseException):
    """The process ends amid a call, as by a power cut."""


@pytest.fixture(params=["exact", "key", "levels"])
def promise(request: pytest.FixtureRequest) -> str:
    """An ERP that books the same batch twice, one that refuses a reference that it has, and one that only takes levels
    and not changes.
    """
    named: str = request.param
    return named


@pytest.fixture
def rig(database: Database, tmp_path: Path, promise: str) -> Iterator[Rig]:
    """An engine between an empty shop and such an ERP, which has ten of everything."""
    kind: Promise = "key" if promise == "key" else "exact"
    profile = profile_with(kind, tmp_path)
    if promise == "levels":
        told = yaml.safe_load(Path(profile).read_text(encoding="utf-8"))
        told["promises"]["stock_write"] = "absolute"
        Path(profile).write_text(yaml.safe_dump(told), encoding="utf-8")
    with sandbox(tmp_path, *options_for(kind)) as erp, rig_on(database, erp, profile=profile) as made:
        balances = [{"warehouse": "W1", "sku": "TEE", "quantity": "10.0000"}]
        assert erp.control("POST", "stock", {"balances": balances}).status == 200
        yield made


def windows(rig: Rig) -> list[str]:
    return [state for (state,) in rig.shop.rows("SELECT state FROM erp_stock_window ORDER BY sequence")]


def on_hand(erp: Sandbox) -> dict[str, Decimal]:
    return {row["sku"]: Decimal(row["on_hand"]) for row in erp.rows("SELECT sku, on_hand FROM stock_balances")}


# -- C9: a batch whose answer is lost ------------------------------------------------------------------------------


def test_an_erp_without_a_check_of_its_own_takes_stock_twice_for_a_batch_that_is_sent_twice(tmp_path: Path) -> None:
    batch = a_movement("M1.W1.1", lines=[{"sku": "TEE", "quantity": "-2.0000"}])

    with sandbox(tmp_path) as erp:
        answers = [erp.ask("POST", "/api/stock-movements", batch).status for _ in range(2)]

        assert answers == [201, 201]
        assert on_hand(erp) == {"TEE": Decimal(-4)}


def test_a_batch_whose_answer_is_lost_takes_stock_once(rig: Rig, promise: str) -> None:
    operation = "stock.count" if promise == "levels" else "stock.post"
    rig.erp.plan(
        *(
            {"operation": operation, "kind": kind, "match": {"reference": f"M1.W1.{sequence}"}, "count": 1}
            for sequence, kind in enumerate(LOST, start=1)
        )
    )
    aggregator = rig.aggregator()

    for number in range(1, len(LOST) + 1):
        rig.shop.adjust("TEE", "-2.0000")
        turn_until(aggregator, lambda number=number: windows(rig) == ["booked"] * number)  # type: ignore[misc]

    struck = [row["kind"] for row in rig.erp.rows("SELECT kind FROM faults ORDER BY id")]
    assert struck == list(LOST)
    assert on_hand(rig.erp) == {"TEE": Decimal(10 - 2 * len(LOST))}


def test_a_batch_whose_sender_dies_before_it_reads_the_answer_takes_stock_once(rig: Rig) -> None:
    submit = rig.adapter.submit

    def die(*call: object) -> object:
        submit(*call)  # type: ignore[arg-type]
        raise DiedError

    rig.adapter.submit = die  # type: ignore[method-assign, assignment]
    rig.shop.adjust("TEE", "-2.0000")
    with pytest.raises(DiedError):
        turn_until(rig.aggregator(), lambda: False)
    assert windows(rig) == ["sending"]
    assert on_hand(rig.erp) == {"TEE": Decimal(8)}

    rig.adapter.submit = submit  # type: ignore[method-assign]
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked"])

    assert on_hand(rig.erp) == {"TEE": Decimal(8)}


# -- C10, C11, C18: an ERP's levels beside reservations, shipments and deliveries ------------------------------------


@pytest.fixture
def play(database: Database, tmp_path: Path) -> Iterator[Play]:
    """A shop with 100 of each SKU, whose stock is the ERP's."""
    with ExitStack() as stack:

        def begin(counts: Quantity) -> StockWorld:
            erp = stack.enter_context(sandbox(tmp_path))
            magento = stack.enter_context(magento_rest(database, tmp_path / "magento"))
            world = stack.enter_context(stock_world(database, erp, magento, tmp_path, counts))
            world.erp_has(100)
            world.take_baseline()
            assert (world.in_source(), world.salable()) == (100, 100)
            return world

        yield begin


@pytest.mark.needs_php
def test_an_order_that_the_erp_has_promised_already_is_deducted_once(play: Play) -> None:
    world = play(Quantity.AVAILABLE)
    world.order(42, quantity=3)
    received = 10
    world.erp_has(97 + received)
    assert 97 + received + world.reserved() == 104, "three too few: deducted by the ERP, and by the reservation"

    world.import_stock()

    assert (world.in_source(), world.salable()) == (110, 107)


@pytest.mark.needs_php
@pytest.mark.slow
def test_goods_that_the_erp_has_issued_are_deducted_once_and_their_shipment_goes_through(play: Play) -> None:
    world = play(Quantity.ON_HAND)
    world.erp.deliver(world.order(42, quantity=100), warehouse="main", final=True)
    received = 10
    world.erp_has(received)
    assert received + world.reserved() == -90, "a hundred too few: they have left the ERP, and are reserved"
    world.way.reader.turn()

    world.import_stock()

    assert (world.in_source(), world.salable()) == (110, 10)
    world.carry_back()
    assert world.way.states() == [("delivery", "done")], "Magento has what it is to ship"
    assert (world.in_source(), world.salable()) == (10, 10)


@pytest.mark.needs_php
@pytest.mark.slow
@pytest.mark.mariadb
def test_the_shipment_of_those_goods_is_impossible_where_the_level_is_copied(play: Play) -> None:
    world = play(Quantity.ON_HAND)
    world.erp.deliver(world.order(42, quantity=100), warehouse="main", final=True)
    world.shop.execute("UPDATE inventory_source_item SET quantity = 10 WHERE source_code = 'west'")

    world.carry_back()

    assert world.way.states() != [("delivery", "done")]
    assert world.way.documents("shipment") == []


@pytest.mark.needs_php
@pytest.mark.slow
@pytest.mark.mariadb
def test_goods_that_leave_while_a_level_is_on_its_way_are_not_sold_again(play: Play) -> None:
    world = play(Quantity.ON_HAND)
    number = world.order(42, quantity=3)

    def leave() -> None:
        world.erp.deliver(number, warehouse="main", final=True)
        world.carry_back()
        assert (world.in_source(), world.salable()) == (97, 97)

    world.items.before_reading = leave
    waiting = world.import_once()

    assert 100 + world.reserved() == 100, "the level that was read before would put three on sale again"
    assert waiting == len(SKUS)
    assert (world.in_source(), world.salable()) == (97, 97)

    world.erp_has(97)
    world.import_stock()
    assert (world.in_source(), world.salable()) == (97, 97)


@pytest.mark.needs_php
@pytest.mark.slow
@pytest.mark.mariadb
def test_a_shipment_between_reading_and_writing_is_not_erased(play: Play) -> None:
    world = play(Quantity.AVAILABLE)
    number = world.order(42, quantity=3)
    world.erp_has(107)
    world.erp.deliver(number, warehouse="main", final=True)

    world.items.before_write = world.carry_back
    world.import_stock()

    assert world.way.documents("shipment") == [{421: 3, 422: 3}]
    assert 110 + world.reserved() == 110, "what was computed before the shipment would sell three too many"
    assert (world.in_source(), world.salable()) == (107, 107)


@pytest.mark.needs_php
def test_a_quantity_that_is_compared_before_it_is_set_erases_no_shipment(database: Database) -> None:
    tables = InventoryTables(database)
    for sku in ("NAIVE", "TEE"):
        tables.put("west", sku, 100)
    with InventoryShop(database) as shop:
        read = tables.stock()
        for sku in ("NAIVE", "TEE"):
            shop.deduct("west", [[sku, 3]], "shipment_created", "42")
        counted = {key: held - 5 for key, held in read.items()}  # the ERP has written off five, and computed with 100

        shop.save(["west", "NAIVE", float(counted["west", "NAIVE"]), 1])
        (told,) = shop.apply(row_to_set("TEE", expected=read["west", "TEE"], quantity=counted["west", "TEE"]))
        (again,) = shop.apply(row_to_set("TEE", expected=Decimal(97), quantity=Decimal(92)))

    assert tables.stock()["west", "NAIVE"] == 95, "the three that left are on sale again"
    assert (told["outcome"], told["found_quantity"], again["outcome"]) == ("moved", "97.0000", "written")
    assert tables.stock()["west", "TEE"] == 92


def row_to_set(sku: str, *, expected: Decimal, quantity: Decimal) -> dict[str, object]:
    told = {"expected_quantity": str(expected), "quantity": str(quantity), "status": 1}
    return {"source_code": "west", "sku": sku, **told}


# -- C17: written, and not sold --------------------------------------------------------------------------------------


@pytest.mark.needs_php
@pytest.mark.slow
@pytest.mark.mariadb
def test_stock_that_is_written_and_not_sold_is_found_until_it_is(play: Play) -> None:
    world = play(Quantity.AVAILABLE)
    world.erp_has(110)
    world.import_stock()
    assert world.in_source() == 110

    found = world.look_whether_it_is_sold()
    assert found == [("stock_index_behind", "open")], "no indexer has run: the shop still sells 100"
    world.shop.execute("UPDATE inventory_stock_2 SET quantity = 110")
    found = world.look_whether_it_is_sold()
    assert found == [("stock_index_behind", "repaired")]

    world.shop.execute("UPDATE inventory_source_item SET status = 0")
    world.watch.wrote(SKUS)
    world.shop.execute("UPDATE inventory_stock_2 SET quantity = 0, is_salable = 0")
    found = world.look_whether_it_is_sold()
    assert found == [("stock_index_behind", "repaired"), ("stock_not_salable", "open")], "a status hides all of it"
    world.import_stock()
    world.shop.execute("UPDATE inventory_stock_2 SET quantity = 110, is_salable = 1")
    found = world.look_whether_it_is_sold()
    assert found == [("stock_index_behind", "repaired"), ("stock_not_salable", "repaired")]
    assert world.shop.rows("SELECT DISTINCT status FROM inventory_source_item WHERE source_code = 'west'") == [(1,)]
