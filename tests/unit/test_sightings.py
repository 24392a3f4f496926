"""A lost call's document is known by its comment; everything else is a person's business or not there."""

from datetime import timedelta
from decimal import Decimal

from sidecar.domain.inbound import Ask, DocumentLine, DocumentRequest, InboundKind, Service, mark_of
from sidecar.domain.order_standing import MagentoDocument
from sidecar.domain.sightings import Sighting, look
from tests.support.standings import document_of

AGO = timedelta(minutes=1)
ASK = Ask(Service.SHIP, DocumentRequest("delivery 8001 of erp", (DocumentLine(1, Decimal(2)),)))


def made(entity_id: int, quantity: str = "2.0000", comment: str = "", age: float = 30) -> MagentoDocument:
    comments = (comment,) if comment else ()
    return MagentoDocument(entity_id, f"S{entity_id}", timedelta(seconds=age), {1: Decimal(quantity)}, comments)


def test_our_comment_is_the_proof_whatever_the_quantities() -> None:
    seen = look(ASK, [made(3), made(4, "1", "delivery 8001 of erp", 999)], (), AGO)

    assert (seen.sighting, [d.entity_id for d in seen.documents]) == (Sighting.FOUND, [4])


def test_the_comment_of_another_document_is_no_proof() -> None:
    assert look(ASK, [made(3, "1", "delivery 80012 of erp")], (), AGO).sighting is Sighting.ABSENT


def test_our_comment_twice_is_twice_made() -> None:
    twice = [made(3, comment="delivery 8001 of erp"), made(4, comment="delivery 8001 of erp")]

    assert look(ASK, twice, (), AGO).sighting is Sighting.SEVERAL


def test_the_same_quantities_without_a_comment_are_never_taken_for_ours() -> None:
    assert look(ASK, [made(3)], (), AGO).sighting is Sighting.DOUBTFUL


def test_what_is_older_than_the_call_or_another_documents_is_not_ours() -> None:
    assert look(ASK, [made(3, age=120)], (), AGO).sighting is Sighting.ABSENT
    assert look(ASK, [made(3)], {3}, AGO).sighting is Sighting.ABSENT


def test_documents_of_one_number_and_different_keys_have_different_marks() -> None:
    one = document_of(InboundKind.DELIVERY, erp_id="1000-8001", erp_number="8001")
    other = document_of(InboundKind.DELIVERY, erp_id="2000-8001", erp_number="8001")

    assert mark_of("erp", one) == "delivery 8001 (1000-8001) of erp"
    assert mark_of("erp", one) != mark_of("erp", other)
