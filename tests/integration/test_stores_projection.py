"""The projector is told what Magento does not show: new changes, and numbers that a stale save overwrote."""

from sidecar.domain.events import OutboxId
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.step import ConfirmedDocument, Cursor, Step
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.projection_store import PAGE, ProjectionStore
from sidecar.mysql.receipt_store import ReceiptStore
from tests.support.stores import ERP, OTHER, Tables, confirmed, counted_rows, session_for

YESTERDAY = "UPDATE {prefix}sales_order SET updated_at = NOW() - INTERVAL 1 DAY"


def confirm(tables: Tables, *documents: ConfirmedDocument, destination: str = ERP) -> None:
    token = LeaseStore(tables.session).acquire("relay", destination, "test", LeaseTerms())
    assert token is not None
    ReceiptStore(tables.session).commit_step(
        OTHER if destination == OTHER else ERP, token, Step(Cursor(OutboxId(1)), documents=documents)
    )


def due(store: ProjectionStore, limit: int = 10) -> list[tuple[int, int, bool]]:
    return [(document.entity_id, document.change, first) for document, first in store.unprojected(limit)]


def test_a_confirmed_document_is_due_until_magento_shows_it(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, confirmed(42, revision=7))
    store = ProjectionStore(tables.session, ERP)
    assert due(store) == [(42, 1, True)]

    tables.run("UPDATE {prefix}sales_order SET ext_order_id = 'SO-1'")
    store.mark_projected(42, 1)

    assert due(store) == []


def test_a_new_confirmation_is_due_again_and_is_not_the_first(tables: Tables) -> None:
    tables.add_order(42, ext_order_id="SO-1")
    confirm(tables, confirmed(42, revision=7))
    store = ProjectionStore(tables.session, ERP)
    store.mark_projected(42, 1)

    confirm(tables, confirmed(42, revision=9))

    assert due(store) == [(42, 2, False)]


def test_marking_an_older_change_does_not_hide_a_newer_one(tables: Tables) -> None:
    tables.add_order(42)
    confirm(tables, confirmed(42, revision=7))
    store = ProjectionStore(tables.session, ERP)
    confirm(tables, confirmed(42, revision=9))

    store.mark_projected(42, 1)

    assert due(store) == [(42, 2, False)]


def test_a_mark_that_comes_late_does_not_take_a_newer_one_back(tables: Tables) -> None:
    tables.add_order(42, ext_order_id="SO-1")
    for revision in (7, 9):
        confirm(tables, confirmed(42, revision=revision))
    store = ProjectionStore(tables.session, ERP)
    store.mark_projected(42, 2)

    store.mark_projected(42, 1)

    assert due(store) == []


def test_a_number_that_a_save_overwrote_just_now_is_due_again(tables: Tables) -> None:
    tables.add_orders(range(1, PAGE + 50), "SO-1")
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, PAGE + 50)))
    store = ProjectionStore(tables.session, ERP)
    tables.run("UPDATE {prefix}erp_document SET projected_change = change_count")
    tables.run(YESTERDAY)

    tables.run("UPDATE {prefix}sales_order SET ext_order_id = NULL WHERE entity_id = %s", PAGE + 40)

    assert due(store) == [(PAGE + 40, 1, False)]


def test_a_number_that_was_overwritten_while_nobody_looked_is_found_on_the_round(tables: Tables) -> None:
    tables.add_orders(range(1, PAGE + 50), "SO-1")
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, PAGE + 50)))
    tables.run("UPDATE {prefix}erp_document SET projected_change = change_count")
    tables.run("UPDATE {prefix}sales_order SET ext_order_id = 'so-1' WHERE entity_id = %s", PAGE + 40)
    tables.run(YESTERDAY)
    store = ProjectionStore(tables.session, ERP)

    turns = [due(store) for _ in range(4)]

    assert turns == [[], [(PAGE + 40, 1, False)], [], [(PAGE + 40, 1, False)]]


def test_documents_of_a_destination_that_does_not_acknowledge_are_left_out(tables: Tables) -> None:
    tables.add_orders(range(1, 4), "SO-1")
    confirm(tables, confirmed(2, number="SO-1"))
    for entity_id in (1, 2, 3):
        confirm(tables, confirmed(entity_id, number="X-9"), destination=OTHER)
    store = ProjectionStore(tables.session, ERP)
    assert due(store) == [(2, 1, True)]

    store.mark_projected(2, 1)
    tables.run("UPDATE {prefix}erp_document SET projected_change = change_count WHERE destination = %s", OTHER)

    assert due(store) == []


def test_orders_that_cannot_be_written_do_not_hold_up_the_others(tables: Tables) -> None:
    tables.add_orders(range(1, 8), "")
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, 8)))
    store = ProjectionStore(tables.session, ERP)

    turns = [[entity_id for entity_id, _, _ in due(store, 3)] for _ in range(4)]

    assert turns == [[1, 2, 3], [4, 5, 6], [7], [1, 2, 3]]


def test_looking_for_what_is_due_costs_what_is_due_and_one_page(tables: Tables) -> None:
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, 3_001)))
    tables.run("UPDATE {prefix}erp_document SET projected_change = change_count WHERE entity_id > 5")
    confirm(tables, *(confirmed(entity_id) for entity_id in range(1, 3_001)), destination=OTHER)
    tables.run("ANALYZE TABLE {prefix}erp_document")
    single = session_for(tables.database, connections=1)

    with counted_rows(single) as examined:
        assert len(ProjectionStore(single, ERP).unprojected(10)) == 5

    single.close()
    assert examined[0] < 5 * PAGE
