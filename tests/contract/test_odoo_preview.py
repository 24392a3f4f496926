"""A preview of what an Odoo would be told is what it is told then, and changes nothing there."""

import json

import pytest

from erp_adapters.conformance.documents import movement, movement_reference, order, order_reference
from erp_adapters.odoo import OdooAdapter
from sidecar.domain.delivery import DocumentKind, ErpId, Outcome, Reference
from sidecar.domain.documents import CustomerDocument, Document, OrderCancellation, OrderDocument, RefundDocument
from sidecar.domain.errors import Retryable
from tests.support.odoo import SKUS, a_new_reference
from tests.support.odoo_doors import DEADLINE, OdooDoors, as_json2
from tests.support.odoo_papers import LINE, address, customer, customer_reference, refund, refund_reference

pytest_plugins = ["tests.support.odoo_fixtures"]


def sold(odoo: OdooDoors, adapter: OdooAdapter) -> tuple[str, ErpId]:
    reference = a_new_reference()
    made = adapter.submit(OrderDocument(order(SKUS)), order_reference(reference), DEADLINE)
    assert made.erp_id is not None
    odoo.people.invoice(int(made.erp_id))
    return reference, made.erp_id


def written(odoo: OdooDoors, adapter: OdooAdapter, document: Document, ref: Reference) -> list[tuple[str, object]]:
    """What is sent of a document beyond reading, in order; its keys are left out, as no preview can know them."""
    odoo.way.passed.clear()
    result = adapter.submit(document, ref, DEADLINE)
    assert result.outcome is Outcome.CONFIRMED, result.words()
    calls = [as_json2(path, body) for path, body in odoo.way.passed]
    kept = ("load", "action_confirm", "action_cancel", "action_post", "button_validate")
    return [(path, {**body, "ids": None}) for path, body in calls if path.endswith(kept)]


@pytest.mark.parametrize("kind", ["order", "cancellation", "refund", "customer", "movement"])
def test_what_a_preview_shows_is_what_is_sent_then_and_it_changes_nothing(
    odoo: OdooDoors, adapter: OdooAdapter, kind: str
) -> None:
    document: Document
    match kind:
        case "order":
            document, ref = OrderDocument(order(SKUS)), order_reference(a_new_reference())
        case "cancellation":
            placed = order_reference(a_new_reference())
            made = adapter.submit(OrderDocument(order(SKUS)), placed, DEADLINE)
            ref = order_reference(placed.external_ref, 2, DocumentKind.ORDER_CANCEL, made.erp_id)
            document = OrderCancellation(order(SKUS))
        case "refund":
            document = RefundDocument(refund(LINE, tax="1.71", total="10.71"))
            ref = refund_reference(*sold(odoo, adapter))
        case "customer":
            key = int(a_new_reference()[1:8], 16)
            document, ref = CustomerDocument(customer(key, "Ada", address())), customer_reference(key, 3)
        case _:
            document, ref = movement((SKUS[0], "1"), (SKUS[1], "-1")), movement_reference(a_new_reference())
    before = odoo.counted(lambda: None)

    preview = adapter.preview(document, ref, DEADLINE)
    again = adapter.preview(document, ref, DEADLINE)

    assert before == []
    assert preview == again
    assert preview.refusal is None
    told = [as_json2(one.address.partition(odoo.way.url)[2], json.loads(one.body)) for one in preview.requests]
    shown = [(path, {**body, "ids": None}) for path, body in told]
    assert shown == written(odoo, adapter, document, ref)


def test_a_preview_holds_no_credential(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    preview = adapter.preview(OrderDocument(order(SKUS)), order_reference(a_new_reference()), DEADLINE)

    assert preview.requests
    assert odoo.there.key not in repr(preview)


def test_a_preview_of_what_would_be_refused_tells_why_and_sends_nothing(adapter: OdooAdapter) -> None:
    preview = adapter.preview(
        OrderDocument(order((SKUS[0], "XX-unknown"))), order_reference(a_new_reference()), DEADLINE
    )

    assert preview.requests == ()
    assert preview.refusal is not None
    assert preview.refusal.outcome is Outcome.REJECTED_INVALID
    assert [entry.key for entry in preview.refusal.missing] == ["skus.XX-unknown"]


def test_a_preview_of_what_is_there_already_says_so(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    ref = order_reference(a_new_reference())
    adapter.submit(OrderDocument(order(SKUS)), ref, DEADLINE)

    preview = adapter.preview(OrderDocument(order(SKUS)), ref, DEADLINE)

    assert preview.requests == ()
    assert "already" in preview.notes[0]
    assert odoo.people.orders(ref.external_ref) == 1


def test_a_preview_that_cannot_read_what_it_needs_is_none(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    odoo.lose("product.product/search_read", done=False)

    with pytest.raises(Retryable):
        adapter.preview(OrderDocument(order(SKUS)), order_reference(a_new_reference()), DEADLINE)
