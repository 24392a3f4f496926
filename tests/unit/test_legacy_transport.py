"""The transport knows whether a byte has left, keeps its deadline, and tells no secret."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import monotonic

import pytest
from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError
from sidecar.transport import (
    Answer,
    Credential,
    HttpTransport,
    NoAnswer,
    Request,
    TransportTerms,
    checked_base_url,
)
from tests.support.scripted_http import Listener, Script, answering, dripping, read_request, silent

SECRET = "s3cr3t-of-the-shop"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + b'{"n": 1.10}'
POST = Request("POST", "/api/orders", body={"reference": "M1-1"})


@contextmanager
def transport_to(script: Script, terms: TransportTerms | None = None) -> Iterator[tuple[HttpTransport, Listener]]:
    with closing(Listener(script)) as listener:
        url = f"http://{listener.address}/erp/"
        credential = Credential("X-Api-Key", SecretStr(SECRET))
        with closing(HttpTransport(url, {}, terms or TransportTerms(), credential=credential)) as transport:
            yield transport, listener


def lost(reply: Answer | NoAnswer) -> NoAnswer:
    assert isinstance(reply, NoAnswer), reply
    return reply


def test_an_answer_comes_back_with_exact_decimals() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket, _: threading.Event) -> None:
        seen.append(read_request(connection))
        connection.sendall(OK)

    with transport_to(script) as (transport, _):
        reply = transport.call(Request("POST", "/a", (("r", "1"), ("r", "2&3")), {"name": "Grüße"}), 5)

    assert isinstance(reply, Answer)
    assert (reply.status, str(reply.json())) == (200, "{'n': Decimal('1.10')}")
    assert reply.headers["content-type"] == "application/json"
    assert seen[0].startswith(b"POST /erp/a?r=1&r=2%263 HTTP/1.1\r\n")
    assert f"X-Api-Key: {SECRET}".encode() in seen[0]
    assert seen[0].endswith(b'{"name": "Gr\\u00fc\\u00dfe"}')


def test_calls_share_a_connection_that_is_kept_alive() -> None:
    with transport_to(answering(OK)) as (transport, listener):
        replies = [transport.call(POST, 5) for _ in range(5)]

        assert all(isinstance(reply, Answer) for reply in replies)
        assert listener.connections == 1


def test_a_connection_that_the_erp_has_closed_meanwhile_is_not_used_again() -> None:
    closed = threading.Event()

    def script(connection: socket.socket, _: threading.Event) -> None:
        read_request(connection)
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with transport_to(script) as (transport, listener):
        for _ in range(3):
            assert isinstance(transport.call(POST, 5), Answer)
            assert closed.wait(5)
            closed.clear()

        assert listener.connections == 3


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    credential = Credential("X-Api-Key", SecretStr(SECRET))
    url = f"http://127.0.0.1:{port}"
    with closing(HttpTransport(url, {}, TransportTerms(), credential=credential)) as transport:
        reply = lost(transport.call(POST, 5))

    assert not reply.sent
    assert "Connection refused" in reply.reason


def test_no_free_connection_means_that_nothing_was_sent() -> None:
    arrived = threading.Event()

    def script(connection: socket.socket, ended: threading.Event) -> None:
        read_request(connection)
        arrived.set()
        ended.wait(5)

    with transport_to(script, TransportTerms(connections=1)) as (transport, _):
        first = threading.Thread(target=transport.call, args=(POST, 1.0))
        first.start()
        assert arrived.wait(5)

        reply = lost(transport.call(POST, 0.1))

        assert (reply.sent, reply.reason) == (False, "no connection was free within 0.1 s")
        first.join()


def test_no_time_left_means_that_nothing_was_sent() -> None:
    with transport_to(answering(OK)) as (transport, listener):
        assert not lost(transport.call(POST, 0.0)).sent
        assert not lost(transport.call(POST, -1.0)).sent
        assert listener.connections == 0


def test_a_connection_closed_without_an_answer_means_that_it_may_have_been_done() -> None:
    def script(connection: socket.socket, _: threading.Event) -> None:
        read_request(connection)

    with transport_to(script) as (transport, _):
        reply = lost(transport.call(POST, 5))

    assert (reply.sent, reply.reason) == (True, "the connection closed without a whole answer")


@pytest.mark.parametrize("answer", [OK[:-3], b"HTTP/1.1 200 OK\r\nContent", b"garbage\r\n\r\n"])
def test_half_an_answer_is_no_answer(answer: bytes) -> None:
    def script(connection: socket.socket, _: threading.Event) -> None:
        read_request(connection)
        connection.sendall(answer)

    with transport_to(script) as (transport, _):
        assert lost(transport.call(POST, 5)).sent


@pytest.mark.parametrize("script", [silent, dripping(OK), dripping(OK[:-11] + b" " * 11)])
def test_a_slow_answer_cannot_stretch_the_deadline(script: Script) -> None:
    with transport_to(script) as (transport, _):
        began = monotonic()
        reply = lost(transport.call(POST, 0.3))

        assert (reply.sent, reply.reason) == (True, "no answer within 0.3 s")
        assert 0.25 < monotonic() - began < 2


def test_an_endless_answer_is_given_up() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000

    with transport_to(answering(endless), TransportTerms(answer_limit=4000)) as (transport, _):
        reply = lost(transport.call(POST, 5))

    assert (reply.sent, reply.reason) == (True, "the answer is longer than 4000 bytes")


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    away = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"

    with transport_to(answering(away)) as (transport, _):
        reply = transport.call(POST, 5)

    assert isinstance(reply, Answer)
    assert reply.status == 307


def test_an_error_that_quotes_our_secret_comes_back_without_it() -> None:
    words = f'{{"error": {{"message": "unknown key {SECRET}"}}}}'.encode()
    answer = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: %d\r\n\r\n" % len(words) + words

    with transport_to(answering(answer)) as (transport, _):
        reply = transport.call(POST, 5)

    assert isinstance(reply, Answer)
    assert reply.json() == {"error": {"message": "unknown key [secret]"}}


# --- Addresses and credentials --------------------------------------------------------------------


@pytest.mark.parametrize("url", ["https://erp.example.com/api/", "http://127.0.0.1:8080", "http://localhost"])
def test_an_address_is_taken_without_its_last_slash(url: str) -> None:
    assert checked_base_url(url) == url.rstrip("/")


@pytest.mark.parametrize("url", ["ftp://erp", "erp.example.com", "https://", "https://erp/?a=b", "https://erp:x/", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^base_url: found "):
        checked_base_url(url)


def test_a_credential_is_not_sent_unencrypted_unless_the_profile_says_so() -> None:
    with pytest.raises(ConfigurationError, match="would send credentials unencrypted"):
        checked_base_url("http://erp.example.com")
    assert checked_base_url("http://erp.example.com", allow_plain_http=True)


def test_credentials_in_an_address_are_refused_without_repeating_them() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        checked_base_url(f"https://shop:{SECRET}@erp.example.com")

    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("secret", ["", "two\nlines", f"{SECRET}\r\nX: y", " padded", "schlüssel"])
def test_a_secret_that_a_header_cannot_carry_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        Credential("X-Api-Key", SecretStr(secret)).value()

    assert not secret or secret not in str(refusal.value) + repr(refusal.value)


def test_a_basic_credential_is_hidden_as_it_goes_over_the_wire() -> None:
    credential = Credential("Authorization", SecretStr(SECRET), scheme="Basic", user="bob")
    header = credential.value()

    hidden = credential.hidden_in(f"you sent {header}, that is bob:{SECRET}".encode())

    assert hidden == b"you sent Basic [secret], that is bob:[secret]"


def test_each_scheme_writes_its_header_and_shows_no_secret() -> None:
    secret = SecretStr(SECRET)

    assert Credential("X-Api-Key", secret).value() == SECRET
    assert Credential("Authorization", secret, scheme="Bearer").value() == f"Bearer {SECRET}"
    assert Credential("Authorization", SecretStr("p"), scheme="Basic", user="u").value() == "Basic dTpw"
    assert SECRET not in repr(Credential("X-Api-Key", secret))
