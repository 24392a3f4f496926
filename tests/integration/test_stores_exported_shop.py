"""The stores read what a real Magento wrote, cent for cent."""

import pytest

from sidecar.domain.money import ZERO
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.session import Session
from tests.support.exported_shop import ORDER_TABLES, load_exported_shop
from tests.support.servers import Database

pytestmark = pytest.mark.needs_shared


def test_the_lines_of_every_real_order_sum_up_to_its_subtotal_and_its_totals_to_its_grand_total(
    database: Database,
) -> None:
    load_exported_shop(database, ORDER_TABLES)
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT entity_id, subtotal, grand_total FROM sales_order")
        orders = {entity_id: (subtotal, grand_total) for entity_id, subtotal, grand_total in cursor.fetchall()}
    session = Session(database.url)
    store = MagentoStore(session)

    facts = store.order_facts(list(orders))
    gate = store.release_facts(list(orders))

    session.close()
    assert len(facts) == len(gate) == len(orders) > 30
    for entity_id, (subtotal, grand_total) in orders.items():
        order = facts[entity_id]
        totals = order.totals
        assert sum((line.total for line in order.lines), ZERO) == subtotal, order.increment_id
        assert totals["subtotal"] + totals["discount"] + totals["shipping"] + totals["tax"] == grand_total
        assert gate[entity_id].payment_method
        assert gate[entity_id].state == order.state
