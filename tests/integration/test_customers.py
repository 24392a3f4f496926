"""Customers: told whole, in the newest version, once for many saves."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sidecar.domain.events import EventType, OutboxId
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

PEOPLE = {EventType.CUSTOMER_SAVED, EventType.CUSTOMER_DELETED}


@pytest.fixture
def rig(database: Database, erp: Sandbox) -> Iterator[Rig]:
    """A destination that takes orders and customers."""
    with rig_on(database, erp, replace(POLICY, takes=POLICY.takes | PEOPLE)) as made:
        yield made


def deliver(rig: Rig, *events: int) -> None:
    """A relay's life, until these events are done with."""
    relay = rig.relay()
    turn_until(relay, lambda: set(events) <= rig.receipts_by_event().keys())
    relay.close()


def revisions(rig: Rig) -> list[dict[str, Any]]:
    rows = rig.erp.rows("SELECT r.*, c.reference FROM customer_revisions r JOIN customers c USING (number)")
    return [{**row, "body": json.loads(row["body"])} for row in rows]


def named(name: str) -> dict[str, Any]:
    return {"customer": {"lastname": name}}


def test_a_customer_is_told_with_every_address_under_the_shops_own_reference(rig: Rig) -> None:
    saved = rig.shop.save_customer(7)

    deliver(rig, saved)

    (told,) = revisions(rig)
    assert (told["reference"], told["source_revision"], told["dropped"]) == ("M1-C-7", saved, "[]")
    assert (told["body"]["name"], told["body"]["taxNumber"]) == ("Zoë Müller", "DE123456789")
    (address,) = told["body"]["addresses"]
    assert (address["street"], address["city"], address["isBilling"]) == (["1 Road", "Back door"], "Köln", True)
    documents = rig.shop.rows("SELECT entity_type, entity_id, external_ref, erp_number, is_due FROM erp_document")
    assert documents == [("customer", 7, "M1-C-7", "CU-500001", 0)]


def test_five_saves_in_a_row_are_one_customer_in_the_newest_version(rig: Rig) -> None:
    saves = [rig.shop.save_customer(7, **named(f"Müller-{number}")) for number in range(5)]

    deliver(rig, *saves)

    assert [(one["body"]["name"], one["source_revision"]) for one in revisions(rig)] == [("Zoë Müller-4", saves[-1])]
    assert [rig.receipts_by_event()[event] for event in saves] == ["delivered"] + ["absorbed"] * 4


def test_a_save_that_changes_nothing_sends_nothing_and_one_that_does_replaces_the_customer(rig: Rig) -> None:
    first = rig.shop.save_customer(7)
    deliver(rig, first)
    same, moved = rig.shop.save_customer(7), rig.shop.save_customer(7, addresses=[])

    deliver(rig, same, moved)

    assert [rig.receipts_by_event()[event] for event in (first, same, moved)] == ["delivered", "delivered", "absorbed"]
    unchanged = rig.shop.save_customer(7, addresses=[])
    deliver(rig, unchanged)
    assert rig.receipts_by_event()[unchanged] == "unchanged"
    assert [(one["source_revision"], len(one["body"]["addresses"])) for one in revisions(rig)] == [
        (first, 1),
        (moved, 0),
    ]
    assert rig.shop.rows("SELECT erp_number, revision FROM erp_document") == [("CU-500001", moved)]


@pytest.mark.parametrize(
    ("kind", "outcome"), [("lose_response_after_commit", "already_there"), ("lose_request", "delivered")]
)
def test_a_customer_whose_answer_or_request_was_lost_is_told_once(rig: Rig, kind: str, outcome: str) -> None:
    rig.erp.plan({"operation": "customer.put", "nth": 2, "kind": kind})
    first = rig.shop.save_customer(7)
    deliver(rig, first)
    changed = rig.shop.save_customer(7, **named("Meyer"))

    deliver(rig, changed)

    assert rig.receipts_by_event()[changed] == outcome
    assert [one["source_revision"] for one in revisions(rig)] == [first, changed]


def test_a_save_that_cannot_be_read_parks_alone_and_those_before_it_go(rig: Rig) -> None:
    first = rig.shop.save_customer(7)
    broken = rig.shop.save_customer(7, customer={"email": None})
    relay = rig.relay()

    turn_until(relay, lambda: rig.states() == {broken: "parked"})
    assert rig.receipts_by_event() == {first: "delivered"}

    assert rig.insights.skip_event(ERP, OutboxId(broken), "ann", "a test account")
    turn_until(relay, lambda: broken in rig.receipts_by_event())
    assert len(revisions(rig)) == 1


def test_a_deleted_account_stays_in_the_erp_and_says_so(rig: Rig) -> None:
    saved, deleted = rig.shop.save_customer(7), rig.shop.tell("CustomerDeleted", "customer:7")

    deliver(rig, saved, deleted)

    assert rig.receipts_by_event() == {saved: "delivered", deleted: "unrouted"}
    assert rig.shop.rows("SELECT detail FROM erp_receipt WHERE outbox_id = %s", deleted) == [
        ("an ERP keeps its customers; erasure has its own way",)
    ]


def test_a_customer_and_an_order_with_one_id_are_two_documents_and_do_not_wait_for_each_other(rig: Rig) -> None:
    rig.erp.plan({"operation": "customer.put", "nth": 1, "kind": "reject", "code": "NO", "message": "not him"})
    saved, placed = rig.shop.save_customer(42), rig.shop.place(42)
    relay = rig.relay()

    turn_until(relay, lambda: placed in rig.receipts_by_event() and rig.states() == {saved: "parked"})

    assert rig.insights.retry_event(ERP, OutboxId(saved), "ann", "he is fine")
    turn_until(relay, lambda: saved in rig.receipts_by_event())
    assert rig.shop.rows("SELECT entity_type, entity_id FROM erp_document ORDER BY 1") == [
        ("customer", 42),
        ("order", 42),
    ]
