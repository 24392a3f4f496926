"""What an answer of Magento's means, and what is never guessed from it."""

import json
from datetime import timedelta

import pytest

from sidecar.domain.delivery import Outcome
from sidecar.magento.answers import LONGEST_WORDS, a_yes, an_entity, an_id, judged
from sidecar.transport import Answer, NoAnswer

TOOK = timedelta(milliseconds=20)
UNAUTHORIZED = "The consumer isn't authorized to access %resources."


def answer(status: int, body: object, **headers: str) -> Answer:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, content, TOOK)


@pytest.mark.parametrize("body", ['"12"', "12"])
def test_an_id_counts_as_a_number_and_as_a_text(body: str) -> None:
    judgement = judged(answer(200, body), an_id)

    assert (judgement.outcome, judgement.entity_id) == (Outcome.CONFIRMED, 12)


@pytest.mark.parametrize("body", ["", "<html>Welcome</html>", '"0"', '"-1"', "true", "null", "[]", "1.5", '"\\u0661"'])
def test_a_success_without_an_id_is_unknown(body: str) -> None:
    judgement = judged(answer(200, body), an_id)

    assert (judgement.outcome, judgement.entity_id) == (Outcome.UNKNOWN, 0)


def test_a_track_is_known_by_its_entity() -> None:
    assert judged(answer(200, {"entity_id": "7", "parent_id": "3"}), an_entity).entity_id == 7
    assert judged(answer(200, ["7"]), an_entity).outcome is Outcome.UNKNOWN


def test_a_cancellation_is_done_with_true_refused_with_false_and_unknown_with_anything_else() -> None:
    outcomes = [judged(answer(200, body), a_yes).outcome for body in ("true", "false", "1", "")]

    assert outcomes == [Outcome.CONFIRMED, Outcome.REJECTED_BUSINESS, Outcome.UNKNOWN, Outcome.UNKNOWN]


@pytest.mark.parametrize(
    ("message", "parameters", "words"),
    [
        ("No money: %1 of %2.", ["5.00", "7.00"], "No money: 5.00 of 7.00."),
        ("%fieldName is required.", {"fieldName": "entity"}, "entity is required."),
        ("%10 and %1", [str(number) for number in range(1, 11)], "10 and 1"),
        (
            "Shipment Document Validation Error(s):\nOne.\nTwo.",
            None,
            "Shipment Document Validation Error(s):; One.; Two.",
        ),
        ("Tab\tand\x00bell\x07", None, "Tab and bell "),
    ],
)
def test_a_refusal_is_told_in_magentos_words_on_one_line(message: str, parameters: object, words: str) -> None:
    body = {"message": message, "trace": "#0 /var/www/secret.php"} | ({"parameters": parameters} if parameters else {})

    judgement = judged(answer(400, body), an_id)

    assert (judgement.outcome, judgement.words, judgement.status) == (Outcome.REJECTED_BUSINESS, words, 400)


def test_an_entity_that_is_not_there_is_a_refusal() -> None:
    body = {"message": "The entity that was requested doesn't exist. Verify the entity and try again."}

    assert judged(answer(404, body), an_id).outcome is Outcome.REJECTED_BUSINESS


def test_long_words_are_cut() -> None:
    judgement = judged(answer(400, {"message": "long " * 1000}), an_id)

    assert (len(judgement.words), judgement.words[-3:]) == (LONGEST_WORDS, "...")


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_permission_is_named_and_nothing_is_done(status: int) -> None:
    body = {"message": UNAUTHORIZED, "parameters": {"resources": "Magento_Sales::ship"}}

    judgement = judged(answer(status, body), an_id)

    assert (judgement.outcome, judgement.status) == (Outcome.RETRY_LATER, status)
    assert "which has to allow Magento_Sales::ship" in judgement.words
    assert "erp-sidecar doctor" in judgement.words


@pytest.mark.parametrize(("status", "body"), [(404, "<html>Not Found</html>"), (301, ""), (405, ""), (413, "{}")])
def test_what_did_not_reach_magentos_rest_is_no_refusal_of_a_document(status: int, body: str) -> None:
    judgement = judged(answer(status, body), an_id)

    assert judgement.outcome is Outcome.RETRY_LATER
    assert "magento.base_url" in judgement.words


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_magento_is_asked_again_when_it_says(status: int) -> None:
    judgement = judged(answer(status, "<html>Service Temporarily Unavailable</html>", retry_after="7"), an_id)

    assert (judgement.outcome, judgement.retry_after) == (Outcome.RETRY_LATER, timedelta(seconds=7))


@pytest.mark.parametrize("page", ["Error 503 Backend fetch failed", "<h1>503</h1><p>Guru Meditation:</p>"])
def test_a_cache_that_lost_magento_amid_the_call_leaves_it_unknown(page: str) -> None:
    assert judged(answer(503, page), an_id).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("status", [500, 502, 504, 520, 199])
def test_a_failure_after_the_bytes_left_is_unknown(status: int) -> None:
    assert judged(answer(status, {"message": "Internal Error."}), an_id).outcome is Outcome.UNKNOWN


def test_without_an_answer_the_first_byte_decides() -> None:
    lost = judged(NoAnswer(sent=True, reason="no answer within 1 s", duration=TOOK), an_id)
    never_sent = judged(NoAnswer(sent=False, reason="no connection within 1 s", duration=TOOK), an_id)

    assert (lost.outcome, lost.words) == (Outcome.UNKNOWN, "no answer within 1 s")
    assert never_sent.outcome is Outcome.NOT_SENT


def test_a_refusal_after_the_provider_may_have_been_called_says_where_to_look() -> None:
    failed = answer(400, {"message": "Could not save a Creditmemo, see error log for details"})
    invalid = answer(400, {"message": "Creditmemo Document Validation Error(s):\nWe can't."})

    assert "the payment provider may have moved the money" in judged(failed, an_id, moves_money=True).words
    assert "provider" not in judged(invalid, an_id, moves_money=True).words
    assert "provider" not in judged(failed, an_id).words
