"""HTTP calls to one ERP: each ends in an answer, or in the knowledge of whether a byte of it has left.

The model: a call that got no usable answer is harmless if nothing was sent, and ambiguous otherwise. So the
socket itself keeps that book: the network backend below notes the first byte of a request that is handed to the
operating system (a TLS handshake is none of it), and no exception's name is ever taken as evidence. The same
place holds the deadline: every connect, write and read gets what is left of it, so that an ERP that drips bytes
cannot stretch a call. The name look-up alone is the operating system's, with a time-out of its own.

A kept-alive connection that the server closes at the very moment we send looks exactly like a lost answer, and is
reported as sent: looking the document up is honest, sending it again is a guess. Keep `keepalive` well below the
ERP's own idle time-out, and it hardly happens.
"""

import base64
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import Literal, TypeVar
from urllib.parse import urlsplit

import httpcore
import httpx
from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError

_Failure = TypeVar("_Failure", bound=Exception)
_LONGEST_WAIT = timedelta(hours=1)
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Request:
    """One call: `path` is appended to the base address, `query` may repeat names, `body` becomes JSON.

    `content` is a body that is bytes already; `headers` go beside those of every call.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: object = None
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def on_the_wire(self) -> tuple[bytes | None, dict[str, str]]:
        """The body's bytes and the headers that go with this call."""
        content = self.content if self.body is None else json.dumps(self.body).encode()
        kind = {} if content is None else {"Content-Type": "application/json"}
        return content, {**kind, **self.headers}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the ERP answered, whatever the status; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    duration: timedelta

    def json(self) -> object:
        """The body as JSON with exact decimals, or None where it is not JSON."""
        try:
            body: object = json.loads(self.content, parse_float=Decimal)
        except ValueError:
            return None
        return body


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Read Retry-After: seconds, or an instant compared with the answer's own Date; never more than an hour."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), _LONGEST_WAIT)
    try:
        wait = _http_instant(value) - _http_instant(headers.get("date", ""))
    except ValueError:
        return None
    return min(max(wait, timedelta()), _LONGEST_WAIT)


def _http_instant(value: str) -> datetime:
    instant = parsedate_to_datetime(value)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No usable answer; `sent` tells whether any byte of the request may have left, `reason` is a sentence part."""

    sent: bool
    reason: str
    duration: timedelta


@dataclass(frozen=True, slots=True)
class TransportTerms:
    """How a connection is used; `keepalive` must be below the ERP's own idle time-out."""

    keepalive: timedelta = timedelta(seconds=20)
    connections: int = 8
    answer_limit: int = 8 * 1024 * 1024
    allow_plain_http: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """The header that proves who asks; the secret shows in no repr, no error and no answer that quotes it."""

    header: str
    secret: SecretStr
    scheme: Literal["", "Bearer", "Basic"] = ""
    user: str = ""

    def value(self) -> str:
        """The header's value; raise ConfigurationError where HTTP cannot carry it."""
        secret = self.secret.get_secret_value()
        if not secret.isascii() or not secret.isprintable() or not secret or secret != secret.strip():
            raise ConfigurationError(
                f"the credential for header {self.header}: found nothing, a line break, a space at an end or a "
                "letter beyond ASCII, allowed: printable ASCII",
                hint="look at the secret's file: one line, no spaces around",
            )
        if self.scheme == "Basic":
            secret = base64.b64encode(f"{self.user}:{secret}".encode()).decode()
        return f"{self.scheme} {secret}".strip()

    def hidden_in(self, content: bytes) -> bytes:
        """The content without the secret, plain or as it goes over the wire."""
        for secret in (self.value().rpartition(" ")[2], self.secret.get_secret_value()):
            content = content.replace(secret.encode(), b"[secret]")
        return content


