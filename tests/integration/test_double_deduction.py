"""Double deduction, induced and survived: what would take stock twice is made to happen, and shown not to.

Each part first lets the peril do its work, in the test's own arithmetic or at the ERP itself, so that a world in which
nothing could go wrong would fail the test.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.inventory_shop import InventoryShop, InventoryTables
from tests.support.profiles import Promise, options_for, profile_with
from tests.support.rig import Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, a_movement, sandbox
from tests.support.servers import Database

LOST = ("lose_response_after_commit", "http_500_after_commit", "lose_request")
"""How an answer gets lost: twice the batch is booked, once it is not, and the caller cannot tell which it was."""


class DiedError(BaseException):
    """The process ends amid a call, as by a power cut."""


@pytest.fixture(params=["exact", "key"])
def promise(request: pytest.FixtureRequest) -> Promise:
    """An ERP that books the same batch twice, and one that refuses a reference that it has."""
    named: Promise = request.param
    return named


@pytest.fixture
def rig(database: Database, tmp_path: Path, promise: Promise) -> Iterator[Rig]:
    """An engine between an empty shop and such an ERP."""
    profile = profile_with(promise, tmp_path)
    with sandbox(tmp_path, *options_for(promise)) as erp, rig_on(database, erp, profile=profile) as made:
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


def test_a_batch_whose_answer_is_lost_takes_stock_once(rig: Rig) -> None:
    rig.erp.plan(
        *(
            {"operation": "stock.post", "kind": kind, "match": {"reference": f"M1.W1.{sequence}"}, "count": 1}
            for sequence, kind in enumerate(LOST, start=1)
        )
    )
    aggregator = rig.aggregator()

    for number in range(1, len(LOST) + 1):
        rig.shop.adjust("TEE", "-2.0000")
        turn_until(aggregator, lambda number=number: windows(rig) == ["booked"] * number)  # type: ignore[misc]

    struck = [row["kind"] for row in rig.erp.rows("SELECT kind FROM faults ORDER BY id")]
    assert struck == list(LOST)
    assert on_hand(rig.erp) == {"TEE": Decimal(-2 * len(LOST))}


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
    assert on_hand(rig.erp) == {"TEE": Decimal(-2)}

    rig.adapter.submit = submit  # type: ignore[method-assign]
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked"])

    assert on_hand(rig.erp) == {"TEE": Decimal(-2)}


# -- C18: an absolute quantity and a shipment at the same time -------------------------------------------------------


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
