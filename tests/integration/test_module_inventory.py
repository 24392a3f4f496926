"""Each writer of stock, in real transactions of a real server: what it changed is told, all of it and nothing else."""

from collections.abc import Iterator

import pytest

from tests.support.event_schemas import check
from tests.support.inventory_shop import InventoryShop, InventoryTables
from tests.support.lock_waits import wait_until_blocked
from tests.support.obedient_shop import StepFailedError
from tests.support.servers import Database, empty_schema

pytestmark = pytest.mark.needs_php


@pytest.fixture
def tables(database: Database) -> InventoryTables:
    """Two SKUs in the source west, one of them also in the east."""
    tables = InventoryTables(database)
    tables.put("west", "A", 10)
    tables.put("west", "B", 20)
    tables.put("east", "A", 5)
    return tables


@pytest.fixture
def shop(tables: InventoryTables) -> Iterator[InventoryShop]:
    with InventoryShop(tables.database) as shop:
        yield shop


# --- What each writer tells -----------------------------------------------------------------------


@pytest.mark.parametrize("is_later", [False, True], ids=["2.4.4", "later"])
def test_a_save_tells_new_and_changed_source_items(
    shop: InventoryShop, tables: InventoryTables, *, is_later: bool
) -> None:
    shop.save(("west", "A", 7.5, 1), ("west", "B", 20, 1), ("west", "NEW", 3, 1), is_later=is_later)

    assert sorted(tables.changes()) == [
        ("west", "A", "-2.5000", "10.0000", "7.5000"),
        ("west", "NEW", "3.0000", None, "3.0000"),
    ]
    for payload in tables.payloads():
        check(payload, "InventoryAdjusted.v1.json")


@pytest.mark.parametrize("is_later", [False, True], ids=["2.4.4", "later"])
def test_a_save_that_changes_nothing_is_no_event(
    shop: InventoryShop, tables: InventoryTables, *, is_later: bool
) -> None:
    shop.save(("west", "A", 10, 1), ("east", "A", 5, 1), is_later=is_later)

    assert tables.changes() == []


