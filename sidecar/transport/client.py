"""HTTP calls to one ERP: each ends in an answer, or in the knowledge of whether a byte of it has left.

The model: a call that got no usable answer is harmless if nothing was sent, and ambiguous otherwise. So the
socket itself keeps that book: the network backend (sockets.py) notes the first byte of a request that is handed to the
operating system (a TLS handshake is none of it), and no exception's name is ever taken as evidence. The same
place holds the deadline: every connect, write and read gets what is left of it, so that an ERP that drips bytes
cannot stretch a call. The name look-up alone is the operating system's, with a time-out of its own.

A kept-alive connection that the server closes at the very moment we send looks exactly like a lost answer, and is
reported as sent: looking the document up is honest, sending it again is a guess. Keep `keepalive` well below the
ERP's own idle time-out, and it hardly happens.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from time import monotonic

import httpcore
import httpx

from sidecar.domain.documents import PreviewedRequest
from sidecar.transport.addresses import checked_base_url
from sidecar.transport.calls import Answer, NoAnswer, Request, TransportTerms
from sidecar.transport.credentials import Proof
from sidecar.transport.sockets import Backend, Refused, Watch
from sidecar.transport.way import Way

_NOBODY_TRUSTED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What httpcore wants to have; the way's own context takes its place at each handshake."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    OSError,
)


class HttpTransport:
    """One ERP's connections: thread-safe, kept alive, TLS verified, no redirects."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        terms: TransportTerms,
        *,
        credential: Proof,
        way: Way | None = None,
    ) -> None:
        """Check address, credential and certificates; raise ConfigurationError for what must not be used."""
        self._base = checked_base_url(base_url, allow_plain_http=terms.allow_plain_http)
        self._limit = terms.answer_limit
        self._credential = credential
        self._watch = Watch()
        address = httpx.URL(self._base)
        way = way or Way()
        if address.scheme == "https":
            way.context()
        self._pool = httpcore.ConnectionPool(
            ssl_context=_NOBODY_TRUSTED,
            max_connections=terms.connections,
            max_keepalive_connections=terms.connections,
            keepalive_expiry=terms.keepalive.total_seconds(),
            network_backend=Backend(self._watch, way),
        )
        defaults = {"Accept": "application/json", "Accept-Encoding": "identity"}
        named = {"Host": address.netloc.decode(), **defaults, **headers}
        self._headers = tuple((name.encode(), value.encode()) for name, value in named.items())
        self._origin = (address.raw_scheme, address.raw_host, address.port)
        self._prefix = address.raw_path.rstrip(b"/")

    def __repr__(self) -> str:
        return f"HttpTransport({self._base})"

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()
        self._credential.close()

    def call(self, request: Request, deadline: float) -> Answer | NoAnswer:
        """Make one call within `deadline` seconds in all. Never raises for what the network or the ERP did.

        A 401 is answered before anything is done: where another credential is to be had, the call is made once more.
        """
        began = monotonic()
        reply, used = self._proven(request, began, deadline)
        if not isinstance(reply, Answer) or reply.status != HTTPStatus.UNAUTHORIZED:
            return reply
        if not self._credential.renewed(used):
            return reply
        again, _ = self._proven(request, began, deadline)
        return again

    def _proven(self, request: Request, began: float, deadline: float) -> tuple[Answer | NoAnswer, str]:
        """One exchange, and the value of the header that proved who asks."""
        proof = self._credential.header(began + deadline)
        if isinstance(proof, NoAnswer):
            return replace(proof, duration=_since(began)), ""
        return self._exchange(request, proof, began, deadline), proof[1]

    def _exchange(self, request: Request, proof: tuple[str, str], began: float, deadline: float) -> Answer | NoAnswer:
        exchange = self._watch.begin(began + deadline)
        sent_at = monotonic()
        try:
            with closing(self._pool.handle_request(self._written(request, proof, exchange.ends_at))) as response:
                body = _bounded(response.iter_stream(), self._limit)
                if body is None:
                    reason = f"the answer is longer than {self._limit} bytes"
                    return NoAnswer(exchange.sent, reason, _since(sent_at))
                if response.status >= HTTPStatus.BAD_REQUEST:
                    body = self._hidden(body, proof[1])
                return Answer(response.status, _readable(response.headers), body, _since(sent_at))
        except Refused as error:
            return NoAnswer(exchange.sent, str(error), _since(sent_at), error.hint)
        except _FAILURES as error:
            return NoAnswer(exchange.sent, _reason(error, deadline), _since(sent_at))

    def _hidden(self, body: bytes, used: str) -> bytes:
        """An answer that quotes what we sent, without it; another thread may have renewed it meanwhile."""
        shown = used.rpartition(" ")[2].encode()
        return self._credential.hidden_in(body.replace(shown, b"[secret]") if shown else body)

    def address(self, request: Request) -> str:
        """The whole address that a request would go to."""
        return f"{self._base}{request.path}" + (f"?{httpx.QueryParams(list(request.query))}" if request.query else "")

    def shown(self, request: Request) -> PreviewedRequest:
        """The request as it would go over the wire, without its credential."""
        content, own = request.on_the_wire()
        headers = {name.decode(): value.decode() for name, value in self._headers}
        body = (content or b"").decode("utf-8", "replace")
        return PreviewedRequest(request.method, self.address(request), {**headers, **own}, body)

    def _written(self, request: Request, proof: tuple[str, str], ends_at: float) -> httpcore.Request:
        """The request as it goes over the wire; httpx itself would merge, copy and hook what is ready here."""
        scheme, host, port = self._origin
        query = b"?" + str(httpx.QueryParams(list(request.query))).encode() if request.query else b""
        target = self._prefix + request.path.encode() + query
        content, headers = request.on_the_wire()
        own = [(name.encode(), value.encode()) for name, value in (proof, *headers.items()) if name]
        if content is not None or request.method in _WITH_BODY:
            own.append((b"Content-Length", b"%d" % len(content or b"")))
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=target or b"/")
        waits = {"timeout": {"pool": max(ends_at - monotonic(), 0.001)}}
        return httpcore.Request(request.method, url, headers=[*self._headers, *own], content=content, extensions=waits)


def _readable(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case; a header that came several times is one, joined by commas."""
    named: dict[str, str] = {}
    for raw, value in headers:
        name = raw.decode("ascii", "replace").lower()
        text = value.decode("utf-8", "replace")
        named[name] = f"{named[name]}, {text}" if name in named else text
    return named


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
