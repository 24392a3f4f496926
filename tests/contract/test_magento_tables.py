"""Our own definitions of Magento's tables say what a real shop's tables say."""

from pathlib import Path
from typing import Any

import pytest
from pymysql.connections import Connection

from ops.demonstration.stage import HERE, statements_of
from ops.embedded.programs import PROJECT
from tests.support.servers import Database, empty_schema

REAL = PROJECT.parent / "shared" / "magento" / "tables.sql"
OURS = HERE / "magento_tables.sql"
PEOPLE = PROJECT / "tests" / "support" / "people_tables.sql"
PEOPLE_TABLES = 9
STOCK = PROJECT / "tests" / "support" / "stock_tables.sql"
NOT_IN_THE_DUMP = {
    "inventory_cl",
    "cataloginventory_stock_cl",
    "inventory_stock_1",
    "queue_message",
    "queue_message_status",
    "inventory_pickup_location_order",
}
THE_MODULES_OWN = ("sales_order_grid", "ext_order_id")

COLUMNS = """
    SELECT table_name, column_name, column_type, is_nullable, column_default, extra
    FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
"""
KEYS = """
    SELECT table_name, index_name, MAX(non_unique), GROUP_CONCAT(column_name ORDER BY seq_in_index)
    FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_type <> 'FULLTEXT'
    GROUP BY table_name, index_name
"""
LINKS = """
    SELECT table_name, column_name, referenced_table_name, referenced_column_name
    FROM information_schema.key_column_usage
    WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL
"""


@pytest.mark.needs_shared
def test_columns_and_keys_are_those_of_a_real_shop(database: Database) -> None:
    with empty_schema(database.engine, database.server) as other, other.connect() as real:
        with real.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            for statement in statements_of(REAL):
                cursor.execute(statement)
        with database.connect() as ours:
            load(ours)
            tables = {row[0] for row in rows(ours, COLUMNS)}
            columns = {row for row in rows(ours, COLUMNS) if row[0] in tables}
            our_columns = {row for row in columns if row[:2] != THE_MODULES_OWN}

            assert our_columns == {row for row in rows(real, COLUMNS) if row[0] in tables}
            assert keys(ours, tables) == keys(real, tables)
            assert links(ours, tables) == links(real, tables)


@pytest.mark.needs_shared
def test_tables_of_customers_and_products_are_those_of_a_real_shop(database: Database) -> None:
    with empty_schema(database.engine, database.server) as other, other.connect() as real:
        with real.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            for statement in statements_of(REAL):
                cursor.execute(statement)
        with database.connect() as ours:
            load(ours)
            load(ours, script=PEOPLE)
            tables = {row[0] for row in rows(ours, COLUMNS) if row[0].startswith(("customer_", "catalog_"))}

            assert len(tables) == PEOPLE_TABLES
            assert columns(ours, tables) == columns(real, tables)
            assert keys(ours, tables) == keys(real, tables)


@pytest.mark.needs_shared
def test_tables_of_stock_are_those_of_a_real_shop(database: Database) -> None:
    with empty_schema(database.engine, database.server) as other, other.connect() as real:
        with real.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            for statement in statements_of(REAL):
                cursor.execute(statement)
        with database.connect() as ours:
            load(ours)
            before = {row[0] for row in rows(ours, COLUMNS)}
            load(ours, script=STOCK)
            tables = {row[0] for row in rows(ours, COLUMNS)} - before - NOT_IN_THE_DUMP

            assert columns(ours, tables) == columns(real, tables)
            assert keys(ours, tables) == keys(real, tables)
            assert links(ours, tables) == links(real, tables)


def test_each_table_carries_the_prefix_of_the_shop(database: Database) -> None:
    with database.connect() as connection:
        load(connection, prefix="m2_")

        assert {row[0][:3] for row in rows(connection, COLUMNS)} == {"m2_"}


def test_children_of_an_order_are_tied_to_it(database: Database) -> None:
    with database.connect() as connection:
        load(connection)

        tied = {row[0] for row in rows(connection, LINKS) if row[2] == "sales_order"}

    assert tied >= {"sales_order_item", "sales_order_address", "sales_order_payment", "sales_order_status_history"}


def load(connection: "Connection[Any]", prefix: str = "", script: Path = OURS) -> None:
    with connection.cursor() as cursor:
        for statement in statements_of(script, prefix):
            cursor.execute(statement)


def rows(connection: "Connection[Any]", query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def columns(connection: "Connection[Any]", tables: set[str]) -> set[tuple[Any, ...]]:
    return {row for row in rows(connection, COLUMNS) if row[0] in tables}


def keys(connection: "Connection[Any]", tables: set[str]) -> set[tuple[Any, ...]]:
    """Keys by their columns: their names are Magento's business."""
    return {(table, non_unique, columns) for table, _, non_unique, columns in rows(connection, KEYS) if table in tables}


def links(connection: "Connection[Any]", tables: set[str]) -> set[tuple[Any, ...]]:
    """Foreign keys between tables that both sides have."""
    return {row for row in rows(connection, LINKS) if row[0] in tables and row[2] in tables}
