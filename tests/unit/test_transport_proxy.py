"""A forward proxy: TLS goes through it from end to end, and nothing counts as sent before the tunnel stands."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
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
    TlsTerms,
    TransportTerms,
    Way,
    environment_proxy,
    proxy_at,
)
from tests.support.authority import Authority, over_tls
from tests.support.forward_proxy import Death, ForwardProxy
from tests.support.scripted_http import Listener, Script, answering, http_answer, read_request

SECRET = "s3cr3t-of-the-shop"
PASSWORD = "pr0xy-pass"
OK = http_answer(200, '{"n": 1}')
POST = Request("POST", "/api/orders", body={"reference": "M1-1"})
ERP = "erp.example.com"


@contextmanager
def through(
    folder: Path,
    script: Script = answering(OK),  # noqa: B008 -- it keeps nothing between connections
    *,
    dies: Death = "",
    answer: str = "",
    guarded: bool = False,
    user: str = "",
) -> Iterator[tuple[HttpTransport, ForwardProxy]]:
    """A transport to an ERP with a name that only the proxy knows."""
    authority = Authority(folder)
    server = over_tls(script, authority.certificate("erp", ERP))
    wanted = {"user": "shop", "password": PASSWORD} if guarded else {}
    with (
        closing(Listener(server)) as erp,
        closing(ForwardProxy(erp.address, **wanted, dies=dies, answer=answer)) as proxy,
    ):
        there = proxy_at(proxy.address, user=user, password=SecretStr(PASSWORD) if user else None)
        way = Way(TlsTerms(ca_file=authority.path), there)
        credential = Credential("X-Api-Key", SecretStr(SECRET))
        with closing(HttpTransport(f"https://{ERP}", {}, TransportTerms(), credential=credential, way=way)) as made:
            yield made, proxy


def test_calls_go_through_the_proxy_which_sees_host_and_port_alone(tmp_path: Path) -> None:
    with through(tmp_path) as (transport, proxy):
        replies = [transport.call(POST, 5) for _ in range(3)]

        assert all(isinstance(reply, Answer) for reply in replies)
        assert proxy.asked == [f"CONNECT {ERP}:443 HTTP/1.1"]
        assert SECRET.encode() not in proxy.passed
        assert b"orders" not in proxy.passed


def test_a_proxy_that_asks_who_we_are_is_told(tmp_path: Path) -> None:
    with through(tmp_path, guarded=True, user="shop") as (transport, _):
        assert isinstance(transport.call(POST, 5), Answer)


def test_a_proxy_that_does_not_know_us_means_that_nothing_was_sent(tmp_path: Path) -> None:
    with through(tmp_path, guarded=True) as (transport, proxy):
        reply = transport.call(POST, 5)

    assert isinstance(reply, NoAnswer)
    assert (reply.sent, reply.reason) == (
        False,
        f"the proxy {proxy.address} does not accept our credentials (HTTP 407)",
    )
    assert "proxy.password_file" in reply.hint


@pytest.mark.parametrize("answer", ["HTTP/1.1 502 Bad Gateway", "HTTP/1.1 403 Forbidden", "220 mail.example ESMTP"])
def test_a_refused_connect_means_that_nothing_was_sent(answer: str, tmp_path: Path) -> None:
    with through(tmp_path, answer=answer) as (transport, _):
        reply = transport.call(POST, 5)

    assert isinstance(reply, NoAnswer)
    assert not reply.sent
    assert f"answered CONNECT to {ERP}:443 with " in reply.reason


@pytest.mark.parametrize("dies", ["before it answers", "amid its answer", "after CONNECT", "amid the handshake"])
def test_a_proxy_that_dies_before_the_request_means_that_nothing_was_sent(dies: Death, tmp_path: Path) -> None:
    with through(tmp_path, dies=dies) as (transport, proxy):
        reply = transport.call(POST, 5)

        assert proxy.asked == [f"CONNECT {ERP}:443 HTTP/1.1"]
    assert isinstance(reply, NoAnswer)
    assert not reply.sent


def test_what_is_lost_behind_a_proxy_was_sent(tmp_path: Path) -> None:
    def script(connection: socket.socket, _: threading.Event) -> None:
        read_request(connection)

    with through(tmp_path, script) as (transport, _):
        reply = transport.call(POST, 5)

    assert isinstance(reply, NoAnswer)
    assert reply.sent


def test_a_proxy_that_does_not_answer_keeps_the_deadline() -> None:
    def mute(connection: socket.socket, ended: threading.Event) -> None:
        connection.recv(4096)
        ended.wait(5)

    with closing(Listener(mute)) as proxy:
        way = Way(TlsTerms(), proxy_at(f"http://{proxy.address}"))
        credential = Credential("X-Api-Key", SecretStr(SECRET))
        with closing(
            HttpTransport(f"https://{ERP}", {}, TransportTerms(), credential=credential, way=way)
        ) as transport:
            began = monotonic()
            reply = transport.call(POST, 0.3)

    assert isinstance(reply, NoAnswer)
    assert (reply.sent, reply.reason) == (False, "no connection within 0.3 s")
    assert monotonic() - began < 2


def test_a_proxy_that_is_away_is_named() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    credential = Credential("X-Api-Key", SecretStr(SECRET))
    way = Way(TlsTerms(), proxy_at(address))

    with closing(HttpTransport(f"https://{ERP}", {}, TransportTerms(), credential=credential, way=way)) as transport:
        reply = transport.call(POST, 5)

    assert isinstance(reply, NoAnswer)
    assert not reply.sent
    assert reply.reason.startswith(f"the proxy {address} cannot be reached")


@pytest.mark.parametrize(
    ("entry", "host", "port", "serves"),
    [
        ("", ERP, 443, True),
        ("*", ERP, 443, False),
        ("example.com", ERP, 443, False),
        (".example.com", ERP, 443, False),
        ("ple.com", ERP, 443, True),
        ("erp.example.com:8443", ERP, 443, True),
        ("ERP.example.com:443", ERP, 443, False),
        ("10.0.0.0/8", "10.1.2.3", 443, False),
        ("10.0.0.0/8", "11.1.2.3", 443, True),
        ("2001:db8::/32", "2001:db8::7", 443, False),
        ("[2001:db8::7]:443", "2001:db8::7", 443, False),
        ("", "127.0.0.1", 8080, False),
        ("", "localhost", 8080, False),
    ],
)
def test_what_no_proxy_names_is_reached_without_the_proxy(entry: str, host: str, port: int, serves: bool) -> None:  # noqa: FBT001
    proxy = proxy_at("http://proxy:3128", exempt=[entry] if entry else [])

    assert proxy.serves(host, port) is serves


def test_the_environments_proxy_is_used_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://shop:{PASSWORD}@proxy.local:8888")
    monkeypatch.setenv("NO_PROXY", "localhost, .example.com")

    proxy = environment_proxy()

    assert proxy is not None
    assert (str(proxy), proxy.user, proxy.exempt) == ("http://proxy.local:8888", "shop", ("localhost", ".example.com"))
    assert PASSWORD not in repr(proxy)
    assert Way().proxy is None


@pytest.mark.parametrize("address", ["https://proxy", "socks5://proxy", "proxy:3128", f"http://shop:{PASSWORD}@proxy"])
def test_an_address_that_is_no_proxys_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^proxy\.address: found ") as caught:
        proxy_at(address)

    assert PASSWORD not in str(caught.value) + caught.value.hint
