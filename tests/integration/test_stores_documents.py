"""The truth of an acknowledgement: what the ERP has told last, counted, and every change of it in the trail."""

from dataclasses import replace

from sidecar.domain.step import ConfirmedDocument
from sidecar.mysql.documents import Documents
from tests.support.stores import ERP, OTHER, Tables, confirmed


def put(tables: Tables, document: ConfirmedDocument) -> None:
    documents = Documents(tables.session)
    tables.session.transaction(lambda work: documents.put(work, ERP, [document]))


def record(tables: Tables, status: str, *, destination: str = ERP, entity_id: int = 42) -> bool:
    documents = Documents(tables.session)
    name = OTHER if destination == OTHER else ERP
    return tables.session.transaction(lambda work: documents.record_status(work, name, entity_id, status))


def truth(tables: Tables) -> tuple[object, ...]:
    (row,) = tables.rows("SELECT erp_status, revision, change_count, erp_lines, is_due FROM {prefix}erp_document")
    return row


def trail(tables: Tables) -> list[tuple[object, ...]]:
    return tables.rows("SELECT erp_status, revision FROM {prefix}erp_document_revision ORDER BY id")


def test_each_confirmation_and_each_new_status_is_one_change_with_a_row_in_the_trail(tables: Tables) -> None:
    put(tables, confirmed(42, revision=7))
    assert record(tables, "delivered")
    put(tables, replace(confirmed(42, revision=9), erp_status="open"))

    assert truth(tables) == ("open", 9, 3, None, 1)
    assert trail(tables) == [("booked", 7), ("delivered", 7), ("open", 9)]


def test_a_status_that_is_there_already_writes_nothing(tables: Tables) -> None:
    put(tables, confirmed(42, revision=7))
    tables.run("UPDATE {prefix}erp_document SET projected_change = 1")

    assert not record(tables, "booked")
    assert not record(tables, "")

    assert truth(tables) == ("booked", 7, 1, None, 0)
    assert len(trail(tables)) == 1


def test_a_status_of_an_order_or_a_destination_that_confirmed_nothing_is_left_out(tables: Tables) -> None:
    put(tables, confirmed(42))

    assert not record(tables, "delivered", entity_id=43)
    assert not record(tables, "delivered", destination=OTHER)

    assert trail(tables) == [("booked", 1)]


def test_an_answer_that_tells_no_status_and_no_lines_takes_none_away(tables: Tables) -> None:
    put(tables, replace(confirmed(42, revision=7), lines={"421": "10"}))

    put(tables, replace(confirmed(42, revision=9), erp_status=""))

    assert truth(tables) == ("booked", 9, 2, '{"421":"10"}', 1)


def test_lines_that_the_erp_tells_later_are_one_change_and_none_when_told_again(tables: Tables) -> None:
    documents = Documents(tables.session)
    put(tables, confirmed(42, revision=7))
    tables.run("UPDATE {prefix}erp_document SET projected_change = 1")

    told = {"882": "20", "881": "10"}

    assert tables.session.transaction(lambda work: documents.record_lines(work, ERP, 42, told))
    assert not tables.session.transaction(lambda work: documents.record_lines(work, ERP, 42, told))
    assert not tables.session.transaction(lambda work: documents.record_lines(work, ERP, 43, told))
    assert truth(tables) == ("booked", 7, 2, '{"881":"10","882":"20"}', 1)
