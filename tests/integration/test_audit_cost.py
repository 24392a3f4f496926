"""The audit reads an outbox of any length in pages, each of which costs its own rows."""

from datetime import UTC, datetime

from sidecar.domain.erasure import Person
from sidecar.domain.events import OutboxId
from sidecar.mysql.audit_store import AuditStore
from sidecar.mysql.erasure_store import ErasureStore
from tests.support.aged import done, old_events
from tests.support.stores import PREFIX, Tables, counted_rows, session_for

MANY = 3000
SOME = 50


def fill(tables: Tables) -> None:
    old_events(tables, range(1, MANY + 1))
    done(tables, range(1, MANY + 1), upto=MANY)
    sql = (
        f"INSERT INTO {PREFIX}sales_order (entity_id, increment_id, customer_id, created_at)"  # noqa: S608 -- fixed
        " VALUES (%s, %s, %s, '2026-01-01 00:00:00' + INTERVAL %s MINUTE)"
    )
    with tables.database.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(sql, [(number, str(number), number % 1000, number // 3) for number in range(1, MANY + 1)])
    tables.run("ANALYZE TABLE {prefix}erp_outbox, {prefix}erp_receipt, {prefix}sales_order")


def test_a_page_of_events_and_a_page_of_orders_touch_their_own_rows(tables: Tables) -> None:
    fill(tables)
    single = session_for(tables.database, connections=1)
    store = AuditStore(single)

    with counted_rows(single) as events:
        page = store.events_page(OutboxId(1000), SOME)
        assert store.unaccounted(page[0].id, page[-1].id) == []
    with counted_rows(single) as orders:
        since = datetime(2026, 1, 1, 8, 20, tzinfo=UTC)
        first = single.rows(
            single.statements("audit_store")["orders_page"], since=since.replace(tzinfo=None), after=0, limit=SOME
        )

    single.close()
    assert len(page) == len(first) == SOME
    assert events[0] < SOME * 8
    assert orders[0] < SOME * 3


def test_the_pages_of_orders_meet_every_order_once(tables: Tables) -> None:
    fill(tables)

    pages = list(AuditStore(tables.session).orders_since(datetime(2026, 1, 1, tzinfo=UTC)))

    assert [number for page in pages for number in page] == list(range(1, MANY + 1))
    assert len(pages) > 1


def test_the_orders_of_one_customer_are_found_by_magentos_index(tables: Tables) -> None:
    fill(tables)
    single = session_for(tables.database, connections=1)
    find = single.statements("erasure_store")["orders_of_customer"]

    with counted_rows(single) as examined:
        assert len(single.rows(find, customer_id=7)) == 3

    single.close()
    assert examined[0] < 20
    assert ErasureStore(tables.session).find(Person(customer_id=7))[0] == [7, 1007, 2007]
