"""Acknowledgements reach Magento's own rows without waiting for a lock and without touching what is there."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest

from sidecar.domain.errors import ConfigurationError
from sidecar.domain.lifecycle import Acknowledgement
from sidecar.domain.money import ZERO
from sidecar.mysql.magento_store import MagentoStore
from tests.support.stores import ERP, OTHER, PREFIX, Tables, as_json, session_at

LONG_AGO = "2020-01-01 00:00:00"


def acknowledgement(
    number: str = "SO-1", *, status: str | None = None, state: str | None = "new", comment: str | None = "Booked."
) -> Acknowledgement:
    return Acknowledgement(ERP, 42, number, "booked", 7, comment, status, state)


@contextmanager
def locked(tables: Tables, table: str) -> Iterator[None]:
    """Hold a row of order 42 as a refund does during its gateway call."""
    connection = tables.database.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {PREFIX}{table} WHERE entity_id = 42 FOR UPDATE")  # noqa: S608 -- fixed names
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


def order(tables: Tables) -> tuple[object, ...]:
    (row,) = tables.rows("SELECT state, status, ext_order_id FROM {prefix}sales_order WHERE entity_id = 42")
    return row


def grid(tables: Tables) -> tuple[object, ...]:
    (row,) = tables.rows("SELECT status, ext_order_id FROM {prefix}sales_order_grid WHERE entity_id = 42")
    return row


def comments(tables: Tables) -> list[tuple[object, ...]]:
    return tables.rows("SELECT comment, status, entity_name FROM {prefix}sales_order_status_history ORDER BY entity_id")


def test_an_acknowledgement_writes_number_comment_status_and_list(tables: Tables) -> None:
    tables.add_order(42)
    tables.add_status("at_erp", "new")

    assert MagentoStore(tables.session).acknowledge_order(acknowledgement(status="at_erp"))

    assert order(tables) == ("new", "at_erp", "SO-1")
    assert grid(tables) == ("at_erp", "SO-1")
    assert comments(tables) == [("Booked.", "at_erp", "order")]


def test_an_acknowledgement_without_a_status_leaves_the_status_alone(tables: Tables) -> None:
    tables.add_order(42, state="processing", status="picking")

    assert MagentoStore(tables.session).acknowledge_order(acknowledgement())

    assert order(tables) == ("processing", "picking", "SO-1")
    assert grid(tables) == ("picking", "SO-1")


def test_an_acknowledgement_that_is_there_already_changes_nothing_not_even_updated_at(tables: Tables) -> None:
    tables.add_order(42)
    store = MagentoStore(tables.session)
    store.acknowledge_order(acknowledgement())
    for table in ("sales_order", "sales_order_grid"):
        tables.run(f"UPDATE {PREFIX}{table} SET updated_at = %s", LONG_AGO)  # noqa: S608 -- fixed names

    assert store.acknowledge_order(acknowledgement())

    assert len(comments(tables)) == 1
    for table in ("sales_order", "sales_order_grid"):
        sql = f"SELECT CAST(updated_at AS CHAR) FROM {PREFIX}{table}"  # noqa: S608 -- fixed names
        assert tables.value(sql) == LONG_AGO


def test_a_number_that_a_stale_save_overwrote_is_written_again_without_a_second_comment(tables: Tables) -> None:
    tables.add_order(42, ext_order_id="so-1")

    assert MagentoStore(tables.session).acknowledge_order(acknowledgement("SO-1", comment=None))

    assert order(tables) == ("new", "pending", "SO-1")
    assert comments(tables) == []


@pytest.mark.parametrize("table", ["sales_order", "sales_order_grid"])
def test_an_order_that_somebody_holds_is_left_for_later_at_once(tables: Tables, table: str) -> None:
    tables.add_order(42)
    store = MagentoStore(tables.session)

    with locked(tables, table):
        begun = time.monotonic()
        assert not store.acknowledge_order(acknowledgement())
        waited = time.monotonic() - begun

    assert waited < 2
    assert order(tables) == ("new", "pending", None)
    assert comments(tables) == []
    assert store.acknowledge_order(acknowledgement())


def test_an_order_that_moved_on_keeps_the_status_of_its_new_state(tables: Tables) -> None:
    tables.add_order(42, state="processing", status="processing")
    tables.add_status("at_erp", "new")

    assert MagentoStore(tables.session).acknowledge_order(acknowledgement(status="at_erp", state="new"))

    assert order(tables) == ("processing", "processing", "SO-1")
    assert grid(tables) == ("processing", "SO-1")
    assert comments(tables) == [("Booked.", "processing", "order")]


def test_a_status_that_magento_does_not_pair_with_the_state_is_refused_and_nothing_is_written(tables: Tables) -> None:
    tables.add_order(42)
    tables.add_status("at_erp", "processing")

    with pytest.raises(ConfigurationError, match="'at_erp' is not assigned to state 'new'") as caught:
        MagentoStore(tables.session).acknowledge_order(acknowledgement(status="at_erp"))

    assert "lifecycle map" in caught.value.hint
    assert order(tables) == ("new", "pending", None)


def test_a_number_that_magento_would_cut_is_refused(tables: Tables) -> None:
    tables.add_order(42)

    with pytest.raises(ConfigurationError, match="33 characters"):
        MagentoStore(tables.session).acknowledge_order(acknowledgement("N" * 33))

    assert order(tables) == ("new", "pending", None)


def test_an_order_that_is_gone_needs_no_acknowledgement(tables: Tables) -> None:
    assert MagentoStore(tables.session).acknowledge_order(acknowledgement())

    assert comments(tables) == []


def test_an_order_that_is_not_in_the_list_yet_is_acknowledged_all_the_same(tables: Tables) -> None:
    tables.add_order(42)
    tables.run("DELETE FROM {prefix}sales_order_grid")

    assert MagentoStore(tables.session).acknowledge_order(acknowledgement())

    assert order(tables) == ("new", "pending", "SO-1")


def test_the_release_gate_is_told_what_magento_holds_now(tables: Tables) -> None:
    tables.add_order(
        42, base_grand_total="99.1234", base_total_paid="10.5000", created_at="2025-11-23 12:00:00", status="pending"
    )
    tables.insert("sales_order_payment", parent_id=42, method="checkmo", base_amount_authorized="99.1234")
    tables.add_order(43)

    with session_at(tables.database, Decimal("1763899260.5")) as a_minute_later:
        facts = MagentoStore(a_minute_later).release_facts([41, 42, 43])

    assert set(facts) == {42, 43}
    assert (facts[42].state, facts[42].status, facts[42].payment_method) == ("new", "pending", "checkmo")
    assert (str(facts[42].grand_total), str(facts[42].paid), str(facts[42].authorized)) == (
        "99.1234",
        "10.5000",
        "99.1234",
    )
    assert facts[42].age == timedelta(minutes=1, microseconds=500_000)
    assert (facts[43].payment_method, facts[43].paid) == ("", ZERO)


def test_states_are_read_for_the_orders_that_exist(tables: Tables) -> None:
    tables.add_order(42, state="processing")

    assert MagentoStore(tables.session).order_states([41, 42]) == {42: "processing"}


def test_an_order_is_compared_by_lines_that_count_nothing_twice(tables: Tables) -> None:
    tables.add_order(
        42,
        subtotal="130.0000",
        discount_amount="-12.1000",
        discount_tax_compensation_amount="2.1000",
        shipping_amount="5.0000",
        tax_amount="25.0000",
        grand_total="150.0000",
    )
    tables.add_item(1, 42, product_type="configurable", sku="SHIRT-RED", qty_ordered=2, price=10, row_total=20)
    tables.add_item(2, 42, parent_item_id=1, product_type="simple", sku="SHIRT-RED", qty_ordered=2, price=0)
    dynamic = as_json({"product_calculations": 0})
    tables.add_item(3, 42, product_type="bundle", sku="SET", qty_ordered=1, row_total=110, product_options=dynamic)
    tables.add_item(4, 42, parent_item_id=3, product_type="simple", sku="CUP", qty_ordered="1.5", row_total="110")

    facts = MagentoStore(tables.session).order_facts([41, 42])

    assert set(facts) == {42}
    assert [(line.line_ref, line.sku, line.role, str(line.quantity), str(line.total)) for line in facts[42].lines] == [
        ("1", "SHIRT-RED", "both", "2.0000", "20.0000"),
        ("4", "CUP", "both", "1.5000", "110.0000"),
    ]
    assert sum(line.total for line in facts[42].lines) == facts[42].totals["subtotal"]
    assert facts[42].totals["discount"] == Decimal("-10.0000")
    assert (facts[42].increment_id, facts[42].currency) == ("000000042", "EUR")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"sku": None, "product_type": "simple"}, "sku"),
        ({"sku": "SET", "product_type": "bundle", "product_options": 'a:1:{s:4:"info";}'}, "product_options"),
    ],
)
def test_an_order_that_cannot_be_read_says_why_and_the_others_are_read(
    tables: Tables, columns: dict[str, object], reason: str
) -> None:
    for number in (41, 42):
        tables.add_order(number)
    tables.add_item(1, 41, **columns)
    tables.add_item(2, 42, product_type="simple", sku="CUP", qty_ordered=1)

    facts = MagentoStore(tables.session).order_facts([41, 42])

    assert reason in facts[41].unreadable
    assert (facts[41].lines, facts[41].totals) == ((), {})
    assert (facts[42].unreadable, facts[42].state, len(facts[42].lines)) == ("", "new", 1)


def confirm(tables: Tables, destination: str, changes: int) -> None:
    tables.insert(
        "erp_document",
        destination=destination,
        entity_type="order",
        entity_id=42,
        external_ref="shop-42",
        erp_id="1",
        erp_number="SO-1",
        erp_status="booked",
        revision=1,
        change_count=changes,
        payload_sha256="0" * 64,
        blueprint_version="v1",
    )


def test_an_acknowledgement_is_not_written_over_that_of_a_newer_change(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, ERP, changes=8)

    assert not MagentoStore(tables.session).acknowledge_order(acknowledgement())

    assert order(tables) == ("new", "pending", None)
    assert comments(tables) == []


def test_only_the_same_destination_s_newer_change_stands_against_an_acknowledgement(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, ERP, changes=7)
    confirm(tables, OTHER, changes=9)

    assert MagentoStore(tables.session).acknowledge_order(acknowledgement())

    assert order(tables) == ("new", "pending", "SO-1")
