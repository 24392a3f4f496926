"""A person says which document of the ERP an event has become; what the ERP can show is looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.domain.delivery import ErpId, NamedDocument
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import OutboxId
from sidecar.mysql.operator_store import OperatorStore
from tests.support.profiles import profile_with
from tests.support.rig import ERP, Rig, rig_on, turn_until
from tests.support.sandbox import an_order, sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow


@pytest.fixture(params=["readable", "silent"])
def rig(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Rig]:
    """An ERP that cannot be searched, and whose documents can be read or not even that."""
    without = "" if request.param == "readable" else "read"
    profile = profile_with("none", tmp_path, without=without)
    with sandbox(tmp_path) as erp, rig_on(database, erp, profile=profile) as made:
        yield made


@pytest.fixture
def readable(database: Database, tmp_path: Path) -> Iterator[Rig]:
    with sandbox(tmp_path) as erp, rig_on(database, erp, profile=profile_with("none", tmp_path)) as made:
        yield made


def in_doubt(rig: Rig, kind: str) -> OutboxId:
    rig.erp.plan({"operation": "order.create", "nth": 1, "count": 1, "kind": kind})
    event = OutboxId(rig.shop.place(42))
    relay = rig.relay()
    turn_until(relay, lambda: rig.shop.rows("SELECT state, next_attempt_at FROM erp_delivery") == [("unknown", None)])
    relay.close()
    return event


def confirm(rig: Rig, event: OutboxId, number: str) -> None:
    named = NamedDocument(ErpId(number), number)
    OperatorStore(rig.session).confirm_event(ERP, event, named, "ann", "found it in the back office")


def test_an_order_that_a_person_found_is_receipted_and_its_next_change_goes_to_that_document(rig: Rig) -> None:
    event = in_doubt(rig, "lose_response_after_commit")
    number = rig.accepted(42)[0]["number"]
    relay = rig.relay()

    confirm(rig, event, number)
    turn_until(relay, lambda: event in rig.receipts_by_event())
    change = rig.shop.update(42, quantity="3.0000")
    turn_until(relay, lambda: change in rig.receipts_by_event())

    assert [row["kind"] for row in rig.accepted(42)] == ["create", "change"]
    assert rig.shop.rows("SELECT erp_number, revision FROM erp_document") == [(number, change)]
    assert rig.shop.rows("SELECT outcome, actor, erp_number FROM erp_receipt WHERE outbox_id = %s", event) == [
        ("already_there", "operator", number)
    ]
    assert rig.shop.rows("SELECT action, actor, detail FROM erp_operator_action") == [
        ("confirm", "ann", f"number {number}, key {number}")
    ]


def test_a_number_that_the_erp_does_not_have_is_not_believed(readable: Rig) -> None:
    event = in_doubt(readable, "lose_request")
    relay = readable.relay()

    confirm(readable, event, "SO-999999")
    turn_until(relay, lambda: readable.states() == {event: "parked"})

    assert readable.shop.rows("SELECT reason, fault FROM erp_delivery") == [
        ("the ERP does not have the document that was named", "SO-999999")
    ]
    assert readable.receipts_by_event() == {}


def test_another_order_s_document_is_not_believed(readable: Rig) -> None:
    event = in_doubt(readable, "lose_request")
    other = readable.erp.ask("POST", "/api/orders", an_order("M1-77")).body["number"]
    relay = readable.relay()

    confirm(readable, event, other)
    turn_until(relay, lambda: readable.states() == {event: "parked"})

    ((reason, fault),) = readable.shop.rows("SELECT reason, fault FROM erp_delivery")
    assert reason == "the document that was named is not this order's"
    assert f"{other}: its reference is M1-77" in fault
    assert readable.shop.rows("SELECT COUNT(*) FROM erp_finding") == [(0,)]


def test_a_document_that_was_cancelled_is_not_believed(readable: Rig) -> None:
    event = in_doubt(readable, "lose_response_after_commit")
    number = readable.accepted(42)[0]["number"]
    readable.erp.control("POST", f"orders/{number}", {"status": "cancelled"})
    relay = readable.relay()

    confirm(readable, event, number)
    turn_until(relay, lambda: readable.states() == {event: "parked"})

    assert readable.receipts_by_event() == {}


def test_one_document_does_not_stand_for_two_orders(rig: Rig) -> None:
    first = rig.shop.place(41)
    relay = rig.relay()
    turn_until(relay, lambda: first in rig.receipts_by_event())
    relay.close()
    event = in_doubt(rig, "lose_request")

    with pytest.raises(NotPossible, match="is the document of order 41 already"):
        confirm(rig, event, rig.accepted(41)[0]["number"])


def test_an_order_s_change_is_confirmed_only_under_the_order_s_own_number(readable: Rig) -> None:
    rig = readable
    relay = rig.relay()
    placed = rig.shop.place(42)
    turn_until(relay, lambda: placed in rig.receipts_by_event())
    rig.erp.plan({"operation": "order.change", "nth": 1, "count": 1, "kind": "reject", "code": "X", "message": "no"})
    change = OutboxId(rig.shop.update(42, quantity="3.0000"))
    turn_until(relay, lambda: rig.states() == {change: "parked"})

    with pytest.raises(NotPossible, match="is SO-100001 in the ERP already, not SO-5"):
        confirm(rig, change, "SO-5")


def test_what_the_relay_may_still_send_cannot_be_confirmed(rig: Rig) -> None:
    event = OutboxId(rig.shop.place(42, method="card"))
    turn_until(rig.relay(), lambda: rig.states() == {event: "waiting"})

    with pytest.raises(NotPossible, match="is waiting") as refusal:
        confirm(rig, event, "SO-1")

    assert "erp-sidecar lane pause" in refusal.value.hint
