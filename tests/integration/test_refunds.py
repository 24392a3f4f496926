"""Refunds: one for each credit memo, behind its order, whatever gets lost on the way."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from erp_adapters.registry import profile_path, read_profile
from sidecar.domain.delivery import ErpId, NamedDocument
from sidecar.domain.edits import edit, with_values
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import EventType, OutboxId
from sidecar.domain.policy import DestinationPolicy
from sidecar.mysql.operator_store import OperatorStore
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

BOOKS: DestinationPolicy = replace(POLICY, takes=POLICY.takes | {EventType.CREDITMEMO_CREATED})


@pytest.fixture
def rig(database: Database, erp: Sandbox) -> Iterator[Rig]:
    """A destination that takes orders and refunds."""
    with rig_on(database, erp, BOOKS) as made:
        yield made


def deliver(rig: Rig, *events: int) -> None:
    """A relay's life, until these events are done with."""
    relay = rig.relay()
    turn_until(relay, lambda: set(events) <= rig.receipts_by_event().keys())
    relay.close()


def park(rig: Rig, event: int) -> None:
    relay = rig.relay()
    turn_until(relay, lambda: rig.states().get(event) == "parked")
    relay.close()


def refunds(rig: Rig) -> list[dict[str, Any]]:
    return rig.erp.rows("SELECT * FROM refunds ORDER BY rowid")


def parked(rig: Rig) -> tuple[str, str]:
    ((reason, fault),) = rig.shop.rows("SELECT reason, fault FROM erp_delivery WHERE state = 'parked'")
    return reason, fault


def test_a_refund_follows_its_order_and_names_the_orders_document(rig: Rig) -> None:
    placed, memo = rig.shop.place(42), rig.shop.refund(17)

    deliver(rig, placed, memo)

    assert rig.receipts_by_event() == {placed: "delivered", memo: "delivered"}
    (refund,) = refunds(rig)
    number = rig.accepted(42)[0]["number"]
    assert (refund["reference"], refund["order_number"], refund["dropped"]) == ("M1-R-17", number, "[]")
    told = json.loads(refund["body"])
    assert [(line["sku"], line["quantity"], line["restockedQuantity"]) for line in told["lines"]] == [
        ("sku-1", "1.0000", "1.0000"),
        ("sku-2", "1.0000", "0"),
    ]
    assert (told["paidOut"], told["totals"]["grandTotal"]) == (False, "15.0000")
    documents = "SELECT entity_type, entity_id, external_ref, erp_number FROM erp_document ORDER BY entity_type"
    assert rig.shop.rows(documents) == [("order", 42, "M1-42", number), ("refund", 17, "M1-R-17", "RF-1")]
    assert rig.shop.rows("SELECT entity_type FROM erp_document WHERE is_due") == [("order",)]


@pytest.mark.parametrize(
    ("kind", "outcome"), [("lose_response_after_commit", "already_there"), ("lose_request", "delivered")]
)
def test_a_refund_whose_answer_or_request_was_lost_is_made_once(rig: Rig, kind: str, outcome: str) -> None:
    rig.erp.plan({"operation": "refund.create", "nth": 1, "kind": kind})
    placed, memo = rig.shop.place(42), rig.shop.refund(17)

    deliver(rig, placed, memo)

    assert rig.receipts_by_event()[memo] == outcome
    assert [refund["reference"] for refund in refunds(rig)] == ["M1-R-17"]


def test_a_relay_that_dies_during_a_refund_leaves_one(rig: Rig) -> None:
    deliver(rig, rig.shop.place(42))
    rig.erp.plan({"operation": "refund.create", "nth": 1, "kind": "delay", "seconds": 0.3, "when": "after"})
    memo, dying = rig.shop.refund(17), rig.relay()
    turn_until(dying, lambda: bool(rig.shop.rows("SELECT 1 FROM erp_cursor WHERE intents LIKE '%%refund%%'")))
    dying.close()
    rig.shop.execute("UPDATE erp_lease SET expires_at = NOW(6)")

    deliver(rig, memo)

    assert rig.receipts_by_event()[memo] in ("already_there", "delivered")
    assert len(refunds(rig)) == 1


def test_a_refund_waits_behind_an_order_that_waits_and_goes_in_its_turn(rig: Rig) -> None:
    placed, memo = rig.shop.place(42, method="card"), rig.shop.refund(17)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "waiting", memo: "held"})
    assert refunds(rig) == []

    rig.shop.pay(42)
    turn_until(relay, lambda: {placed, memo} == rig.receipts_by_event().keys())

    assert rig.receipts_by_event() == {placed: "delivered", memo: "delivered"}


def test_a_refund_of_an_order_that_the_erp_was_not_given_is_not_sent_and_says_why(rig: Rig) -> None:
    memo = rig.shop.refund(17)

    deliver(rig, memo)

    assert rig.receipts_by_event() == {memo: "unrouted"}
    assert rig.shop.rows("SELECT detail FROM erp_receipt") == [
        ("this ERP was not given the order that the credit memo is for",)
    ]
    assert refunds(rig) == []


def test_a_credit_memo_that_is_told_again_gives_no_money_back_again(rig: Rig) -> None:
    placed, memo = rig.shop.place(42), rig.shop.refund(17)
    again, saved = rig.shop.refund(17), rig.shop.tell("CreditmemoUpdated")

    deliver(rig, placed, memo, again, saved)

    assert [rig.receipts_by_event()[event] for event in (memo, again, saved)] == ["delivered", "unchanged", "unrouted"]
    assert len(refunds(rig)) == 1


