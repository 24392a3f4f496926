"""Certificates: whom the transport trusts, which certificate it shows, and what it says where one does not fit."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError
from sidecar.transport import Answer, Credential, HttpTransport, NoAnswer, Request, TlsTerms, TransportTerms, Way
from tests.support.authority import Authority, over_tls
from tests.support.scripted_http import Listener, Script, answering, http_answer, read_request

SECRET = "s3cr3t-of-the-shop"
OK = http_answer(200, '{"n": 1}')
POST = Request("POST", "/api/orders", body={"reference": "M1-1"})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextmanager
def served(script: Script, way: Way, host: str = "127.0.0.1") -> Iterator[HttpTransport]:
    with closing(Listener(script)) as listener:
        url = f"https://{host}:{listener.address.rpartition(':')[2]}"
        credential = Credential("X-Api-Key", SecretStr(SECRET))
        with closing(HttpTransport(url, {}, TransportTerms(), credential=credential, way=way)) as transport:
            yield transport


def refused(script: Script, way: Way) -> NoAnswer:
    with served(script, way) as transport:
        reply = transport.call(POST, 5)
    assert isinstance(reply, NoAnswer), reply
    return reply


def trusting(authority: Authority, certificate: Path | None = None, passphrase: SecretStr | None = None) -> Way:
    return Way(
        TlsTerms(ca_file=authority.path, certificate=certificate, passphrase=passphrase), at="destinations.erp.tls"
    )


# --- The server's certificate ---------------------------------------------------------------------


def test_a_private_authority_is_trusted_where_the_settings_name_it(authority: Authority) -> None:
    pem = authority.certificate("erp", "127.0.0.1")

    with served(over_tls(answering(OK), pem), trusting(authority)) as transport:
        assert isinstance(transport.call(POST, 5), Answer)


def test_a_private_authority_is_not_trusted_without_being_named(authority: Authority) -> None:
    reply = refused(over_tls(answering(OK), authority.certificate("erp", "127.0.0.1")), Way())

    assert not reply.sent
    assert reply.reason == (
        "the certificate of 127.0.0.1 comes from an authority that is not trusted, or its chain is not whole"
    )
    assert "ca_file" in reply.hint


def test_a_named_authority_stands_in_the_place_of_the_systems(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = Authority(tmp_path, "System")
    monkeypatch.setenv("SSL_CERT_FILE", str(system.path))
    pem = system.certificate("erp", "127.0.0.1")

    both = Way(TlsTerms(ca_file=authority.path, system_cas=True))

    assert not refused(over_tls(answering(OK), pem), trusting(authority)).sent
    for way in (both, Way()):
        with served(over_tls(answering(OK), pem), way) as transport:
            assert isinstance(transport.call(POST, 5), Answer)


@pytest.mark.parametrize(
    ("host", "begun", "holds", "words"),
    [
        ("127.0.0.1", 9, -1, "the certificate of 127.0.0.1 has expired"),
        ("127.0.0.1", -1, 9, "the certificate of 127.0.0.1 is not valid yet"),
        ("erp.example.com", 9, 9, "the certificate of 127.0.0.1 is for another address"),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused_before_a_byte_of_the_request(
    host: str, begun: int, holds: int, words: str, authority: Authority
) -> None:
    pem = authority.certificate("erp", host, begun=timedelta(days=begun), holds=timedelta(days=holds))

    reply = refused(over_tls(answering(OK), pem), trusting(authority))

    assert (reply.sent, reply.reason) == (False, words)
    assert reply.hint


def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    pem = authority.certificate("erp", "erp.example.com")

    with served(over_tls(answering(OK), pem), trusting(authority), "localhost") as transport:
        reply = transport.call(POST, 5)

    assert isinstance(reply, NoAnswer)
    assert (reply.sent, reply.reason) == (False, "the certificate of localhost is for another host")


def test_a_certificate_that_signed_itself_is_refused(tmp_path: Path, authority: Authority) -> None:
    other = Authority(tmp_path, "Other")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(other.certificate("erp", "127.0.0.1").read_bytes() + other.path.read_bytes())

    reply = refused(over_tls(answering(OK), chain), trusting(authority))

    assert (reply.sent, reply.reason) == (
        False,
        "the certificate of 127.0.0.1 comes from an authority that is not trusted",
    )


def test_nothing_older_than_tls_1_2_is_spoken(authority: Authority) -> None:
    pem = authority.certificate("erp", "127.0.0.1")

    reply = refused(over_tls(answering(OK), pem, newest=ssl.TLSVersion.TLSv1_1), trusting(authority))

    assert (reply.sent, reply.reason) == (False, "127.0.0.1 does not speak TLS 1.2 or newer")


def test_a_server_without_tls_gets_nothing_of_the_request(authority: Authority) -> None:
    seen: list[bytes] = []

    def plain(connection: socket.socket, _: threading.Event) -> None:
        seen.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    reply = refused(plain, trusting(authority))

    assert not reply.sent
    assert SECRET.encode() not in seen[0]


def test_a_handshake_that_hangs_keeps_the_deadline_and_sends_nothing(authority: Authority) -> None:
    def mute(connection: socket.socket, ended: threading.Event) -> None:
        connection.recv(4096)
        ended.wait(5)

    with served(mute, trusting(authority)) as transport:
        reply = transport.call(POST, 0.3)

    assert isinstance(reply, NoAnswer)
    assert (reply.sent, reply.reason) == (False, "no connection within 0.3 s")


def test_what_is_lost_behind_tls_was_sent(authority: Authority) -> None:
    def script(connection: socket.socket, _: threading.Event) -> None:
        read_request(connection)

    assert refused(over_tls(script, authority.certificate("erp", "127.0.0.1")), trusting(authority)).sent


# --- Our certificate ------------------------------------------------------------------------------


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_asks_for_our_certificate_gets_it(newest: ssl.TLSVersion, authority: Authority) -> None:
    server = over_tls(answering(OK), authority.certificate("erp", "127.0.0.1"), clients=authority.path, newest=newest)

    with served(server, trusting(authority, authority.certificate("shop", passphrase=None))) as transport:
        assert isinstance(transport.call(POST, 5), Answer)


def test_a_key_may_have_a_passphrase(authority: Authority) -> None:
    server = over_tls(answering(OK), authority.certificate("erp", "127.0.0.1"), clients=authority.path)
    way = trusting(authority, authority.certificate("shop", passphrase=b"sesame"), SecretStr("sesame"))

    with served(server, way) as transport:
        assert isinstance(transport.call(POST, 5), Answer)
    assert "sesame" not in repr(way)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_misses_our_certificate_has_read_nothing(newest: ssl.TLSVersion, authority: Authority) -> None:
    server = over_tls(answering(OK), authority.certificate("erp", "127.0.0.1"), clients=authority.path, newest=newest)

    reply = refused(server, trusting(authority))

    assert not reply.sent


def test_a_server_that_does_not_know_our_authority_says_so(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "Stranger").certificate("shop")
    server = over_tls(answering(OK), authority.certificate("erp", "127.0.0.1"), clients=authority.path)

    reply = refused(server, trusting(authority, stranger))

    assert (reply.sent, reply.reason) == (False, "127.0.0.1 does not know who signed our certificate")
    assert "tls.certificate" in reply.hint


def test_our_expired_certificate_is_told_by_the_server(authority: Authority) -> None:
    expired = authority.certificate("shop", holds=timedelta(days=-2))
    server = over_tls(answering(OK), authority.certificate("erp", "127.0.0.1"), clients=authority.path)

    reply = refused(server, trusting(authority, expired))

    assert (reply.sent, reply.reason) == (False, "127.0.0.1 says that our certificate has expired")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (b"", "destinations.erp.tls.certificate: found no certificate in "),
        (None, "destinations.erp.tls.certificate: found "),
    ],
)
def test_a_certificate_that_is_none_is_told_at_the_start(
    written: bytes | None, words: str, authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "shop.pem"
    if written is not None:
        path.write_bytes(written)

    with pytest.raises(ConfigurationError, match=words):
        trusting(authority, path).context()


def test_a_wrong_passphrase_is_told_without_being_repeated(authority: Authority) -> None:
    pem = authority.certificate("shop", passphrase=b"sesame")

    with pytest.raises(ConfigurationError, match=r"destinations\.erp\.tls\.key: found a key that cannot") as caught:
        trusting(authority, pem, SecretStr("open-up")).context()
    with pytest.raises(ConfigurationError, match=r"found no key, or one with a passphrase"):
        trusting(authority, pem).context()

    assert "open-up" not in str(caught.value) + caught.value.hint


def test_another_certificates_key_is_told(authority: Authority) -> None:
    terms = TlsTerms(certificate=authority.certificate("shop"), key=authority.certificate("erp"))

    with pytest.raises(ConfigurationError, match="a key that does not belong to certificate"):
        Way(terms).context()


@pytest.mark.parametrize("written", [b"nothing of the kind", None])
def test_an_authority_that_cannot_be_read_is_told(written: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if written is not None:
        path.write_bytes(written)

    with pytest.raises(ConfigurationError, match=r"destinations\.erp\.tls\.ca_file: found "):
        Way(TlsTerms(ca_file=path), at="destinations.erp.tls").context()


# --- Certificates change --------------------------------------------------------------------------


def test_a_renewed_client_certificate_serves_the_next_connection(authority: Authority) -> None:
    way = trusting(authority, authority.certificate("shop", holds=timedelta(days=-2)))
    server = over_tls(answering(OK), authority.certificate("erp", "127.0.0.1"), clients=authority.path)

    with served(server, way) as transport:
        before = transport.call(POST, 5)
        authority.certificate("shop")
        after = transport.call(POST, 5)

    assert isinstance(before, NoAnswer)
    assert isinstance(after, Answer)


def test_a_renewal_that_is_half_done_leaves_the_last_pair_in_use(authority: Authority, tmp_path: Path) -> None:
    pair = authority.certificate("shop").read_bytes()
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(pair)
    key.write_bytes(pair)
    way = Way(TlsTerms(ca_file=authority.path, certificate=certificate, key=key))
    first = way.context()

    renewed = authority.certificate("shop").read_bytes()
    certificate.write_bytes(renewed)
    amid = way.context()
    key.write_bytes(renewed)

    assert amid is first
    assert way.context() is not first


def test_a_new_authority_is_trusted_without_a_restart(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Other")
    pem = other.certificate("erp", "127.0.0.1")

    with served(over_tls(answering(OK), pem), trusting(authority)) as transport:
        before = transport.call(POST, 5)
        authority.path.write_bytes(authority.path.read_bytes() + other.path.read_bytes())
        after = transport.call(POST, 5)

    assert isinstance(before, NoAnswer)
    assert isinstance(after, Answer)


def test_the_way_knows_when_certificates_end(authority: Authority) -> None:
    ours = authority.certificate("shop", holds=timedelta(days=10))
    way = trusting(authority, ours)

    with served(over_tls(answering(OK), authority.certificate("erp", "127.0.0.1")), way) as transport:
        transport.call(POST, 5)

    days = {ends.whose: (ends.at - datetime.now(UTC)).days for ends in way.expiries()}
    assert days == {"our client certificate": 9, "the certificate of 127.0.0.1": 364}
