"""What Odoo's answers mean: a 200 alone is no success, and a 500 without Odoo's own body says nothing."""

from datetime import timedelta
from typing import Any

import pytest

from erp_adapters.odoo.answers import loaded, refusal_of
from erp_adapters.odoo.door import Refused, Said
from sidecar.domain.delivery import Outcome, Result
from sidecar.transport import NoAnswer

AT_ONCE = timedelta()
SERIALIZATION = "could not serialize access due to concurrent update\n"


def refused(status: int, name: str = "", wait: timedelta | None = None) -> Outcome:
    result = refusal_of(Refused(status, name, "words", wait, AT_ONCE), "create")
    assert result is not None
    return result.outcome


def load_says(value: Any) -> list[int] | Result:  # noqa: ANN401 -- whatever Odoo may say
    return loaded(Said(value, AT_ONCE), "create")


@pytest.mark.parametrize(
    ("status", "name", "outcome"),
    [
        (401, "werkzeug.exceptions.Unauthorized", Outcome.NOT_SENT),
        (403, "odoo.exceptions.AccessError", Outcome.NOT_SENT),
        (404, "werkzeug.exceptions.NotFound", Outcome.NOT_SENT),
        (404, "odoo.exceptions.MissingError", Outcome.REJECTED_BUSINESS),
        (422, "odoo.exceptions.UserError", Outcome.REJECTED_BUSINESS),
        (422, "odoo.exceptions.ValidationError", Outcome.REJECTED_BUSINESS),
        (500, "builtins.ValueError", Outcome.REJECTED_INVALID),
        (500, "psycopg2.errors.SerializationFailure", Outcome.RETRY_LATER),
        (500, "psycopg2.OperationalError", Outcome.UNKNOWN),
        (500, "", Outcome.UNKNOWN),
        (502, "", Outcome.UNKNOWN),
        (504, "", Outcome.UNKNOWN),
        (404, "", Outcome.NOT_SENT),
        (429, "", Outcome.RETRY_LATER),
    ],
)
def test_an_error_means_what_its_name_proves(status: int, name: str, outcome: Outcome) -> None:
    assert refused(status, name) is outcome


def test_a_load_that_returns_keys_was_done() -> None:
    assert load_says({"ids": [7, 8], "messages": [], "nextrow": 0}) == [7, 8]


def test_a_load_that_lost_a_race_is_tried_again() -> None:
    result = load_says({"ids": False, "messages": [{"type": "error", "message": SERIALIZATION}], "nextrow": 0})

    assert isinstance(result, Result)
    assert result.outcome is Outcome.RETRY_LATER


def test_a_load_that_was_refused_keeps_the_words_and_the_field() -> None:
    message = {"type": "error", "message": "No matching record found", "field": "partner_id", "moreinfo": {"x": 1}}
    result = load_says({"ids": False, "messages": [message], "nextrow": 0})

    assert isinstance(result, Result)
    assert result.outcome is Outcome.REJECTED_BUSINESS
    assert result.words() == "LOAD: No matching record found (partner_id)"


@pytest.mark.parametrize("value", [{"ids": [], "messages": []}, {"ids": [False]}, {}, [], True, "done"])
def test_a_load_that_says_nothing_of_what_it_did_is_unknown(value: object) -> None:
    result = load_says(value)

    assert isinstance(result, Result)
    assert result.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("sent", "outcome"), [(True, Outcome.UNKNOWN), (False, Outcome.NOT_SENT)])
def test_no_answer_is_unknown_once_a_byte_has_left(sent: bool, outcome: Outcome) -> None:  # noqa: FBT001 -- a case
    result = loaded(NoAnswer(sent, "the connection broke", AT_ONCE), "create")

    assert isinstance(result, Result)
    assert (result.outcome, result.evidence.bytes_sent) == (outcome, sent)