def test_two_credit_memos_of_one_order_are_two_refunds_and_a_third_exceeds_it(rig: Rig) -> None:
    placed, first, rest = rig.shop.place(42), rig.shop.refund(17), rig.shop.refund(18)
    beyond = rig.shop.refund(19)

    deliver(rig, placed, first, rest)
    park(rig, beyond)

    assert [refund["reference"] for refund in refunds(rig)] == ["M1-R-17", "M1-R-18"]
    reason, fault = parked(rig)
    assert reason == "the ERP refused it"
    assert fault.startswith("REFUND_EXCEEDS_ORDER: lines[0].quantity exceeds the 0.0000 that are left")


def test_a_refused_refund_is_no_refused_order_and_goes_when_a_person_has_mended_the_cause(rig: Rig) -> None:
    deliver(rig, rig.shop.place(42))
    rig.erp.control("POST", "masterdata", {"closedUntil": "2026-11-30"})
    memo = rig.shop.refund(17)
    park(rig, memo)
    assert "PERIOD_CLOSED" in parked(rig)[1]

    assert OperatorStore(rig.session).rejected_orders([ERP], 10) == []
    projector = rig.projector()
    turn_until(projector, lambda: rig.shop.rows("SELECT 1 FROM erp_document WHERE is_due") == [])
    assert not projector.turn()
    assert rig.shop.rows("SELECT 1 FROM erp_rejection") == []

    rig.erp.control("POST", "masterdata", {"closedUntil": "2026-10-31"})
    assert rig.insights.retry_event(ERP, OutboxId(memo), "ann", "finance opened the period")
    deliver(rig, memo)

    assert rig.receipts_by_event()[memo] == "delivered"
    assert len(refunds(rig)) == 1


def test_amounts_that_do_not_add_up_park_until_a_person_edits_or_skips_the_event(rig: Rig) -> None:
    deliver(rig, rig.shop.place(42))
    odd = {"grand_total": "17.0000"}
    edited, given_up = rig.shop.refund(17, memo=odd), rig.shop.refund(18, 42, memo=odd)
    park(rig, edited)
    assert "2.0000 away" in parked(rig)[1]

    store = OperatorStore(rig.session)
    mended = [("creditmemo.grand_total", "15.0000")]
    store.edit_event(
        ERP,
        OutboxId(edited),
        lambda event, now: edit(event, now, with_values(now, mended)),
        "ann",
        "the extension adds a fee",
        dry_run=False,
    )
    deliver(rig, edited)
    park(rig, given_up)
    assert rig.insights.skip_event(ERP, OutboxId(given_up), "ann", "booked by hand")
    deliver(rig, given_up)

    assert [rig.receipts_by_event()[event] for event in (edited, given_up)] == ["delivered", "skipped"]
    assert [refund["reference"] for refund in refunds(rig)] == ["M1-R-17"]


@pytest.mark.slow
def test_a_refund_that_a_person_found_is_tied_to_its_own_document(database: Database, tmp_path: Path) -> None:
    profile = read_profile(profile_path("sandbox", tmp_path))
    assert isinstance(profile, dict)
    del profile["operations"]["refund_find"]
    (tmp_path / "blind.yaml").write_text(yaml.safe_dump(profile))
    with sandbox(tmp_path) as erp, rig_on(database, erp, BOOKS, profile=str(tmp_path / "blind.yaml")) as rig:
        deliver(rig, rig.shop.place(42))
        rig.erp.plan({"operation": "refund.create", "nth": 1, "kind": "lose_response_after_commit"})
        memo, relay = OutboxId(rig.shop.refund(17)), rig.relay()
        stuck = [("unknown", None)]
        turn_until(relay, lambda: rig.shop.rows("SELECT state, next_attempt_at FROM erp_delivery") == stuck)
        ((hint,),) = rig.shop.rows("SELECT hint FROM erp_delivery")
        order = rig.accepted(42)[0]["number"]
        assert f"look in the Sandbox ERP under Sales orders, field Reference for M1-R-17 (of {order})" in hint

        store = OperatorStore(rig.session)
        store.confirm_event(ERP, memo, NamedDocument(ErpId("RF-1"), "RF-1"), "ann", "found it")
        turn_until(relay, lambda: memo in rig.receipts_by_event())

        assert rig.receipts_by_event()[memo] == "already_there"
        documents = rig.shop.rows("SELECT entity_type, erp_number FROM erp_document ORDER BY entity_type")
        assert documents == [("order", order), ("refund", "RF-1")]
        second = OutboxId(rig.shop.refund(18))
        rig.erp.plan({"operation": "refund.create", "nth": 1, "kind": "lose_request"})
        turn_until(relay, lambda: rig.shop.rows("SELECT state, next_attempt_at FROM erp_delivery") == stuck)
        with pytest.raises(NotPossible, match="RF-1 is the document of refund 17 already"):
            store.confirm_event(ERP, second, NamedDocument(ErpId("RF-1"), "RF-1"), "ann", "the same?")


def test_a_refund_that_the_erp_stored_otherwise_is_found_by_reading_it_back(database: Database, erp: Sandbox) -> None:
    with rig_on(database, erp, replace(BOOKS, read_back_first=1)) as rig:
        rig.erp.plan({"operation": "refund.create", "nth": 1, "kind": "drop_line"})
        placed, memo = rig.shop.place(42), rig.shop.refund(17)

        deliver(rig, placed, memo)

        assert rig.shop.rows("SELECT kind, subject, path FROM erp_finding") == [
            ("line_missing", "refund:17", "lines[422]")
        ]


def test_a_destination_that_takes_no_refunds_is_sent_none(database: Database, erp: Sandbox) -> None:
    with rig_on(database, erp) as rig:
        placed, memo = rig.shop.place(42), rig.shop.refund(17)

        deliver(rig, placed, memo)

        assert rig.receipts_by_event() == {placed: "delivered", memo: "unrouted"}
        assert refunds(rig) == []
