"""A table that is away amid a deployment: checkout goes on, the audit finds the order, and its event is synthesised."""

import json

import pytest

from sidecar.engine.auditor import Auditor
from sidecar.mysql.audit_store import AuditStore
from sidecar.mysql.synthesis_store import SynthesisStore
from tests.support.event_schemas import check
from tests.support.obedient_shop import ObedientShop
from tests.support.rig import Rig, turn_until

pytestmark = pytest.mark.needs_php


def place(rig: Rig, shop: ObedientShop, order: int) -> None:
    rig.shop.place_past_the_module(order)
    save(shop, order)


def save(shop: ObedientShop, order: int) -> None:
    """A transaction of Magento's that changes an order and writes its event."""
    shop.do("begin")
    shop.sql("UPDATE sales_order SET customer_note = 'of this transaction' WHERE entity_id = ?", [order])
    shop.save_relations(order, state_before=None)
    shop.do("commit")


def test_an_order_placed_while_the_table_is_away_reaches_the_erp_after_the_audit(rig: Rig) -> None:
    relay = rig.relay()

    with ObedientShop(rig.shop.database) as shop:
        place(rig, shop, 1)
        rig.shop.place_past_the_module(2)
        rig.shop.execute("RENAME TABLE erp_outbox TO erp_outbox_away")
        save(shop, 2)
        rig.shop.execute("RENAME TABLE erp_outbox_away TO erp_outbox")
        place(rig, shop, 3)
        (missed,) = shop.do("log")

    assert (missed["aggregate"], missed["missed_in_this_process"]) == ("order:2", 1)
    assert rig.shop.rows("SELECT customer_note FROM sales_order WHERE entity_id = 2") == [("of this transaction",)]
    turn_until(relay, lambda: len(rig.receipts_by_event()) == 2)
    assert rig.accepted(2) == []

    found = Auditor(AuditStore(rig.session), rig.clock, rig.notes).run()
    assert list(found.without_event) == [2]
    store = SynthesisStore(rig.session, "M1")
    with store.turn():
        written = store.write_order_placed(2, found.walked_to, "ann", "the table was away")

    turn_until(relay, lambda: written in rig.receipts_by_event())
    assert len(rig.accepted(2)) == 1
    ((text,),) = rig.shop.rows("SELECT payload FROM erp_outbox WHERE id = %s", written)
    payload = json.loads(text)
    check(payload, "OrderPlaced.v1.json")
    assert payload["order"]["customer_note"] == "of this transaction"
    assert list(Auditor(AuditStore(rig.session), rig.clock, rig.notes).run().without_event) == []
