"""What an answer means: was it done, and may it be sent again."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erp_adapters.conformance.documents import order_reference
from erp_adapters.legacy.answers import missing_in, result_of
from erp_adapters.legacy.profile import Profile, profile_of
from erp_adapters.mapping import Expression
from erp_adapters.profiled.documents import snapshot_of
from erp_adapters.profiled.faults import EFFECTS, Missing
from erp_adapters.registry import profile_path, read_profile
from sidecar.domain.delivery import DocumentKind, ErpId, MissingEntry, Outcome, Result
from sidecar.transport import Answer, NoAnswer, retry_after


@pytest.fixture(scope="module")
def profile() -> Profile:
    return profile_of(read_profile(profile_path("sandbox", Path())))


def answer(status: int, body: object = None, **headers: str) -> Answer:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, content, timedelta(milliseconds=5))


def refusal(code: str, **more: object) -> dict[str, object]:
    return {"error": {"code": code, "message": "The ERP's own words.", **more}}


def meaning(profile: Profile, reply: Answer | NoAnswer, operation: str = "create") -> Result:
    kind = EFFECTS[operation]
    target = ErpId("SO-7") if kind in (DocumentKind.ORDER_CHANGE, DocumentKind.ORDER_CANCEL) else None
    effect = profile.effect(kind)
    assert effect is not None
    return result_of(profile, operation, effect, reply, order_reference("M1-1", kind=kind, target=target))


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (302, {}, Outcome.NOT_SENT),
        (400, {}, Outcome.REJECTED_INVALID),
        (401, {}, Outcome.NOT_SENT),
        (403, {}, Outcome.NOT_SENT),
        (404, {}, Outcome.NOT_SENT),
        (405, {}, Outcome.NOT_SENT),
        (408, {}, Outcome.RETRY_LATER),
        (409, {}, Outcome.REJECTED_BUSINESS),
        (413, {}, Outcome.REJECTED_INVALID),
        (422, {}, Outcome.REJECTED_BUSINESS),
        (423, {}, Outcome.RETRY_LATER),
        (429, {}, Outcome.RETRY_LATER),
        (500, {}, Outcome.UNKNOWN),
        (502, {}, Outcome.UNKNOWN),
        (503, {}, Outcome.UNKNOWN),
        (503, {"retry_after": "7"}, Outcome.RETRY_LATER),
        (504, {}, Outcome.UNKNOWN),
        (504, {"retry_after": "7"}, Outcome.UNKNOWN),
    ],
)
def test_a_status_means_the_same_whoever_answered(
    profile: Profile, status: int, headers: dict[str, str], outcome: Outcome
) -> None:
    result = meaning(profile, answer(status, "<html>an error page</html>", **headers))

    assert result.outcome is outcome
    assert result.evidence.http_status == status
    assert result.messages[0].code == f"HTTP {status}"


@pytest.mark.parametrize("operation", ["change", "cancel"])
def test_an_order_that_is_gone_is_a_matter_for_people(profile: Profile, operation: str) -> None:
    assert meaning(profile, answer(404, refusal("NOT_FOUND")), operation).outcome is Outcome.REJECTED_BUSINESS


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        '"SO-1"',
        "[]",
        "{}",
        '{"number": null}',
        '{"number": 0.5}',
        '{"number": ""}',
        '{"status": "open"}',
        '{"error": {"code": "ODD", "message": "no"}}',
    ],
)
def test_success_without_a_number_is_unknown(profile: Profile, body: str) -> None:
    assert meaning(profile, answer(201, body)).outcome is Outcome.UNKNOWN


def test_success_carries_number_and_status(profile: Profile) -> None:
    result = meaning(profile, answer(201, {"number": "SO-1", "status": "open"}))

    assert (result.outcome, result.erp_id, result.erp_number) == (Outcome.CONFIRMED, "SO-1", "SO-1")
    assert result.status == "open"


def test_an_error_inside_a_2xx_is_looked_up_in_the_fault_table(profile: Profile) -> None:
    rows = [{"code": "NO_CREDIT", "outcome": "rejected_business"}]
    hesitant = profile.model_copy(update={"faults": profile_of(data_with(faults=rows)).faults})

    assert meaning(hesitant, answer(200, refusal("NO_CREDIT"))).outcome is Outcome.REJECTED_BUSINESS
    assert meaning(hesitant, answer(200, refusal("OTHER"))).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("code", ["DUPLICATE_REFERENCE", "STALE_REVISION"])
def test_what_is_there_already_is_named_by_its_number(profile: Profile, code: str) -> None:
    result = meaning(profile, answer(409, refusal(code, number="SO-3")))

    assert (result.outcome, result.erp_id, result.erp_number) == (Outcome.ALREADY_EXISTS, "SO-3", "SO-3")


def test_what_is_there_already_without_a_number_is_looked_up(profile: Profile) -> None:
    assert meaning(profile, answer(409, refusal("DUPLICATE_REFERENCE"))).outcome is Outcome.UNKNOWN
    assert meaning(profile, answer(409, refusal("STALE_REVISION")), "change").erp_id == "SO-7"


def test_a_refusal_keeps_code_words_and_places_and_says_what_to_do(profile: Profile) -> None:
    details = [{"path": "lines[0].sku", "message": "is unknown"}, {"path": "", "message": ""}, "odd"]

    result = meaning(profile, answer(422, refusal("UNKNOWN_ITEM", details=details)))

    assert result.words() == "UNKNOWN_ITEM: The ERP's own words.; UNKNOWN_ITEM: is unknown (lines[0].sku)"
    assert result.hint == "create the item, then erp-sidecar mapping release"


def test_words_without_end_are_shortened(profile: Profile) -> None:
    details = [{"path": "p", "message": "m" * 10_000}] * 1000

    result = meaning(profile, answer(400, {"error": {"code": "X", "message": "w" * 10_000, "details": details}}))

    assert len(result.words()) < 15_000


@pytest.mark.parametrize(("sent", "outcome"), [(True, Outcome.UNKNOWN), (False, Outcome.NOT_SENT)])
def test_no_answer_is_unknown_once_a_byte_has_left(profile: Profile, sent: bool, outcome: Outcome) -> None:  # noqa: FBT001
    result = meaning(profile, NoAnswer(sent, "the connection broke", timedelta()))

    assert (result.outcome, result.evidence.bytes_sent) == (outcome, sent)
    assert result.words() == "NO_ANSWER: the connection broke"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "999999"}, 3600),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 30),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 0),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_an_instant_on_the_erps_own_clock(
    headers: dict[str, str], seconds: int | None
) -> None:
    assert retry_after(headers) == (None if seconds is None else timedelta(seconds=seconds))


def a_document(**changes: object) -> dict[str, object]:
    totals = {"subtotal": "1.00", "discount": "0", "shipping": "0", "tax": "0", "grandTotal": "1.00"}
    line = {"lineReference": "881", "sku": "A", "quantity": "1", "total": "1.00"}
    return {"number": "SO-1", "sourceRevision": 3, "lines": [line], "totals": totals, **changes}


def test_a_document_reads_exactly_even_where_the_erp_writes_numbers(profile: Profile) -> None:
    line = {"lineReference": 881, "sku": "A", "quantity": 2, "total": Decimal("0.10")}

    snapshot = snapshot_of(profile.order, a_document(lines=[line]))

    assert (snapshot.lines[0].line_ref, snapshot.lines[0].quantity) == ("881", Decimal(2))
    assert snapshot.lines[0].total == Decimal("0.10")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"number": None}, "a document has no number"),
        ({"sourceRevision": "3"}, "document SO-1: the revision is not a whole number"),
        ({"totals": {}}, "document SO-1: totals.subtotal is not a decimal"),
        ({"lines": [{"sku": "A", "quantity": "many"}]}, "document SO-1: quantity is not a decimal"),
    ],
)
def test_a_document_that_the_profile_does_not_expect_is_refused(
    profile: Profile, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint.replace(".", r"\.")):
        snapshot_of(profile.order, a_document(**changes))


def data_with(**changes: object) -> dict[str, Any]:
    data = read_profile(profile_path("sandbox", Path()))
    assert isinstance(data, dict)
    return {**data, **changes}


SENT = {"payment": {"method": "WALLET"}, "lines": [{"sku": "A"}, {"sku": "B", "quantity": 2}]}


@pytest.mark.parametrize(
    ("places", "codes"),
    [
        (["lines[1].sku"], ["B"]),
        (["/lines/0/sku", "/lines/1/sku"], ["A", "B"]),
        (["payment.method"], ["WALLET"]),
        (["lines[9].sku", "nowhere", "", "lines[*].sku", "lines"], []),
    ],
)
def test_a_missing_item_is_what_was_sent_at_the_place_that_the_error_names(
    profile: Profile, places: list[str], codes: list[str]
) -> None:
    body = refusal("UNKNOWN_ITEM", details=[{"path": place, "message": "is unknown"} for place in places])

    named = missing_in(profile.errors, Missing("skus"), body, SENT)

    assert named == tuple(MissingEntry("skus", code) for code in codes)


def test_a_missing_item_is_what_the_error_itself_says_where_the_profile_says_so(profile: Profile) -> None:
    body = refusal("UNKNOWN_ITEM", item="4711")

    named = missing_in(profile.errors, Missing("skus", Expression.parse("error.item")), body, SENT)

    assert named == (MissingEntry("skus", "4711"),)
    assert missing_in(profile.errors, None, body, SENT) == ()
