"""What an ERP did is kept with the position behind it, worked on one document of an order at a time, and moved by
compare-and-set alone.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from sidecar.domain.delivery import ChangeKind, ErpId
from sidecar.domain.errors import LeaseLost, NotPossible
from sidecar.domain.events import OutboxId
from sidecar.domain.inbound import (
    Ask,
    Decision,
    DocumentLine,
    DocumentRequest,
    InboundDocument,
    InboundEntry,
    InboundKind,
    InboundLine,
    InboundState,
    InboundTrack,
    Service,
    Verdict,
)
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.domain.step import Cursor, Step
from sidecar.mysql.changes_store import ChangesStore
from sidecar.mysql.inbound_decisions import InboundDecisions
from sidecar.mysql.inbound_store import InboundStore
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.session import Work
from sidecar.ports.inbound import Reading
from tests.support.stores import ERP, OTHER, Tables, confirmed

TERMS = LeaseTerms()
DELIVERY = InboundDocument(
    kind=InboundKind.DELIVERY,
    erp_id=ErpId("8001"),
    erp_number="8001",
    version="1",
    order_ref="M1-42",
    lines=(InboundLine("421", "sku-1", Decimal("1.5000"), Decimal(2), Decimal(0), "sold out — ausverkauft"),),
    tracks=(InboundTrack("dhl", "DHL", "00340434"),),
    warehouse="W1",
    currency="EUR",
    amounts={"grand_total": Decimal("12.3400")},
    final=True,
)
ASK = Ask(
    Service.REFUND_INVOICE,
    DocumentRequest(
        mark="delivery 8001 of erp",
        lines=(DocumentLine(421, Decimal("1.5000"), back_to_stock=True),),
        tracks=DELIVERY.tracks,
        source="west",
        capture=True,
        online=True,
        notify=True,
        shipping=Decimal("5.0"),
        adjustment_negative=Decimal(0),
    ),
    target=7,
)
FINDING = Finding(ERP, FindingKind.SHORT_PICK, "order:42", "delivery 8001", "ordered", "missing", "inbound")


def page(*documents: InboundDocument, position: str = "p1", entity: int = 42) -> Reading:
    told = [(entity, document) for document in documents]
    return Reading(ChangeKind.DELIVERIES, position, len(documents), told)


def reader_of(tables: Tables) -> tuple[ChangesStore, int]:
    token = LeaseStore(tables.session).acquire("changes", ERP, "a", TERMS)
    assert token is not None
    return ChangesStore(tables.session), token


def kept(tables: Tables, *documents: InboundDocument, entity: int = 42) -> InboundStore:
    store, token = reader_of(tables)
    store.record(ERP, token, page(*documents, entity=entity))
    return InboundStore(tables.session)


def only(entries: object) -> InboundEntry:
    (entry,) = list(entries)  # type: ignore[call-overload] # any sequence of entries
    assert isinstance(entry, InboundEntry)
    return entry


# -- reading ---------------------------------------------------------------------------------------------------------


def test_a_page_is_kept_with_the_position_behind_it_and_comes_back_exactly(tables: Tables) -> None:
    store, token = reader_of(tables)

    assert store.positions(ERP) == dict.fromkeys(ChangeKind)
    assert store.record(ERP, token, page(DELIVERY)) == 1

    assert store.positions(ERP)[ChangeKind.DELIVERIES] == "p1"
    assert only(InboundStore(tables.session).due(ERP, 5)).document == DELIVERY


def test_a_reader_whose_lease_is_gone_keeps_neither_page_nor_position(tables: Tables) -> None:
    store, token = reader_of(tables)
    LeaseStore(tables.session).release("changes", ERP, "a", token)
    assert LeaseStore(tables.session).acquire("changes", ERP, "b", TERMS) == token + 1

    with pytest.raises(LeaseLost):
        store.record(ERP, token, page(DELIVERY))

    assert store.positions(ERP)[ChangeKind.DELIVERIES] is None
    assert InboundStore(tables.session).due(ERP, 5) == []


def test_the_same_document_told_again_changes_nothing(tables: Tables) -> None:
    store, token = reader_of(tables)
    store.record(ERP, token, page(DELIVERY, DELIVERY))

    assert store.record(ERP, token, page(DELIVERY)) == 0
    assert tables.value("SELECT COUNT(*) FROM {prefix}erp_inbound_document") == 1


def test_a_new_version_is_judged_again_unless_a_person_has_put_it_aside(tables: Tables) -> None:
    store, token = reader_of(tables)
    inbound, decisions = InboundStore(tables.session), InboundDecisions(tables.session)
    store.record(ERP, token, page(DELIVERY))
    entry = only(inbound.due(ERP, 5))
    inbound.settle(ERP, entry, Verdict(InboundState.PARKED, "no"))
    assert inbound.due(ERP, 5) == []

    store.record(ERP, token, page(replace(DELIVERY, version="2")))
    assert only(inbound.due(ERP, 5)).document.version == "2"

    decisions.skip(entry.id, "ann", "done by hand")
    store.record(ERP, token, page(replace(DELIVERY, version="3")))
    assert inbound.due(ERP, 5) == []
    assert decisions.document(entry.id)[1].document.version == "3"


def test_a_status_is_recorded_in_the_same_transaction_as_its_page(tables: Tables) -> None:
    leases = LeaseStore(tables.session)
    relay = leases.acquire("relay", ERP, "a", TERMS)
    assert relay is not None
    ReceiptStore(tables.session).commit_step(ERP, relay, Step(Cursor(OutboxId(0)), documents=(confirmed(42),)))
    store, token = reader_of(tables)
    orders = Reading(ChangeKind.ORDERS, "o9", 1, statuses=[(42, "posted"), (77, "posted")], findings=[FINDING])

    assert store.record(ERP, token, orders) == 1
    assert store.record(ERP, token, orders) == 0

    assert store.statuses(ERP, [42, 77]) == {42: "posted"}
    assert tables.value("SELECT seen_count FROM {prefix}erp_finding") == 2


# -- working ---------------------------------------------------------------------------------------------------------


def test_one_document_of_an_order_is_worked_on_at_a_time(tables: Tables) -> None:
    other = replace(DELIVERY, erp_id=ErpId("8002"), erp_number="8002")
    inbound = kept(tables, DELIVERY, other)
    kept(tables, replace(DELIVERY, erp_id=ErpId("9000")), entity=43)
    first, elsewhere = inbound.due(ERP, 5)
    assert (first.document.erp_id, elsewhere.entity_id) == ("8001", 43)

    begun = inbound.begin(first, ASK)

    assert begun is not None
    assert [entry.entity_id for entry in inbound.due(ERP, 5)] == [43]
    second = InboundDecisions(tables.session).document(first.id + 1)[1]
    assert inbound.begin(second, ASK) is None
    inbound.settle(ERP, begun, Verdict(InboundState.DONE, magento_id=7))
    assert {entry.document.erp_id for entry in inbound.due(ERP, 5)} == {"8002", "9000"}


def test_a_call_is_written_down_whole_before_it_is_made(tables: Tables) -> None:
    inbound = kept(tables, DELIVERY)

    begun = inbound.begin(only(inbound.due(ERP, 5)), ASK)

    assert begun is not None
    assert (begun.state, begun.attempts, begun.ask) == (InboundState.CALLING, 1, ASK)
    assert begun.called_ago is not None
    assert begun.called_ago < timedelta(minutes=1)


def test_a_document_is_begun_once_however_many_try(tables: Tables) -> None:
    inbound = kept(tables, DELIVERY)
    entry = only(inbound.due(ERP, 5))

    assert inbound.begin(entry, ASK) is not None
    assert inbound.begin(entry, ASK) is None
    assert not inbound.settle(ERP, entry, Verdict(InboundState.PARKED))


def test_what_a_process_that_is_gone_has_left_calling_is_unknown(tables: Tables) -> None:
    inbound = kept(tables, DELIVERY)
    inbound.begin(only(inbound.due(ERP, 5)), ASK)

    assert inbound.doubt_calls(OTHER) == 0
    assert inbound.doubt_calls(ERP) == 1

    assert only(inbound.due(ERP, 5)).state is InboundState.UNKNOWN


def test_a_document_that_the_erp_changes_during_the_call_is_judged_again(tables: Tables) -> None:
    inbound = kept(tables, DELIVERY)
    begun = inbound.begin(only(inbound.due(ERP, 5)), ASK)
    kept(tables, replace(DELIVERY, version="2"))
    assert begun is not None

    assert inbound.settle(ERP, begun, Verdict(InboundState.DONE, magento_id=7))

    again = only(inbound.due(ERP, 5))
    assert (again.state, again.magento_id, again.document.version) == (InboundState.NEW, 7, "2")


def test_a_shortage_and_its_finding_come_with_the_verdict_and_a_later_delivery_wakes_it(tables: Tables) -> None:
    shortage = replace(DELIVERY, kind=InboundKind.SHORTAGE, erp_id=ErpId("8001:short"))
    inbound = kept(tables, DELIVERY)
    begun = inbound.begin(only(inbound.due(ERP, 5)), ASK)
    assert begun is not None
    inbound.settle(ERP, begun, Verdict(InboundState.DONE, magento_id=7, findings=(FINDING,), shortage=shortage))
    asked = only(inbound.due(ERP, 5))
    assert asked.document.kind is InboundKind.SHORTAGE
    inbound.settle(ERP, asked, Verdict(InboundState.PARKED, "missing", "decide {id}"))
    decisions = InboundDecisions(tables.session)
    decisions.decide(asked.id, Decision.WAIT, "ann", "tomorrow")
    assert decisions.document(asked.id)[1].state is InboundState.WAITING

    later = kept(tables, replace(DELIVERY, erp_id=ErpId("8002")))
    later.settle(ERP, only(later.due(ERP, 5)), Verdict(InboundState.DONE, magento_id=8))

    woken = only(inbound.due(ERP, 5))
    assert (woken.id, woken.decision, woken.hint) == (asked.id, Decision.WAIT, "")
    assert tables.value("SELECT kind FROM {prefix}erp_finding") == "short_pick"
    assert inbound.claimed(asked, Service.SHIP) == {7, 8}


# -- people ----------------------------------------------------------------------------------------------------------


def test_what_a_person_decides_is_done_once_and_kept_with_the_name(tables: Tables) -> None:
    inbound = kept(tables, DELIVERY)
    entry = only(inbound.due(ERP, 5))
    inbound.settle(ERP, entry, Verdict(InboundState.PARKED, "no stock", "inbound retry {id}", fault="Not all"))
    decisions = InboundDecisions(tables.session)
    assert only(entry for _, entry in decisions.listed(["parked"], 9)).hint == f"inbound retry {entry.id}"

    assert decisions.retry(entry.id, "ann", "stock is there") is InboundState.NEW

    with pytest.raises(NotPossible, match=f"document {entry.id} is new"):
        decisions.retry(entry.id, "ann", "again")
    with pytest.raises(NotPossible, match="there is no inbound document 999"):
        decisions.skip(999, "ann", "gone")
    inbound.settle(ERP, only(inbound.due(ERP, 5)), Verdict(InboundState.PARKED))
    with pytest.raises(NotPossible, match="is a delivery, and only shortages are decided about"):
        decisions.decide(entry.id, Decision.REFUND, "ann", "x")
    action = "SELECT action, actor, reason, lane, state_before, fault_before, detail FROM {prefix}erp_operator_action"
    assert tables.rows(action) == [
        ("retry", "ann", "stock is there", "order:42", "parked", "Not all", f"inbound {entry.id}: delivery 8001")
    ]


def test_what_magento_may_hold_is_looked_for_before_it_is_tried_again(tables: Tables) -> None:
    inbound = kept(tables, DELIVERY)
    begun = inbound.begin(only(inbound.due(ERP, 5)), ASK)
    assert begun is not None
    inbound.settle(ERP, begun, Verdict(InboundState.PARKED, "the answer was lost"))

    assert InboundDecisions(tables.session).retry(begun.id, "ann", "the provider has nothing") is InboundState.UNKNOWN

    looked_for = only(inbound.due(ERP, 5))
    assert (looked_for.state, looked_for.decision) == (InboundState.UNKNOWN, Decision.RETRY)


def test_dbas_see_what_is_on_its_way_and_what_awaits_a_person(tables: Tables) -> None:
    tables.add_order(42)
    done = replace(DELIVERY, erp_id=ErpId("8000"))
    inbound = kept(tables, done)
    inbound.settle(ERP, only(inbound.due(ERP, 5)), Verdict(InboundState.DONE))
    kept(tables, DELIVERY)
    inbound.settle(ERP, only(inbound.due(ERP, 5)), Verdict(InboundState.PARKED, "too much", "correct it"))

    view = "SELECT kind, erp_number, order_number, state, reason, hint FROM {prefix}erp_v_inbound"

    assert tables.rows(view) == [("delivery", "8001", "000000042", "parked", "too much", "correct it")]


def test_what_is_due_is_found_by_its_index_among_very_many_that_are_done(tables: Tables) -> None:
    done = [replace(DELIVERY, erp_id=ErpId(f"d{number}")) for number in range(300)]
    kept(tables, *done, entity=7)
    tables.run("UPDATE {prefix}erp_inbound_document SET state = 'done', next_attempt_at = NULL")
    kept(tables, DELIVERY)
    due = tables.session.statements("inbound_store")["due"]
    with tables.session.reading() as work:
        before = reads_of(work)

        (row,) = work.rows(due, destination=ERP, limit=5)

        assert row["erp_id"] == DELIVERY.erp_id
        assert reads_of(work) - before < 20


def reads_of(work: Work) -> int:
    return sum(int(row["Value"]) for row in work.rows(text("SHOW SESSION STATUS LIKE 'Handler_read%'")))
