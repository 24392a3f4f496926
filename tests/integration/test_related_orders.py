"""Related orders, as a real Magento wrote them, and what the servers make of looking for them."""

from datetime import timedelta

import pytest

from sidecar.domain.duplicates import twins_of
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.related_orders import RelatedOrders
from sidecar.mysql.session import Session
from tests.support.exported_shop import ORDER_TABLES, load_exported_shop
from tests.support.servers import Database
from tests.support.stores import Tables, counted_rows

WINDOW = timedelta(minutes=10)
FEW = 40
"""Rows that five look-ups by key may read."""


@pytest.mark.needs_shared
def test_two_submits_of_one_cart_are_the_only_duplicates_among_a_real_shops_orders(database: Database) -> None:
    load_exported_shop(database, ORDER_TABLES)
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT entity_id FROM sales_order")
        orders = [entity_id for (entity_id,) in cursor.fetchall()]
    session = Session(database.url)
    related, magento = RelatedOrders(session), MagentoStore(session)

    siblings, bought = related.siblings(orders, WINDOW), related.purchases(orders)
    facts, predecessors = magento.release_facts(orders), related.predecessors(orders)

    session.close()
    assert len(bought) == len(predecessors) == len(orders) > 30
    assert {one: list(others) for one, others in siblings.items()} == {465: [466], 466: [465]}
    assert twins_of(bought[465], list(bought.values()), WINDOW) == [bought[466]]
    assert {one for one, fact in facts.items() if fact.has_siblings} == {465, 466}
    assert all(fact.predecessor == 0 for fact in facts.values())
    twins = {one: twins_of(bought[one], list(bought.values()), timedelta(days=1)) for one in orders}
    assert {one for one, found in twins.items() if found} == {465, 466}


def test_the_gate_finds_siblings_by_the_index_on_the_quote_however_many_orders_there_are(tables: Tables) -> None:
    for number in range(1, 400):
        tables.add_order(number, quote_id=number // 2)
    store, related = MagentoStore(tables.session), RelatedOrders(tables.session)

    with counted_rows(tables.session) as read:
        facts = store.release_facts([10, 11, 1])
        siblings = related.siblings([10, 11], WINDOW)

    assert {one: fact.has_siblings for one, fact in facts.items()} == {10: True, 11: True, 1: False}
    assert siblings == {10: [11], 11: [10]}
    assert read[0] < FEW
