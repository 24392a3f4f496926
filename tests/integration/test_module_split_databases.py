"""Split databases: an event is written where its entity is, in the same transaction, or the log says why not."""

import json
from collections.abc import Iterator

import pytest

from tests.support.declared_schema import declared_table
from tests.support.magento_shop import MagentoShop
from tests.support.obedient_shop import ObedientShop
from tests.support.servers import Database, empty_schema

pytestmark = pytest.mark.needs_php

ORDER = 42
COUNT = "SELECT COUNT(*) FROM erp_outbox"


@pytest.fixture
def sales(database: Database) -> MagentoShop:
    """The sales database with the module's table, as setup:upgrade leaves it."""
    tables = MagentoShop(database)
    tables.place_order(ORDER)
    return tables


@pytest.fixture
def main(database: Database) -> Iterator[Database]:
    """The main database, on the same server and another connection, without the module's table."""
    with empty_schema(database.engine, database.server) as schema:
        yield schema


@pytest.fixture
def shop(sales: MagentoShop, main: Database) -> Iterator[ObedientShop]:
    with ObedientShop(sales.database, main=main) as shop:
        yield shop


def run_on(database: Database, statement: str) -> list[tuple[object, ...]]:
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_an_event_commits_with_its_entitys_database_and_no_other(
    shop: ObedientShop, sales: MagentoShop, main: Database
) -> None:
    run_on(main, declared_table("erp_outbox"))

    shop.do("begin_main")
    shop.do("begin")
    shop.do("append_stock_changes", skus=["A", "B"])
    shop.save_relations(ORDER, state_before="new")
    shop.do("commit_main")
    shop.do("rollback")

    assert run_on(main, COUNT) == [(2,)]
    assert sales.events() == []


def test_an_event_whose_database_has_no_table_is_missed_with_its_reason_and_the_save_goes_on(
    shop: ObedientShop, main: Database
) -> None:
    run_on(main, "CREATE TABLE product (sku VARCHAR(64))")

    shop.do("begin_main")
    shop.do("append_stock_changes", skus=["A", "B"])
    shop.do("commit_main")

    first, second = shop.do("log")
    assert (first["resource"], first["aggregate"], second["missed_in_this_process"]) == ("default", "sku:A", 2)
    assert first["what_to_do"].startswith(
        "Split databases: create erp_outbox on the connection of the resource default"
    )


def test_the_status_command_says_which_database_lacks_the_table(shop: ObedientShop, main: Database) -> None:
    missing = json.loads(shop.do("status", options=["json"])["printed"])
    run_on(main, declared_table("erp_outbox"))
    there = json.loads(shop.do("status", options=["json"])["printed"])

    assert [(c["resource"], c["is_sales_connection"], c["exists"]) for c in missing["connections"]] == [
        ("sales", True, True),
        ("default", False, False),
    ]
    assert missing["what_to_do"][0].startswith("The databases are split and erp_outbox is missing")
    assert there["connections"][1]["exists"]
    assert "split" not in " ".join(there["what_to_do"])