class HttpTransport:
    """One ERP's connections: thread-safe, kept alive, TLS verified, no redirects, no proxies."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        terms: TransportTerms,
        *,
        credential: Credential,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Check the address and the credential; raise ConfigurationError for what must not be used."""
        self._base = checked_base_url(base_url, allow_plain_http=terms.allow_plain_http)
        self._limit = terms.answer_limit
        self._credential = credential
        self._watch = _Watch()
        pool = httpcore.ConnectionPool(
            ssl_context=tls or ssl.create_default_context(),
            max_connections=terms.connections,
            max_keepalive_connections=terms.connections,
            keepalive_expiry=terms.keepalive.total_seconds(),
            network_backend=_Backend(self._watch),
        )
        defaults = {"Accept": "application/json", "Accept-Encoding": "identity"}
        self._pool = pool
        address = httpx.URL(self._base)
        named = {"Host": address.netloc.decode(), **defaults, **headers, credential.header: credential.value()}
        self._headers = tuple((name.encode(), value.encode()) for name, value in named.items())
        self._origin = (address.raw_scheme, address.raw_host, address.port)
        self._prefix = address.raw_path.rstrip(b"/")

    def __repr__(self) -> str:
        return f"HttpTransport({self._base})"

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def call(self, request: Request, deadline: float) -> Answer | NoAnswer:
        """Make one call within `deadline` seconds in all. Never raises for what the network or the ERP did."""
        began = monotonic()
        exchange = self._watch.begin(began + deadline)
        try:
            with closing(self._pool.handle_request(self._written(request, deadline))) as response:
                body = _bounded(response.iter_stream(), self._limit)
                if body is None:
                    reason = f"the answer is longer than {self._limit} bytes"
                    return NoAnswer(exchange.sent, reason, _since(began))
                if response.status >= HTTPStatus.BAD_REQUEST:
                    body = self._credential.hidden_in(body)
                return Answer(response.status, _readable(response.headers), body, _since(began))
        except _FAILURES as error:
            return NoAnswer(exchange.sent, _reason(error, deadline), _since(began))

    def address(self, request: Request) -> str:
        """The whole address that a request would go to."""
        return f"{self._base}{request.path}" + (f"?{httpx.QueryParams(list(request.query))}" if request.query else "")

    def _written(self, request: Request, deadline: float) -> httpcore.Request:
        """The request as it goes over the wire; httpx itself would merge, copy and hook what is ready here."""
        scheme, host, port = self._origin
        query = b"?" + str(httpx.QueryParams(list(request.query))).encode() if request.query else b""
        target = self._prefix + request.path.encode() + query
        content, headers = request.on_the_wire()
        own = [(name.encode(), value.encode()) for name, value in headers.items()]
        if content is not None or request.method in _WITH_BODY:
            own.append((b"Content-Length", b"%d" % len(content or b"")))
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=target or b"/")
        waits = {"timeout": {"pool": max(deadline, 0.001)}}
        return httpcore.Request(request.method, url, headers=[*self._headers, *own], content=content, extensions=waits)


def _readable(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case; a header that came several times is one, joined by commas."""
    named: dict[str, str] = {}
    for raw, value in headers:
        name = raw.decode("ascii", "replace").lower()
        text = value.decode("utf-8", "replace")
        named[name] = f"{named[name]}, {text}" if name in named else text
    return named


def checked_base_url(text: str, *, allow_plain_http: bool = False) -> str:
    """Return the address without its last slash; raise ConfigurationError for one that must not be used."""
    allowed = "https://host[:port][/path], or http:// to this machine"
    hint = "correct base_url in the blueprint; credentials belong in the settings"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"base_url: found credentials in the address, allowed: {allowed}", hint=hint)
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise ConfigurationError(f"base_url: found {text!r}, allowed: {allowed}", hint=hint)
    if parts.scheme == "http" and not allow_plain_http and not _is_loopback(host):
        message = f"base_url: found {text!r}, which would send credentials unencrypted; allowed: {allowed}"
        raise ConfigurationError(message, hint="use https, or set transport.allow_plain_http in the profile")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bounded(chunks: Iterator[bytes], limit: int) -> bytes | None:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limit:
            return None
    return bytes(content)


def _since(began: float) -> timedelta:
    return timedelta(seconds=monotonic() - began)


def _reason(error: Exception, deadline: float) -> str:
    """Say what happened in our own words; only connection errors, which hold no header, are quoted."""
    match error:
        case httpcore.PoolTimeout():
            return f"no connection was free within {deadline:g} s"
        case httpcore.ConnectTimeout():
            return f"no connection within {deadline:g} s"
        case httpcore.ConnectError():
            return f"no connection ({error})"
        case httpcore.TimeoutException():
            return f"no answer within {deadline:g} s"
        case httpcore.RemoteProtocolError():
            return "the connection closed without a whole answer"
        case httpcore.NetworkError() | OSError():
            return "the connection broke"
        case _:
            return f"the request could not be made ({type(error).__name__})"


@dataclass(slots=True)
class _Exchange:
    """The book of one call: how long it may take, and whether a byte of it has left."""

    ends_at: float
    sent: bool = False

    def left(self, failure: type[_Failure]) -> float:
        """The seconds left; raise `failure` when there are none."""
        seconds = self.ends_at - monotonic()
        if seconds <= 0:
            raise failure
        return seconds


class _Watch(threading.local):
    """The call that this thread is making."""

    exchange = _Exchange(0.0)

    def begin(self, ends_at: float) -> _Exchange:
        self.exchange = _Exchange(ends_at)
        return self.exchange


class _Backend(httpcore.NetworkBackend):
    """Opens sockets that keep to the deadline of the call that uses them."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- the deadline of the whole call rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._watch.exchange.left(httpcore.ConnectTimeout)
        return _Stream(self._sockets.connect_tcp(host, port, left, local_address, socket_options), self._watch)


class _Stream(httpcore.NetworkStream):
    """A socket that notes the first byte sent; TLS wraps the inner stream, so a handshake is not noted."""

    def __init__(self, inner: httpcore.NetworkStream, watch: _Watch) -> None:
        self._inner = inner
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- see connect_tcp
        return self._inner.read(max_bytes, self._watch.exchange.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 -- see connect_tcp
        left = self._watch.exchange.left(httpcore.WriteTimeout)
        self._watch.exchange.sent = True
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- see connect_tcp
    ) -> httpcore.NetworkStream:
        left = self._watch.exchange.left(httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._watch)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