def test_a_change_of_the_status_alone_is_an_event_with_no_quantity(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    shop.save(("west", "A", 10, 0))

    (payload,) = tables.payloads()
    assert (payload["quantity"], payload["old_status"], payload["new_status"]) == ("0.0000", 1, 0)


def test_a_delete_tells_what_the_source_no_longer_holds(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.call("delete", [["west", "A"], ["west", "ABSENT"]])

    assert tables.changes() == [("west", "A", "-10.0000", "10.0000", None)]


def test_a_shipment_and_a_refund_tell_what_left_and_came_back(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.deduct("west", [("B", 2), ("A", 1)], "shipment_created", "42")
    shop.deduct("west", [("A", -1)], "creditmemo_created", "42")

    assert tables.changes() == [
        ("west", "A", "-1.0000", "10.0000", "9.0000"),
        ("west", "B", "-2.0000", "20.0000", "18.0000"),
        ("west", "A", "1.0000", "9.0000", "10.0000"),
    ]
    assert [payload["reason"] for payload in tables.payloads()] == ["shipment", "shipment", "refund"]


@pytest.mark.parametrize("unassign", [False, True])
def test_a_transfer_tells_both_sources(shop: InventoryShop, tables: InventoryTables, *, unassign: bool) -> None:
    shop.call("transfer", ["A", "B"], "west", "east", unassign)

    left = None if unassign else "0.0000"
    assert sorted(tables.changes()) == [
        ("east", "A", "10.0000", "5.0000", "15.0000"),
        ("east", "B", "20.0000", None, "20.0000"),
        ("west", "A", "-10.0000", "10.0000", left),
        ("west", "B", "-20.0000", "20.0000", left),
    ]
    assert {payload["reason"] for payload in tables.payloads()} == {"transfer"}


def test_a_partial_transfer_tells_both_sources(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.call("transferPartially", "A", 4, "west", "east")

    assert sorted(tables.changes()) == [
        ("east", "A", "4.0000", "5.0000", "9.0000"),
        ("west", "A", "-4.0000", "10.0000", "6.0000"),
    ]


def test_an_assignment_tells_the_sources_that_were_added(shop: InventoryShop, tables: InventoryTables) -> None:
    assert shop.call("assign", ["A", "B"], ["west", "east"]) == 1

    assert tables.changes() == [("east", "B", "0.0000", None, "0.0000")]


def test_an_unassignment_tells_all_that_is_gone(shop: InventoryShop, tables: InventoryTables) -> None:
    assert shop.call("unassign", ["A"], ["west", "east"]) == 2

    assert sorted(tables.changes()) == [
        ("east", "A", "-5.0000", "5.0000", None),
        ("west", "A", "-10.0000", "10.0000", None),
    ]


def test_a_table_prefix_is_honoured(database: Database) -> None:
    tables = InventoryTables(database, prefix="m2_")

    with InventoryShop(database, table_prefix="m2_") as shop:
        shop.save(("west", "A", 1, 1))

    assert tables.changes() == [("west", "A", "1.0000", None, "1.0000")]


def test_skus_that_are_numbers_are_told_as_texts(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.save(("west", "0123", 1, 1), ("west", "123", 2, 1))
    shop.call("transfer", ["123"], "west", "east", False)  # noqa: FBT003 -- Magento's own signature

    assert [payload["sku"] for payload in tables.payloads()] == ["0123", "123", "123", "123"]


def test_a_family_that_is_off_tells_nothing(tables: InventoryTables) -> None:
    off = {"erp_sidecar_outbox/families/inventory": "0"}

    with InventoryShop(tables.database, config=off) as shop:
        shop.save(("west", "A", 3, 1))
        shop.deduct("west", [("A", 1)], "shipment_created", "42")
        shop.call("transfer", ["A"], "west", "east", True)  # noqa: FBT003 -- Magento's own signature
        shop.call("reserve", [[1, "A", -1, None]])

    assert tables.stock() == {("west", "B"): 20, ("east", "A"): 7}
    assert tables.rows("SELECT COUNT(*) FROM {prefix}erp_outbox") == [(0,)]


def test_with_split_databases_the_event_is_in_the_transaction_of_the_stock(
    tables: InventoryTables, database: Database
) -> None:
    with (
        empty_schema(database.engine, database.server) as sales,
        InventoryShop(tables.database, sales=sales) as shop,
    ):
        shop.do("begin")
        shop.save(("west", "A", 1, 1))
        shop.call("reserve", [[1, "A", -1, None]])
        assert tables.changes() == []
        shop.do("commit")

    assert tables.changes() == [("west", "A", "-9.0000", "10.0000", "1.0000")]
    assert len(tables.payloads("InventoryReserved")) == 1


# --- Why, and for which document ------------------------------------------------------------------


def test_a_shipment_is_the_cause_although_it_gets_its_id_after_it_was_announced(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    shop.do(
        "announce",
        event="sales_order_shipment_save_before",
        model={"order_id": "42", "entity_id": None},
        set_later={"entity_id": "17"},
    )
    shop.deduct("west", [("A", 1)], "shipment_created", "42")
    shop.deduct("west", [("A", 1)], "shipment_created", "43")

    assert [payload["cause"] for payload in tables.payloads()] == [
        {"type": "shipment", "id": "17"},
        {"type": "order", "id": "43"},
    ]


@pytest.mark.parametrize(
    ("document", "event", "reason"),
    [("creditmemo", "creditmemo_created", "refund"), ("invoice", "invoice_created", "invoice")],
)
def test_a_document_is_the_cause_of_what_it_moves(
    shop: InventoryShop, tables: InventoryTables, document: str, event: str, reason: str
) -> None:
    shop.do("announce", event=f"sales_order_{document}_save_before", model={"order_id": "42", "entity_id": "9"})
    shop.deduct("west", [("A", 1)], event, "42")

    (payload,) = tables.payloads()
    assert (payload["reason"], payload["cause"]) == (reason, {"type": document, "id": "9"})
    check(payload, "InventoryAdjusted.v1.json")


def test_an_import_is_the_reason_of_what_is_saved_in_it_and_of_nothing_after_it(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    shop.do("import", entity="stock_sources", items=[["west", "A", 1, 1]])
    shop.save(("west", "A", 2, 1))

    assert [(payload["reason"], payload["cause"]) for payload in tables.payloads()] == [
        ("import", {"type": "import", "id": "stock_sources"}),
        ("correction", {"type": "manual", "id": "guest"}),
    ]


def test_a_renamed_sku_leaves_and_comes(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.do("announce", event="catalog_product_save_before", model={"entity_id": "5", "sku": "B2"}, orig={"sku": "B"})
    shop.save(("west", "B2", 20, 1))
    shop.call("remove", ["B"])

    assert [(p["sku"], p["quantity"], p["reason"], p["cause"]["id"]) for p in tables.payloads()] == [
        ("B2", "20.0000", "rename", "5"),
        ("B", "-20.0000", "rename", "5"),
    ]


def test_a_deleted_product_takes_its_stock_along(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.do("announce", event="catalog_product_delete_before", model={"entity_id": "5", "sku": "A"}, orig={"sku": "A"})
    shop.call("remove", ["A"])

    assert sorted((p["source_code"], p["reason"], p["cause"]["id"]) for p in tables.payloads()) == [
        ("east", "deletion", "5"),
        ("west", "deletion", "5"),
    ]


def test_a_consumer_that_removes_a_products_stock_later_knows_the_reason_but_no_product(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    shop.call("remove", ["B"])

    (payload,) = tables.payloads()
    assert (payload["reason"], payload["cause"]) == ("deletion", {"type": "product", "id": "unknown"})


def test_a_removal_that_fails_without_a_word_inside_the_callers_transaction_dooms_it(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    """Magento logs the failure and goes on: after a deadlock it would commit half of the caller's work."""
    shop.do("begin")
    shop.do("fail_next_insert", code=1213)
    shop.call("remove", ["A"])

    with pytest.raises(StepFailedError, match="Rolled back transaction has not been completed correctly"):
        shop.do("commit")

    shop.do("rollback")
    assert tables.changes() == []


# --- One transaction ------------------------------------------------------------------------------


def test_a_write_in_the_callers_transaction_is_told_when_that_commits(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    shop.do("begin")
    shop.deduct("west", [("A", 1)], "shipment_created", "42")
    assert tables.changes() == []

    shop.do("commit")

    assert tables.changes() == [("west", "A", "-1.0000", "10.0000", "9.0000")]


def test_a_rollback_of_the_callers_leaves_neither_the_change_nor_its_event(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    before = tables.stock()
    shop.do("begin")
    shop.save(("west", "A", 1, 1), ("west", "NEW", 1, 1))
    shop.do("rollback")

    assert tables.stock() == before
    assert tables.changes() == []


@pytest.mark.parametrize("code", [1213, 1205, 1020, 1047, 2006, 2013])
def test_an_event_that_cannot_be_written_undoes_the_write_and_is_thrown_on(
    shop: InventoryShop, tables: InventoryTables, code: int
) -> None:
    before = tables.stock()
    shop.do("fail_next_insert", code=code)

    with pytest.raises(StepFailedError) as error:
        shop.save(("west", "A", 1, 1))

    assert error.value.code == code
    assert shop.do("level") == 0
    assert tables.stock() == before


def test_a_writer_that_fails_is_undone_and_its_own_error_thrown_on(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    before = tables.stock()

    with pytest.raises(StepFailedError) as error:
        shop.save(("west", "A", 1, 1), ("nowhere", "A", 1, 1))

    assert error.value.code == 1452
    assert shop.do("level") == 0
    assert tables.stock() == before
    shop.save(("west", "A", 2, 1))
    assert tables.changes() == [("west", "A", "-8.0000", "10.0000", "2.0000")]


def test_a_writer_that_leaves_its_own_transaction_open_is_undone_too(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    before = tables.stock()

    with pytest.raises(StepFailedError):
        shop.call("transfer", ["A"], "west", "nowhere", False)  # noqa: FBT003 -- Magento's own signature

    assert shop.do("level") == 0
    assert tables.stock() == before
    assert tables.changes() == []


def test_a_source_item_that_somebody_holds_for_too_long_is_not_written(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    shop.sql("SET SESSION innodb_lock_wait_timeout = 1")
    with InventoryShop(tables.database) as other:
        other.do("begin")
        other.sql("UPDATE inventory_source_item SET quantity = 3 WHERE source_code = 'west' AND sku = 'B'")

        with pytest.raises(StepFailedError) as error:
            shop.save(("west", "A", 1, 1), ("west", "B", 1, 1))

        assert error.value.code == 1205
        assert shop.do("level") == 0
        other.do("rollback")
    assert tables.stock()["west", "A"] == 10
    assert tables.changes() == []


def test_a_connection_that_is_lost_amid_a_write_is_named_and_not_its_rollback(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    connection_id = shop.do("connection_id")
    with InventoryShop(tables.database) as other:
        other.do("begin")
        other.sql("UPDATE inventory_source_item SET quantity = 3 WHERE source_code = 'west' AND sku = 'B'")
        save = shop.begin_step("save", **{"with": [[["west", "A", 1, 1], ["west", "B", 1, 1]]]})
        wait_until_blocked(tables.database, connection_id)
        tables.run(f"KILL CONNECTION {connection_id}")

        with pytest.raises(StepFailedError) as error:
            save()

        assert error.value.code in {2006, 2013}
        other.do("rollback")
    assert tables.stock()["west", "A"] == 10
    assert tables.changes() == []


def test_a_failure_inside_the_callers_transaction_dooms_it(shop: InventoryShop, tables: InventoryTables) -> None:
    before = tables.stock()
    shop.do("begin")
    shop.save(("west", "A", 1, 1))
    with pytest.raises(StepFailedError):
        shop.save(("nowhere", "A", 1, 1))

    with pytest.raises(StepFailedError, match="Rolled back transaction has not been completed correctly"):
        shop.do("commit")

    shop.do("rollback")
    assert tables.stock() == before
    assert tables.changes() == []


def test_a_missing_outbox_is_logged_and_the_stock_is_saved(shop: InventoryShop, tables: InventoryTables) -> None:
    tables.run("DROP TABLE erp_outbox")

    shop.save(("west", "A", 1, 1), ("west", "B", 2, 1))

    assert tables.stock()["west", "A"] == 1
    assert {entry["aggregate"] for entry in shop.do("log")} == {"sku:A", "sku:B"}
