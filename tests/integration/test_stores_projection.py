"""The projector is told what Magento does not show: new changes, and numbers that a stale save overwrote."""

from dataclasses import replace

import pytest

from sidecar.domain.acknowledgement import Mark, Projection, Shown
from sidecar.domain.events import OutboxId
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.step import ConfirmedDocument, Cursor, Step
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.projection_store import PAGE, ProjectionStore
from sidecar.mysql.receipt_store import ReceiptStore
from tests.support.acknowledging import carry
from tests.support.stores import ERP, OTHER, Tables, confirmed, counted_rows, session_for

YESTERDAY = "UPDATE {prefix}sales_order SET updated_at = NOW() - INTERVAL 1 DAY"


def confirm(tables: Tables, *documents: ConfirmedDocument, destination: str = ERP) -> None:
    token = LeaseStore(tables.session).acquire("relay", destination, "test", LeaseTerms())
    assert token is not None
    ReceiptStore(tables.session).commit_step(
        OTHER if destination == OTHER else ERP, token, Step(Cursor(OutboxId(1)), documents=documents)
    )


def due(store: ProjectionStore, limit: int = 10) -> list[int]:
    return list(store.due(limit))


def left_as_it_was(tables: Tables) -> None:
    """What the projector writes down of orders that show SO-1 and have no status."""
    tables.run(
        "UPDATE {prefix}erp_document SET projected_change = change_count, projected_status = erp_status,"
        " shown_number = 'SO-1', shown_state = 'new'"
    )


def test_a_confirmed_document_is_due_until_magento_shows_it(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, confirmed(42, revision=7))
    store = ProjectionStore(tables.session, ERP)
    assert due(store) == [42]

    carry(tables.session, [42])

    assert due(store) == []


def test_a_new_confirmation_is_due_again_and_is_not_the_first(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, confirmed(42, revision=7))
    store = ProjectionStore(tables.session, ERP)
    carry(tables.session, [42])

    confirm(tables, confirmed(42, revision=9))

    assert due(store) == [42]
    told = store.truths([42])[42].told
    assert told is not None
    assert (told.change, told.is_first, told.has_news) == (2, False, False)


def test_marking_an_older_change_does_not_hide_a_newer_one(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, confirmed(42, revision=7))
    store = ProjectionStore(tables.session, ERP)
    older = mark_of(store)
    confirm(tables, confirmed(42, revision=9))

    store.mark([older])

    assert due(store) == [42]


def test_a_mark_that_comes_late_does_not_take_a_newer_one_back(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, confirmed(42, revision=7))
    store = ProjectionStore(tables.session, ERP)
    older = mark_of(store)
    confirm(tables, replace(confirmed(42, revision=9), erp_status="open"))
    carry(tables.session, [42])

    store.mark([older])

    assert due(store) == []
    assert tables.value("SELECT projected_status FROM {prefix}erp_document") == "open"


def mark_of(store: ProjectionStore) -> Mark:
    shown = Shown(42, "new", "pending", "SO-1")
    truth = store.truths([42])[42]
    return Mark(truth, Projection(shown, shown, None if truth.told is None else truth.told.change))


@pytest.mark.parametrize(
    "overwriting",
    [
        "UPDATE {prefix}sales_order SET ext_order_id = NULL",
        "UPDATE {prefix}sales_order SET status = NULL",
        "UPDATE {prefix}sales_order SET state = 'processing'",
        "UPDATE {prefix}sales_order_item SET ext_order_item_id = NULL",
        "UPDATE {prefix}sales_order_grid SET status = 'old'",
        "UPDATE {prefix}sales_order_grid SET ext_order_id = NULL",
    ],
)
def test_an_order_that_a_save_overwrote_is_due_again(tables: Tables, overwriting: str) -> None:
    tables.add_order(42)
    tables.add_item(1, 42, product_type="simple", sku="CUP")
    confirm(tables, replace(confirmed(42), lines={"1": "10"}))
    carry(tables.session, [42])
    store = ProjectionStore(tables.session, ERP)
    assert due(store) == []

    tables.run(overwriting)

    assert due(store) == [42]


