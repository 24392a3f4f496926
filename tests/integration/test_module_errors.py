"""Each error that ends or endangers a transaction reaches Magento: swallowed, it would commit half an order."""

from collections.abc import Iterator

import pytest

from tests.support.lock_waits import wait_until_blocked
from tests.support.magento_shop import MagentoShop
from tests.support.obedient_shop import ObedientShop, StepFailedError
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

ORDER, OTHER_ORDER = 42, 43
LOCK_THE_END_OF_THE_OUTBOX = "SELECT id FROM erp_outbox WHERE id > 1000000 FOR UPDATE"
UNKNOWN_VARIABLE = 1193


@pytest.fixture
def tables(database: Database) -> MagentoShop:
    """Magento's tables with two orders."""
    tables = MagentoShop(database)
    tables.place_order(ORDER)
    tables.place_order(OTHER_ORDER)
    return tables


@pytest.fixture
def shop(tables: MagentoShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


@pytest.fixture
def other_shop(tables: MagentoShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


def code_of(error: pytest.ExceptionInfo[StepFailedError]) -> int | None:
    return error.value.code


def begin_half_an_order(shop: ObedientShop) -> None:
    """A transaction that has already changed something when the event is due."""
    shop.do("begin")
    shop.sql("UPDATE sales_order SET status = 'half' WHERE entity_id = ?", [ORDER])


def assert_nothing_was_committed(tables: MagentoShop) -> None:
    assert tables.rows("SELECT status FROM sales_order WHERE entity_id = %s", [ORDER]) == [("pending",)]
    assert tables.events() == []


def test_a_deadlock_while_the_event_is_inserted_is_thrown_on(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    waiting_id = other_shop.do("connection_id")
    begin_half_an_order(shop)
    shop.sql(LOCK_THE_END_OF_THE_OUTBOX)
    other_shop.do("begin")
    other_shop.sql(LOCK_THE_END_OF_THE_OUTBOX)
    other_shop.sql("UPDATE sales_order_item SET name = 'heavier, so the other one is the victim'")
    second = other_shop.begin_save_relations(OTHER_ORDER, state_before="new")
    wait_until_blocked(tables.database, waiting_id)

    with pytest.raises(StepFailedError) as error:
        shop.save_relations(ORDER, state_before="new")

    assert code_of(error) == 1213
    shop.do("rollback")
    assert_nothing_was_committed(tables)
    second()
    other_shop.do("commit")
    assert tables.events() == [("OrderUpdated", "order:43")]


def test_a_lock_wait_that_took_too_long_is_thrown_on(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    other_shop.do("begin")
    other_shop.sql(LOCK_THE_END_OF_THE_OUTBOX)
    shop.sql("SET SESSION innodb_lock_wait_timeout = 1")
    begin_half_an_order(shop)

    with pytest.raises(StepFailedError) as error:
        shop.save_relations(ORDER, state_before="new")

    assert code_of(error) == 1205
    shop.do("rollback")
    assert_nothing_was_committed(tables)


def test_a_connection_lost_before_the_event_is_thrown_on(shop: ObedientShop, tables: MagentoShop) -> None:
    connection_id = shop.do("connection_id")
    begin_half_an_order(shop)
    tables.run(f"KILL CONNECTION {connection_id}")

    with pytest.raises(StepFailedError) as error:
        shop.save_relations(ORDER, state_before="new")

    assert code_of(error) in {2006, 2013}
    assert_nothing_was_committed(tables)


def test_a_connection_lost_while_the_event_is_inserted_is_thrown_on(
    shop: ObedientShop, other_shop: ObedientShop, tables: MagentoShop
) -> None:
    connection_id = shop.do("connection_id")
    other_shop.do("begin")
    other_shop.sql(LOCK_THE_END_OF_THE_OUTBOX)
    begin_half_an_order(shop)
    insert = shop.begin_save_relations(ORDER, state_before="new")
    wait_until_blocked(tables.database, connection_id)
    tables.run(f"KILL CONNECTION {connection_id}")

    with pytest.raises(StepFailedError) as error:
        insert()

    assert code_of(error) in {2006, 2013}
    assert_nothing_was_committed(tables)


@pytest.mark.mariadb
def test_a_row_that_changed_since_the_transactions_snapshot_is_thrown_on(
    shop: ObedientShop, tables: MagentoShop
) -> None:
    try:
        shop.sql("SET SESSION innodb_snapshot_isolation = 1")
    except StepFailedError as error:
        assert error.code == UNKNOWN_VARIABLE  # noqa: PT017 -- an older server: it is told to fail instead
        shop.do("fail_next_insert", code=1020)
    shop.do("begin")
    shop.sql("SELECT * FROM sales_order")
    tables.run("UPDATE sales_order SET customer_note = 'changed meanwhile' WHERE entity_id = %s", bind=[ORDER])

    with pytest.raises(StepFailedError) as error_info:
        shop.save_relations(ORDER, state_before="new")

    assert code_of(error_info) == 1020
    shop.do("rollback")
    assert_nothing_was_committed(tables)


@pytest.mark.parametrize("code", [1213, 1205, 1020, 1047, 2006, 2013])
def test_each_error_that_ends_a_transaction_is_thrown_on(shop: ObedientShop, tables: MagentoShop, code: int) -> None:
    begin_half_an_order(shop)
    shop.do("fail_next_insert", code=code)

    with pytest.raises(StepFailedError) as error:
        shop.save_relations(ORDER, state_before="new")

    assert code_of(error) == code
    shop.do("rollback")
    assert_nothing_was_committed(tables)


def test_an_order_that_cannot_be_told_is_written_as_an_event_that_says_why(
    shop: ObedientShop, tables: MagentoShop
) -> None:
    tables.run("UPDATE sales_order_item SET product_options = 'a:0:{}' WHERE order_id = %s", bind=[ORDER])

    shop.do("begin")
    shop.save_relations(ORDER, state_before="new")
    shop.do("commit")

    assert tables.events() == [("OrderUpdated", "order:42")]
    (payload,) = tables.payloads()
    assert payload["subject"] == {"type": "order", "id": str(ORDER)}
    assert payload["payload_error"] == "A JSON column cannot be read: Syntax error"
