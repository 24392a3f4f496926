"""What a reply means: a fault of the sender's is a refusal, one of the receiver's is unknown, a success says so."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.mapping import RuleBook
from erp_adapters.registry import AdapterConfiguration, build, read_profile
from erp_adapters.soap import Door, SoapAdapter, Token, load
from erp_adapters.soap.security import NoHeader
from sidecar.domain.delivery import ErpId, Outcome, Presence, Result
from sidecar.domain.documents import OrderDocument
from sidecar.domain.errors import ConfigurationError, Retryable
from sidecar.ports import ErpAdapter
from sidecar.transport import HttpTransport, KeptSecret, TransportTerms
from tests.support.scripted_http import Listener, Script, answering, http_answer, in_turn, read_request
from tests.support.small_wsdl import profile, put_response, reply, written

SECRET = "canary-of-the-shop"
DOCUMENT = OrderDocument(order(("TG11", "TG12")))
REF = order_reference("R-1")
Make = Callable[..., ErpAdapter]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """An adapter for a server that follows a script."""
    written(tmp_path)
    with ExitStack() as ends:

        def made(script: Script, **changes: object) -> ErpAdapter:
            (tmp_path / "small.yaml").write_text(yaml.safe_dump(profile(**changes)))
            listener = ends.enter_context(closing(Listener(script)))
            where = f"http://{listener.address}/erp"
            configuration = AdapterConfiguration("erp", "soap", "small.yaml", where, tmp_path)
            return ends.enter_context(closing(build(configuration, SecretStr(SECRET), "test")))

        yield made


def submit(adapter: ErpAdapter) -> Result:
    return adapter.submit(DOCUMENT, REF, 5)


def fault(code: str, words: str = "no", detail: str = "") -> str:
    return reply(
        f"<e:Fault><faultcode>{code}</faultcode><faultstring>{words}</faultstring><detail>{detail}</detail></e:Fault>"
    )


NOT_NOW = fault("e:Client", "not now", "<Code>NOT</Code>")
NAMED = order_reference("R-1", target=ErpId("SO-1"))
READ = {"operation": "Put", "arguments": {"Reference": {"path": "id"}}, "document": "@"}
READABLE = {**profile()["operations"], "read": READ}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, put_response("<t:Number>SO-1</t:Number>"), Outcome.CONFIRMED),
        (200, put_response("<t:Number/>"), Outcome.UNKNOWN),
        (200, put_response("<t:Stranger/>"), Outcome.UNKNOWN),
        (200, "<html>Welcome</html>", Outcome.UNKNOWN),
        (200, "", Outcome.UNKNOWN),
        (202, "", Outcome.UNKNOWN),
        (500, fault("e:Client"), Outcome.REJECTED_INVALID),
        (200, fault("e:Client"), Outcome.REJECTED_INVALID),
        (500, fault("e:Server"), Outcome.UNKNOWN),
        (500, fault("own:Code"), Outcome.UNKNOWN),
        (500, fault("wsse:FailedAuthentication"), Outcome.NOT_SENT),
        (500, fault("e:Client.FailedAuthentication"), Outcome.NOT_SENT),
        (500, fault("e:MustUnderstand"), Outcome.NOT_SENT),
        (500, fault("e:VersionMismatch"), Outcome.NOT_SENT),
        (401, fault("e:Client"), Outcome.NOT_SENT),
        (401, "<html>Who are you?</html>", Outcome.NOT_SENT),
        (404, "<html>Nothing here.</html>", Outcome.NOT_SENT),
        (429, "<html>Slowly.</html>", Outcome.RETRY_LATER),
        (503, "<html>Busy.</html>", Outcome.UNKNOWN),
        (502, "", Outcome.UNKNOWN),
        (302, "", Outcome.NOT_SENT),
    ],
)
def test_what_a_reply_means_where_the_profile_says_nothing(
    make: Make, status: int, body: str, outcome: Outcome
) -> None:
    result = submit(make(answering(http_answer(status, body, Content_Type="text/xml"))))

    assert result.outcome is outcome, result.words()
    assert result.evidence.http_status == status


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({"fault": "Server", "code": "LOCK", "outcome": "retry_later"}, Outcome.RETRY_LATER),
        ({"text": "locked by user [A-Z]+", "outcome": "retry_later"}, Outcome.RETRY_LATER),
        ({"subcode": "Busy", "outcome": "retry_later"}, Outcome.RETRY_LATER),
        ({"code": "LOCK", "on": ["cancel"], "outcome": "retry_later"}, Outcome.UNKNOWN),
        ({"code": "OTHER", "outcome": "retry_later"}, Outcome.UNKNOWN),
        ({"status": [500], "outcome": "rejected_business", "hint": "ask them"}, Outcome.REJECTED_BUSINESS),
    ],
)
def test_the_profiles_table_decides_before_the_rules_of_soap(
    make: Make, row: dict[str, object], outcome: Outcome
) -> None:
    said = fault("e:Server.Busy", "Order locked by user ANN", "<Code>LOCK</Code>")

    result = submit(make(answering(http_answer(500, said)), faults=[row]))

    assert result.outcome is outcome
    assert (result.messages[0].code, result.messages[0].text) == ("LOCK", "Order locked by user ANN")
    assert result.hint == row.get("hint", "")


def test_a_row_names_the_entry_that_is_missing(make: Make) -> None:
    row = {"code": "NOITEM", "outcome": "rejected_business", "missing": {"map": "skus", "value": "detail.Item"}}
    said = fault("e:Client", "unknown", "<Code>NOITEM</Code><Item>TG99</Item>")

    result = submit(make(answering(http_answer(500, said)), faults=[row]))

    assert [entry.key for entry in result.missing] == ["skus.TG99"]


@pytest.mark.parametrize(
    "row", [{}, {"outcome": "rejected_business"}, {"outcome": "rejected_business", "absent": False}]
)
def test_no_refusal_of_a_question_is_taken_for_absence(make: Make, row: dict[str, object]) -> None:
    asked = make(
        answering(http_answer(500, NOT_NOW)), operations=READABLE, faults=[{"code": "NOT", **row}] if row else []
    )

    with pytest.raises(Retryable):
        asked.find([NAMED], 5)


def test_a_fault_says_that_nothing_is_there_where_the_profile_says_so(make: Make) -> None:
    row = {"code": "NOT", "outcome": "rejected_business", "absent": True}

    there = make(answering(http_answer(500, NOT_NOW)), operations=READABLE, faults=[row]).find([NAMED], 5)

    assert there[NAMED.idempotency_key].presence is Presence.ABSENT


MESSAGES = {
    "each": "Line",
    "severity": "ref",
    "errors": ["ERROR", "ABORT"],
    "warnings": ["WARNING"],
    "code": "Sku",
    "text": "Sku",
}


@pytest.mark.parametrize(
    ("number", "severity", "outcome"),
    [
        ("SO-1", "WARNING", Outcome.CONFIRMED),
        ("SO-1", "note", Outcome.CONFIRMED),
        ("", "ERROR", Outcome.REJECTED_BUSINESS),
        ("", "ABORT", Outcome.REJECTED_BUSINESS),
        ("SO-1", "ERROR", Outcome.UNKNOWN),
        ("", "WARNING", Outcome.UNKNOWN),
    ],
)
def test_messages_in_a_good_reply_can_refuse_and_a_reply_that_says_both_is_unknown(
    make: Make, number: str, severity: str, outcome: Outcome
) -> None:
    line = f'<t:Line ref="{severity}"><t:Sku>M7</t:Sku><t:Quantity>1</t:Quantity></t:Line>'
    said = put_response(f"<t:Number>{number}</t:Number>{line}")

    result = submit(make(answering(http_answer(200, said)), messages=MESSAGES))

    assert result.outcome is outcome
    assert result.messages[0].code == "M7"


def test_an_erp_that_answers_nothing_is_asked_for_the_document_until_it_is_there(make: Make) -> None:
    data = profile()
    data["operations"]["create"]["received"] = "pending"
    data["operations"]["find"] = {
        "operation": "Put",
        "arguments": {"Reference": {"path": "references[0]"}},
        "documents": "Line",
    }
    data["order"] |= {"id": "Sku", "number": "Sku", "reference": "ref"}
    data["order"]["lines"] = {"each": "Line", "line_ref": "ref", "sku": "Sku", "quantity": "Quantity"}
    there = put_response(
        '<t:Number>1</t:Number><t:Line ref="R-1"><t:Sku>SO-7</t:Sku><t:Quantity>1</t:Quantity></t:Line>'
    )
    script = in_turn(
        http_answer(202, ""), http_answer(200, put_response("<t:Number>0</t:Number>")), http_answer(200, there)
    )
    adapter = make(script, operations=data["operations"], order=data["order"])

    accepted = submit(adapter)
    waiting, done = (adapter.poll(accepted.handle or "", 5) for _ in range(2))

    assert (accepted.outcome, waiting.outcome) == (Outcome.ACCEPTED_PENDING, Outcome.ACCEPTED_PENDING)
    assert (done.outcome, done.erp_number) == (Outcome.CONFIRMED, "SO-7")


def test_a_reply_beyond_the_limit_is_unknown_and_ends_there(make: Make) -> None:
    adapter = make(
        answering(http_answer(200, put_response("<t:Number>1</t:Number>" + " " * 4096))),
        transport={"answer_limit": 1024},
    )

    result = submit(adapter)

    assert result.outcome is Outcome.UNKNOWN
    assert "longer than 1024 bytes" in result.words()


def test_a_secret_that_a_fault_quotes_is_hidden(make: Make) -> None:
    result = submit(make(answering(http_answer(500, fault("e:Server", f"wrong password {SECRET}")))))

    assert SECRET not in repr(result)
    assert "[secret]" in result.words()


def test_a_control_character_in_an_order_is_refused_at_its_place_before_a_connection_is_made(make: Make) -> None:
    adapter = make(answering(b""))
    document = OrderDocument(order(("TG11", "TG12"), customer_note="ring\x07"))

    result = adapter.submit(document, REF, 5)

    assert (result.outcome, result.messages[0].path) == (Outcome.REJECTED_INVALID, "Note")
    assert not result.evidence.bytes_sent


def requests_of(script_answers: tuple[bytes, ...], token: Token, folder: Path) -> tuple[Result, list[bytes]]:
    """Submit once with a token; what went over the wire."""
    seen: list[bytes] = []
    left = list(script_answers)

    def script(connection: Any, _: object) -> None:  # noqa: ANN401 -- a socket
        while left and (request := read_request(connection)):
            seen.append(request)
            connection.sendall(left.pop(0))

    written(folder)
    (folder / "small.yaml").write_text(yaml.safe_dump(profile()))
    loaded, contract = load("small.yaml", folder, read_profile)
    with closing(Listener(script)) as listener:
        transport = HttpTransport(f"http://{listener.address}", {}, TransportTerms(), credential=NoHeader())
        with closing(SoapAdapter(loaded, Door(transport, contract, token), RuleBook())) as adapter:
            return submit(adapter), seen


WELL = http_answer(200, put_response("<t:Number>SO-1</t:Number>"))
AT = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)


def test_the_digest_is_that_of_the_standard(tmp_path: Path) -> None:
    token = Token("shop", SecretStr("s3cret"), digest=True, now=lambda: AT, nonce=lambda: bytes(range(16)))

    _, (request,) = requests_of((WELL,), token, tmp_path)

    assert b">AAECAwQFBgcICQoLDA0ODw==</" in request
    assert b">2026-11-26T10:00:00.000Z</" in request
    assert b">P20NzyZo+iEysFr+ML3wM8B+3dI=</" in request
    assert b"s3cret" not in request


def test_each_request_has_a_nonce_of_its_own(tmp_path: Path) -> None:
    token = Token("shop", SecretStr("s3cret"), digest=True)

    nonces = {requests_of((WELL,), token, tmp_path)[1][0].partition(b'Base64Binary">')[2][:24] for _ in range(3)}

    assert len(nonces) == 3


def test_a_refused_password_is_read_again_and_the_call_made_once_more(tmp_path: Path) -> None:
    kept = KeptSecret(SecretStr("old"), lambda: SecretStr("new"))
    token = Token("shop", kept, digest=False)
    refused = http_answer(500, fault("wsse:FailedAuthentication"))

    result, requests = requests_of((refused, WELL), token, tmp_path)

    assert result.outcome is Outcome.CONFIRMED
    assert [b">old</" in request for request in requests] == [True, False]
    assert b">new</" in requests[1]


def test_a_refused_password_that_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    def unreadable() -> SecretStr:
        raise ConfigurationError("the file has gone")

    token = Token("shop", KeptSecret(SecretStr("old"), unreadable), digest=False)

    result, requests = requests_of((http_answer(500, fault("wsse:FailedAuthentication")),), token, tmp_path)

    assert (result.outcome, len(requests)) == (Outcome.NOT_SENT, 1)
    assert result.retry_after is None or result.retry_after > timedelta()