def test_an_order_without_a_state_is_left_in_peace_once_it_was_looked_at(tables: Tables) -> None:
    tables.add_order(42)
    tables.run("UPDATE {prefix}sales_order SET state = NULL, status = NULL")
    confirm(tables, confirmed(42))

    carry(tables.session, [42])

    assert due(ProjectionStore(tables.session, ERP)) == []


def test_an_order_whose_refusal_a_save_overwrote_is_due_again(tables: Tables) -> None:
    tables.add_order(42)
    tables.insert("erp_rejection", destination=ERP, outbox_id=7, entity_id=42, reason="no", fault="no", hint="")
    carry(tables.session, [42])
    store = ProjectionStore(tables.session, ERP)
    assert due(store) == []

    tables.run("UPDATE {prefix}sales_order SET status = 'old'")

    assert due(store) == [42]


def test_a_number_that_a_save_overwrote_just_now_is_due_again(tables: Tables) -> None:
    tables.add_orders(range(1, PAGE + 50), "SO-1")
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, PAGE + 50)))
    store = ProjectionStore(tables.session, ERP)
    left_as_it_was(tables)
    tables.run(YESTERDAY)

    tables.run("UPDATE {prefix}sales_order SET ext_order_id = NULL WHERE entity_id = %s", PAGE + 40)

    assert due(store) == [PAGE + 40]


def test_a_number_that_was_overwritten_while_nobody_looked_is_found_on_the_round(tables: Tables) -> None:
    tables.add_orders(range(1, PAGE + 50), "SO-1")
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, PAGE + 50)))
    left_as_it_was(tables)
    tables.run("UPDATE {prefix}sales_order SET ext_order_id = 'so-1' WHERE entity_id = %s", PAGE + 40)
    tables.run(YESTERDAY)
    store = ProjectionStore(tables.session, ERP)

    turns = [due(store) for _ in range(4)]

    assert turns == [[], [PAGE + 40], [], [PAGE + 40]]


def test_documents_of_a_destination_that_does_not_acknowledge_are_left_out(tables: Tables) -> None:
    tables.add_orders(range(1, 4), "SO-1")
    confirm(tables, confirmed(2, number="SO-1"))
    for entity_id in (1, 2, 3):
        confirm(tables, confirmed(entity_id, number="X-9"), destination=OTHER)
    store = ProjectionStore(tables.session, ERP)
    assert due(store) == [2]

    carry(tables.session, [2])
    tables.run("UPDATE {prefix}erp_document SET projected_change = change_count WHERE destination = %s", OTHER)

    assert due(store) == []


def test_orders_that_cannot_be_written_do_not_hold_up_the_others(tables: Tables) -> None:
    tables.add_orders(range(1, 8), "")
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, 8)))
    store = ProjectionStore(tables.session, ERP)

    turns = [due(store, 3) for _ in range(4)]

    assert turns == [[1, 2, 3], [4, 5, 6], [7], [1, 2, 3]]


def test_looking_for_what_is_due_costs_what_is_due_and_one_page(tables: Tables) -> None:
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, 3_001)))
    tables.run("UPDATE {prefix}erp_document SET projected_change = change_count WHERE entity_id > 5")
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, 3_001)), destination=OTHER)
    tables.run("ANALYZE TABLE {prefix}erp_document")
    single = session_for(tables.database, connections=1)

    with counted_rows(single) as examined:
        assert len(ProjectionStore(single, ERP).due(10)) == 5

    single.close()
    assert examined[0] < 6 * PAGE


def test_what_the_projector_left_is_written_down_with_whom_it_repaired_after(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, confirmed(42))
    carry(tables.session, [42])
    tables.run("UPDATE {prefix}sales_order SET ext_order_id = NULL")

    carry(tables.session, [42])

    columns = "shown_number, shown_state, shown_status, overwritten_count, overwritten_by"
    sql = f"SELECT {columns} FROM {{prefix}}erp_document"  # noqa: S608 -- fixed names
    assert tables.rows(sql) == [("SO-1", "new", "pending", 1, "a test")]
