"""Acknowledgements reach Magento's own rows without waiting for a lock and without touching what is there."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from sidecar.domain.acknowledgement import Written
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.lifecycle import ErpStatus, Lifecycle
from sidecar.domain.projection import project
from sidecar.mysql.projections import Projections
from tests.support.acknowledging import acknowledge, refused, told, truth_of
from tests.support.stores import ERP, OTHER, PREFIX, Tables

LONG_AGO = "2020-01-01 00:00:00"
AT_ERP = Lifecycle.showing({"booked": {"new": "at_erp"}})
STOPPED = Lifecycle({"booked": ErpStatus(holds=True), "open": ErpStatus()})


@contextmanager
def locked(tables: Tables, table: str, key: str = "entity_id", value: int = 42) -> Iterator[None]:
    """Hold a row of order 42 as a refund does during its gateway call."""
    connection = tables.database.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {PREFIX}{table} WHERE {key} = {value} FOR UPDATE")  # noqa: S608 -- fixed names
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


def order(tables: Tables) -> tuple[object, ...]:
    (row,) = tables.rows("SELECT state, status, ext_order_id FROM {prefix}sales_order WHERE entity_id = 42")
    return row


def hold(tables: Tables) -> tuple[object, ...]:
    sql = "SELECT state, status, hold_before_state, hold_before_status FROM {prefix}sales_order WHERE entity_id = 42"
    (row,) = tables.rows(sql)
    return row


def grid(tables: Tables) -> tuple[object, ...]:
    (row,) = tables.rows("SELECT status, ext_order_id FROM {prefix}sales_order_grid WHERE entity_id = 42")
    return row


def comments(tables: Tables) -> list[tuple[object, ...]]:
    return tables.rows("SELECT comment, status, entity_name FROM {prefix}sales_order_status_history ORDER BY entity_id")


def test_an_acknowledgement_writes_number_comment_status_and_list(tables: Tables) -> None:
    tables.add_order(42)
    tables.add_status("at_erp", "new")

    assert acknowledge(tables.session, truth_of(told()), AT_ERP) is Written.DONE

    assert order(tables) == ("new", "at_erp", "SO-1")
    assert grid(tables) == ("at_erp", "SO-1")
    assert comments(tables) == [(f"{ERP} booked this order as SO-1.", "at_erp", "order")]


def test_an_acknowledgement_without_a_status_leaves_the_status_alone(tables: Tables) -> None:
    tables.add_order(42, state="processing", status="picking")

    assert acknowledge(tables.session, truth_of(told())) is Written.DONE

    assert order(tables) == ("processing", "picking", "SO-1")
    assert grid(tables) == ("picking", "SO-1")


def test_an_acknowledgement_that_is_there_already_changes_nothing_not_even_updated_at(tables: Tables) -> None:
    tables.add_order(42)
    acknowledge(tables.session, truth_of(told()))
    for table in ("sales_order", "sales_order_grid"):
        tables.run(f"UPDATE {PREFIX}{table} SET updated_at = %s", LONG_AGO)  # noqa: S608 -- fixed names

    assert acknowledge(tables.session, truth_of(told())) is Written.DONE

    assert len(comments(tables)) == 1
    for table in ("sales_order", "sales_order_grid"):
        sql = f"SELECT CAST(updated_at AS CHAR) FROM {PREFIX}{table}"  # noqa: S608 -- fixed names
        assert tables.value(sql) == LONG_AGO


def test_a_number_that_a_stale_save_overwrote_is_written_again_without_a_second_comment(tables: Tables) -> None:
    tables.add_order(42, ext_order_id="so-1")

    acknowledge(tables.session, truth_of(told(projected="booked", left=("SO-1", "new", "pending"))))

    assert order(tables) == ("new", "pending", "SO-1")
    assert comments(tables) == []


@pytest.mark.parametrize("table", ["sales_order", "sales_order_grid"])
def test_an_order_that_somebody_holds_is_left_for_later_at_once(tables: Tables, table: str) -> None:
    tables.add_order(42)

    with locked(tables, table):
        begun = time.monotonic()
        assert acknowledge(tables.session, truth_of(told())) is Written.BUSY
        waited = time.monotonic() - begun

    assert waited < 2
    assert order(tables) == ("new", "pending", None)
    assert comments(tables) == []
    assert acknowledge(tables.session, truth_of(told())) is Written.DONE


def test_an_item_that_somebody_holds_leaves_the_whole_order_for_later(tables: Tables) -> None:
    tables.add_order(42)
    tables.add_item(1, 42, product_type="simple", sku="CUP")

    with locked(tables, "sales_order_item", "item_id", 1):
        assert acknowledge(tables.session, truth_of(told(lines={"1": "10"}))) is Written.BUSY

    assert order(tables) == ("new", "pending", None)


def test_an_order_that_was_saved_since_it_was_read_is_left_for_the_next_turn(tables: Tables) -> None:
    tables.add_order(42)
    magento, truth = Projections(tables.session), truth_of(told())
    projection = project(truth, magento.shown([truth])[42], magento.statuses(), Lifecycle())
    tables.run("UPDATE {prefix}sales_order SET state = 'processing', status = 'processing'")

    assert magento.write(ERP, projection) is Written.MOVED

    assert order(tables) == ("processing", "processing", None)


def test_an_order_that_moved_on_keeps_the_status_of_its_new_state(tables: Tables) -> None:
    tables.add_order(42, state="processing", status="processing")
    tables.add_status("at_erp", "new")

    assert acknowledge(tables.session, truth_of(told()), AT_ERP) is Written.DONE

    assert order(tables) == ("processing", "processing", "SO-1")
    assert grid(tables) == ("processing", "SO-1")
    assert comments(tables) == [(f"{ERP} booked this order as SO-1.", "processing", "order")]


def test_a_status_that_magento_does_not_pair_with_the_state_is_refused_and_nothing_is_written(tables: Tables) -> None:
    tables.add_order(42)
    tables.add_status("at_erp", "processing")

    with pytest.raises(ConfigurationError, match="'at_erp' is not assigned to state 'new'") as caught:
        acknowledge(tables.session, truth_of(told()), AT_ERP)

    assert "lifecycle map" in caught.value.hint
    assert order(tables) == ("new", "pending", None)


def test_an_order_that_is_gone_needs_no_acknowledgement(tables: Tables) -> None:
    assert acknowledge(tables.session, truth_of(told())) is Written.GONE

    assert comments(tables) == []


def test_an_order_that_is_not_in_the_list_yet_is_acknowledged_all_the_same(tables: Tables) -> None:
    tables.add_order(42)
    tables.run("DELETE FROM {prefix}sales_order_grid")

    assert acknowledge(tables.session, truth_of(told())) is Written.DONE

    assert order(tables) == ("new", "pending", "SO-1")


def test_a_cron_that_fills_the_order_list_finds_the_order_changed_after_its_row_there(tables: Tables) -> None:
    tables.add_order(42)
    tables.run("UPDATE {prefix}sales_order SET updated_at = NOW() - INTERVAL 1 HOUR")
    tables.run("UPDATE {prefix}sales_order_grid SET updated_at = (SELECT updated_at FROM {prefix}sales_order)")

    assert acknowledge(tables.session, truth_of(told())) is Written.DONE

    assert grid(tables) == ("pending", "SO-1")
    joined = "{prefix}sales_order o JOIN {prefix}sales_order_grid g ON g.entity_id = o.entity_id"
    assert tables.rows(f"SELECT o.updated_at > g.updated_at FROM {joined}") == [(1,)]  # noqa: S608 -- fixed names


def test_the_erp_s_lines_stand_at_the_items_and_what_is_not_told_is_left_alone(tables: Tables) -> None:
    tables.add_order(42)
    for item_id in (1, 2, 3):
        tables.add_item(item_id, 42, product_type="simple", sku="CUP", ext_order_item_id=f"old-{item_id}")

    acknowledge(tables.session, truth_of(told(lines={"1": "10", "2": '2"0', "99": "30"})))

    sql = "SELECT item_id, ext_order_item_id FROM {prefix}sales_order_item ORDER BY item_id"
    assert tables.rows(sql) == [(1, "10"), (2, '2"0'), (3, "old-3")]


def test_a_hold_keeps_what_was_before_and_its_end_restores_it(tables: Tables) -> None:
    tables.add_order(42, state="processing", status="picking")
    tables.add_status("holded", "holded")

    acknowledge(tables.session, truth_of(told()), STOPPED)
    assert hold(tables) == ("holded", "holded", "processing", "picking")

    goes_on = told(status="open", projected="booked", left=("SO-1", "holded", "holded"), is_held=True)
    acknowledge(tables.session, truth_of(goes_on), STOPPED)
    assert hold(tables) == ("processing", "picking", None, None)


def test_a_hold_of_a_person_is_not_undone_by_what_the_erp_says(tables: Tables) -> None:
    tables.add_order(42, state="holded", status="holded", hold_before_state="processing", hold_before_status="picking")

    acknowledge(tables.session, truth_of(told(status="open")), STOPPED)

    assert hold(tables) == ("holded", "holded", "processing", "picking")
    assert order(tables)[2] == "SO-1"


def test_an_order_that_lost_its_status_gets_the_default_of_its_state(tables: Tables) -> None:
    tables.add_order(42)
    tables.add_status("pending", "new")
    tables.run("UPDATE {prefix}sales_order_status_state SET is_default = 1")
    tables.run("UPDATE {prefix}sales_order SET status = NULL")

    acknowledge(tables.session, truth_of(told(projected="booked", left=("SO-1", "new", "pending"))))

    assert order(tables) == ("new", "pending", "SO-1")


def test_a_comment_is_written_once_for_its_change_and_again_for_the_next_that_says_the_same(tables: Tables) -> None:
    tables.add_order(42)
    magento, truth = Projections(tables.session), truth_of(told())
    projection = project(truth, magento.shown([truth])[42], magento.statuses(), Lifecycle())
    magento.write(ERP, projection)

    died_before_its_mark = replace(projection, before=projection.after)
    assert magento.write(ERP, died_before_its_mark) is Written.DONE
    assert len(comments(tables)) == 1

    later = tables.rows("SELECT NOW() + INTERVAL 1 SECOND")[0][0]
    (comment,) = projection.comments
    next_change = replace(died_before_its_mark, comments=(replace(comment, since=later),))
    magento.write(ERP, next_change)
    assert len(comments(tables)) == 2


def test_a_comment_that_magento_s_columns_cannot_keep_whole_is_kept_with_marks_in_its_place(tables: Tables) -> None:
    tables.add_order(42)

    acknowledge(tables.session, truth_of(None, refused("customer \U0001f600 is blocked")))

    assert "customer ? is blocked" in str(comments(tables)[0][0])


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

    assert acknowledge(tables.session, truth_of(told())) is Written.MOVED

    assert order(tables) == ("new", "pending", None)
    assert comments(tables) == []


def test_only_the_same_destination_s_newer_change_stands_against_an_acknowledgement(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, ERP, changes=7)
    confirm(tables, OTHER, changes=9)

    assert acknowledge(tables.session, truth_of(told())) is Written.DONE

    assert order(tables) == ("new", "pending", "SO-1")


def test_a_document_that_the_relay_holds_keeps_no_order_waiting(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, ERP, changes=7)

    with locked(tables, "erp_document"):
        assert acknowledge(tables.session, truth_of(told())) is Written.DONE


def test_who_wrote_an_order_last_is_told_by_its_newest_event_or_else_by_its_newest_comment(tables: Tables) -> None:
    for entity_id in (42, 43, 44):
        tables.add_order(entity_id)
    tables.insert("sales_order_status_history", parent_id=43, comment="x", status="pending", entity_name="invoice")
    tables.add_event(5, lane="order:42", kind="OrderUpdated")
    tables.run("UPDATE {prefix}erp_outbox SET origin = 'admin'")

    traces = Projections(tables.session).traces({42: None, 43: None, 44: None, 45: None})

    assert (traces[42].words, traces[42].by_a_person) == ("OrderUpdated 5 of origin admin", True)
    assert "invoice's comment" in traces[43].words
    assert set(traces) == {42, 43}


def test_what_was_written_before_an_order_was_left_is_nobody_s_overwriting(tables: Tables) -> None:
    tables.add_order(42)
    tables.insert("sales_order_status_history", parent_id=42, comment="x", status="pending", entity_name="order")
    tables.add_event(5, lane="order:42", kind="OrderUpdated")
    (later,) = tables.rows("SELECT NOW(6) + INTERVAL 1 SECOND")[0]

    assert Projections(tables.session).traces({42: later}) == {}
