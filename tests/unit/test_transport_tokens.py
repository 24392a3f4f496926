"""Tokens: one for all threads, renewed ahead of its end, and nothing is sent while there is none."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError
from sidecar.transport import (
    Algorithm,
    Answer,
    AssertionTerms,
    HttpTransport,
    KeptSecret,
    NoAnswer,
    Request,
    Secret,
    TokenProof,
    TokenTerms,
    TransportTerms,
)
from tests.support.authority import Authority
from tests.support.token_server import CLIENT, CLIENT_SECRET, TokenServer, token_server

ORDER = Request("POST", "/api/orders", body={"reference": "M1-1"})
RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


@contextmanager
def behind(
    server: TokenServer,
    secret: Secret | str = CLIENT_SECRET,
    *,
    now: Callable[[], float] = time.time,
    **terms: Any,  # noqa: ANN401 -- the fields of TokenTerms
) -> Iterator[HttpTransport]:
    """A transport whose calls carry the server's tokens."""
    kept = SecretStr(secret) if isinstance(secret, str) else secret
    told: dict[str, Any] = {"token_url": server.token_url, "client_id": CLIENT, **terms}
    proof = TokenProof(TokenTerms(**told), kept, now=now)
    with closing(HttpTransport(server.url, {}, TransportTerms(), credential=proof)) as transport:
        yield transport


def let_it_grow_old(transport: HttpTransport) -> None:
    """Bring the token's last quarter about; nobody waits for an hour."""
    proof = transport._credential  # noqa: SLF001 -- time itself cannot be handed in: calls live by the same clock
    assert isinstance(proof, TokenProof)
    assert proof._token is not None  # noqa: SLF001
    proof._token = replace(proof._token, renew_at=0.0)  # noqa: SLF001


def in_threads(number: int, act: Callable[[], object]) -> None:
    threads = [threading.Thread(target=act) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def accepted(transport: HttpTransport) -> bool:
    reply = transport.call(ORDER, 5)
    return isinstance(reply, Answer) and reply.status == 200


def lost(transport: HttpTransport, deadline: float = 5) -> NoAnswer:
    reply = transport.call(ORDER, deadline)
    assert isinstance(reply, NoAnswer), reply
    assert not reply.sent
    return reply


# --- Asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", ["basic", "body"])
def test_a_client_proves_itself_with_its_secret(client: str) -> None:
    with token_server() as server, behind(server, client=client, scope="orders.write", audience="erp") as transport:
        assert accepted(transport)

    (form,) = server.forms
    assert (form["scope"], form["audience"]) == ("orders.write", "erp")
    assert ("client_secret" in form) == (client == "body")


@pytest.mark.parametrize(("algorithm", "key"), [("RS256", RSA), ("PS256", RSA), ("ES256", P256)])
def test_a_client_signs_who_it_is(algorithm: Algorithm, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    how = AssertionTerms(algorithm, "key-1", claims={"scope": "restlets,rest_webservices"})
    with (
        token_server(key=key.public_key()) as server,
        behind(server, pem_of(key), client="private_key_jwt", assertion=how) as transport,
    ):
        assert accepted(transport)

    (shown,) = server.heads
    assert (shown["alg"], shown["kid"], shown["scope"]) == (algorithm, "key-1", "restlets,rest_webservices")


def test_a_certificate_beside_the_key_is_named_in_the_assertion(tmp_path: Path) -> None:
    pem = Authority(tmp_path).certificate("shop").read_text()
    certificate = x509.load_pem_x509_certificate(pem.encode())
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    with (
        token_server(key=key.public_key()) as server,
        behind(server, pem, client="private_key_jwt", assertion=AssertionTerms("ES256")) as transport,
    ):
        assert accepted(transport)

    name = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
    assert server.heads[0]["x5t#S256"] == name


def test_sixteen_threads_share_one_token() -> None:
    found: list[bool] = []
    with token_server() as server, behind(server) as transport:
        in_threads(16, lambda: found.append(accepted(transport)))

    assert found == [True] * 16
    assert server.asked == 1


# --- Growing old ----------------------------------------------------------------------------------


def test_a_token_is_renewed_ahead_of_its_end_by_one_thread_while_the_others_go_on() -> None:
    with token_server() as server, behind(server, margin=timedelta(seconds=60)) as transport:
        assert accepted(transport)
        server.hold = threading.Event()
        let_it_grow_old(transport)

        renewing = threading.Thread(target=accepted, args=(transport,))
        renewing.start()
        while server.asked < 2:
            time.sleep(0.005)
        others = [accepted(transport) for _ in range(4)]
        server.hold.set()
        renewing.join()
        assert accepted(transport)

    assert others == [True] * 4
    assert server.asked == 2
    assert len(set(server.calls)) == 2


def test_a_renewal_that_fails_leaves_the_old_token_in_use_until_its_end() -> None:
    with token_server() as server, behind(server) as transport:
        assert accepted(transport)
        server.answers = [503, 503]
        let_it_grow_old(transport)

        assert [accepted(transport) for _ in range(3)] == [True] * 3

    assert server.asked == 2
    assert len(set(server.calls)) == 1


@pytest.mark.parametrize("lives", ["3600", None, 0, -5, True, "soon"])
def test_an_age_that_is_not_told_as_it_should_be_does_not_hammer_the_endpoint(lives: object) -> None:
    with token_server(lives=lives) as server, behind(server) as transport:
        assert [accepted(transport) for _ in range(3)] == [True] * 3

    assert server.asked == 1


def test_a_wall_clock_that_jumps_does_not_make_a_token_older() -> None:
    clock = [time.time()]
    with token_server() as server, behind(server, now=lambda: clock[0]) as transport:
        assert accepted(transport)
        clock[0] += 86_400
        assert accepted(transport)

    assert server.asked == 1


# --- Refused by the ERP ---------------------------------------------------------------------------


def test_a_token_that_was_revoked_is_replaced_and_the_call_is_made_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.transport.oauth._QUITE_NEW", 0.0)
    found: list[bool] = []
    with token_server() as server, behind(server) as transport:
        assert accepted(transport)
        server.revoke()
        in_threads(8, lambda: found.append(accepted(transport)))

    assert found == [True] * 8
    assert server.asked == 2


def test_a_new_token_that_is_refused_is_not_replaced_again_and_again() -> None:
    with token_server() as server, behind(server) as transport:
        assert accepted(transport)
        server.revoke()
        replies = [transport.call(ORDER, 5) for _ in range(5)]

    assert [reply.status for reply in replies if isinstance(reply, Answer)] == [401] * 5
    assert server.asked == 1
    assert all(b"token-" not in reply.content for reply in replies if isinstance(reply, Answer))


# --- No token to be had ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [0, 500, 503, 429])
def test_an_endpoint_that_fails_means_that_nothing_was_sent_and_is_left_alone_for_a_while(status: int) -> None:
    found: list[NoAnswer] = []
    with token_server() as server, behind(server) as transport:
        server.answers = [status] * 50
        in_threads(8, lambda: found.append(lost(transport)))

        assert (server.asked, server.calls) == (1, [])
        assert all(reply.reason.startswith(f"no token: {server.token_url} ") for reply in found)


def test_an_endpoint_that_is_back_is_asked_again_after_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.transport.oauth._FIRST_PAUSE", 0.05)
    with token_server() as server, behind(server) as transport:
        server.answers = [503]
        lost(transport)
        time.sleep(0.06)

        assert accepted(transport)


def test_retry_after_of_the_endpoint_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.transport.oauth._FIRST_PAUSE", 0.01)
    with token_server(retry_after=30) as server, behind(server) as transport:
        server.answers = [429]
        lost(transport)
        time.sleep(0.02)
        lost(transport)

        assert server.asked == 1


def test_an_endpoint_that_hangs_keeps_the_calls_deadline() -> None:
    with token_server(hold=threading.Event()) as server, behind(server) as transport:
        began = time.monotonic()
        reply = lost(transport, 0.3)
        server.hold.set()  # type: ignore[union-attr]

    assert "no answer within" in reply.reason
    assert time.monotonic() - began < 2


def test_those_who_wait_for_another_threads_token_keep_their_own_deadline() -> None:
    with token_server(hold=threading.Event()) as server, behind(server) as transport:
        first = threading.Thread(target=accepted, args=(transport,))
        first.start()
        while not server.asked:
            time.sleep(0.005)

        reply = lost(transport, 0.2)
        server.hold.set()  # type: ignore[union-attr]
        first.join()

    assert reply.reason == "no token: another call was asking for it until the time was over"


def test_a_client_that_is_refused_is_told_what_to_look_at_and_no_secret_is_repeated() -> None:
    with token_server() as server, behind(server, "wrong-secret") as transport:
        reply = lost(transport)

    assert reply.reason == f"no token: {server.token_url} gives us no token: invalid_client"
    assert "client_id" in reply.hint
    assert "wrong-secret" not in repr(reply)


def test_a_secret_that_was_replaced_is_read_again_when_the_endpoint_refuses_the_old_one() -> None:
    kept = KeptSecret(SecretStr("old"), lambda: SecretStr(CLIENT_SECRET))
    with token_server() as server, behind(server, kept) as transport:
        assert accepted(transport)

    assert server.asked == 2


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        ("no key", "the secret is no private key that can be read"),
        (pem_of(P256), "the private key is P-256, which does not sign RS256"),
        (pem_of(ec.generate_private_key(ec.SECP384R1())), "the private key is neither RSA of 2048 bits or more nor"),
    ],
)
def test_a_key_that_does_not_fit_is_told_without_quoting_it(pem: str, words: str) -> None:
    with (
        token_server(key=RSA.public_key()) as server,
        behind(server, pem, client="private_key_jwt", assertion=AssertionTerms("RS256")) as transport,
    ):
        reply = lost(transport)

    assert reply.reason.startswith(f"no token: {words}")
    assert pem not in reply.words
    assert server.asked == 0


# --- Clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [-3000.0, -120.0, -20.0, 20.0, 400.0])
def test_an_assertion_is_written_by_the_token_endpoints_clock(ahead: float) -> None:
    with (
        token_server(key=RSA.public_key(), ahead=ahead) as server,
        behind(server, pem_of(RSA), client="private_key_jwt", assertion=AssertionTerms("PS256")) as transport,
    ):
        assert accepted(transport)

    assert server.asked <= 2


# --- Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://idp.example.com/token", "https://a:b@idp.example.com/token", "token"])
def test_a_token_is_asked_for_encrypted_or_on_this_machine(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^token_url: found "):
        TokenProof(TokenTerms(url, CLIENT), SecretStr(CLIENT_SECRET))
