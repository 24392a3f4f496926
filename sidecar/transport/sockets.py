"""Sockets that keep the book of a call: what is left of its time, and whether a byte of it has left.

A tunnel through a proxy and a TLS handshake belong to connecting; nothing of the request has left before both stand.
With TLS 1.3 a server judges our certificate after its handshake is over for us, when the request is under way already:
its alert then is the proof that no byte of the request was read.
"""

import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar

import httpcore

from sidecar.domain.errors import ConfigurationError
from sidecar.transport.proxies import Proxy
from sidecar.transport.way import Way

_Failure = TypeVar("_Failure", bound=Exception)
_LONGEST_REPLY: Final = 16 * 1024
_PROXY_WANTS_CREDENTIALS: Final = 407
_PROXY: Final = "look at proxy in sidecar.toml, and ask who runs it"

_TRUST: Final = "name the authority that signed it in tls.ca_file; verification cannot be switched off"
_REFUSALS: Final = {
    9: ("is not valid yet", "compare this host's clock with the ERP's: timedatectl"),
    10: ("has expired", "tell the ERP's owners to renew it"),
    18: ("is signed by itself", _TRUST),
    19: ("comes from an authority that is not trusted", _TRUST),
    20: ("comes from an authority that is not trusted, or its chain is not whole", _TRUST),
    23: ("was revoked", "ask the ERP's owners"),
    62: ("is for another host", "correct base_url: the name in it must stand in the certificate"),
    64: ("is for another address", "put the host's name into base_url: the certificate does not hold its address"),
}
"""What OpenSSL's codes mean for a person."""

_OURS: Final = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "wants a certificate of ours",
    "SSLV3_ALERT_BAD_CERTIFICATE": "does not accept our certificate",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "does not accept our kind of certificate",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "says that our certificate was revoked",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "says that our certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "does not accept our certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "does not know who signed our certificate",
    "TLSV1_ALERT_ACCESS_DENIED": "does not let our certificate in",
}
"""Alerts with which a server ends a handshake because of the client's certificate."""
_OUR_CERTIFICATE: Final = "look at tls.certificate in sidecar.toml, or ask the ERP's owners"


class Refused(httpcore.ConnectError):
    """The way to the other side is closed, for a reason that a person can read; nothing of the request was read."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.hint = hint


@dataclass(slots=True)
class Exchange:
    """The book of one call: how long it may take, and whether a byte of it has left."""

    ends_at: float
    sent: bool = False

    def left(self, failure: type[_Failure]) -> float:
        """The seconds left; raise `failure` when there are none."""
        seconds = self.ends_at - monotonic()
        if seconds <= 0:
            raise failure
        return seconds


class Watch(threading.local):
    """The call that this thread is making."""

    exchange = Exchange(0.0)

    def begin(self, ends_at: float) -> Exchange:
        """Open the book of the next call."""
        self.exchange = Exchange(ends_at)
        return self.exchange


class Backend(httpcore.NetworkBackend):
    """Opens sockets that keep to the deadline of the call that uses them."""

    def __init__(self, watch: Watch, way: Way) -> None:
        self._watch, self._way = watch, way
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- the deadline of the whole call rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect, through the proxy where one serves the host."""
        exchange, proxy = self._watch.exchange, self._way.proxy
        tunnelled = proxy is not None and proxy.serves(host, port)
        there = (proxy.host, proxy.port) if proxy is not None and tunnelled else (host, port)
        left = exchange.left(httpcore.ConnectTimeout)
        try:
            stream = self._sockets.connect_tcp(*there, left, local_address, socket_options)
        except httpcore.ConnectError as error:
            if proxy is None or not tunnelled:
                raise
            raise Refused(f"the proxy {proxy} cannot be reached: {error}", _PROXY) from error
        if proxy is not None and tunnelled:
            try:
                _tunnel(stream, proxy, host, port, exchange)
            except BaseException:
                stream.close()
                raise
        return Stream(stream, self._watch, self._way)


def _tunnel(stream: httpcore.NetworkStream, proxy: Proxy, host: str, port: int, exchange: Exchange) -> None:
    """Have the proxy connect; what is sent here is not the request."""
    head = b""
    try:
        stream.write(proxy.connect(host, port), exchange.left(httpcore.ConnectTimeout))
        while b"\r\n\r\n" not in head and len(head) <= _LONGEST_REPLY:
            chunk = stream.read(4096, exchange.left(httpcore.ConnectTimeout))
            if not chunk:
                break
            head += chunk
    except httpcore.TimeoutException as error:
        raise httpcore.ConnectTimeout(str(error)) from error
    except httpcore.NetworkError as error:
        raise Refused(f"the proxy {proxy} broke the connection", _PROXY) from error
    top, end, more = head.partition(b"\r\n\r\n")
    if not end:
        raise Refused(f"the proxy {proxy} closed the connection without a whole answer", _PROXY)
    words = top.split(maxsplit=2)
    status = int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/1.") and words[1].isdigit() else 0
    if status == _PROXY_WANTS_CREDENTIALS:
        hint = "set proxy.user and proxy.password_file in sidecar.toml"
        raise Refused(f"the proxy {proxy} does not accept our credentials (HTTP 407)", hint)
    if not 200 <= status < 300 or more:  # noqa: PLR2004 -- HTTP's own numbers
        said = f"HTTP {status}" if status and not more else "what is not HTTP"
        raise Refused(f"the proxy {proxy} answered CONNECT to {host}:{port} with {said}", _PROXY)


class Stream(httpcore.NetworkStream):
    """A socket that notes the first byte sent; TLS wraps the inner stream, so a handshake is not noted."""

    def __init__(self, inner: httpcore.NetworkStream, watch: Watch, way: Way, host: str = "") -> None:
        self._inner, self._watch, self._way = inner, watch, way
        self._host, self._heard = host, False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- see connect_tcp
        """Read within the call's time."""
        exchange = self._watch.exchange
        try:
            chunk = self._inner.read(max_bytes, exchange.left(httpcore.ReadTimeout))
        except httpcore.ReadError as error:
            words = _OURS.get(_reason(error))
            if words is None or self._heard:
                raise
            exchange.sent = False
            raise Refused(f"{self._host} {words}", _OUR_CERTIFICATE) from error
        self._heard = True
        return chunk

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 -- see connect_tcp
        """Write within the call's time; from here on a byte may have left."""
        left = self._watch.exchange.left(httpcore.WriteTimeout)
        self._watch.exchange.sent = True
        self._inner.write(buffer, left)

    def close(self) -> None:
        """Close the socket."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 -- the way knows the newest
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- see connect_tcp
    ) -> httpcore.NetworkStream:
        """Shake hands, with the certificates as they are on disk now."""
        host = server_hostname or ""
        left = self._watch.exchange.left(httpcore.ConnectTimeout)
        try:
            inner = self._inner.start_tls(self._way.context(), server_hostname, left)
        except ConfigurationError as error:
            self.close()
            raise Refused(str(error), error.hint) from None
        except httpcore.ConnectError as error:
            raise _refusal(host, error) from error
        encrypted = inner.get_extra_info("socket")
        if isinstance(encrypted, ssl.SSLSocket):
            self._way.met(host, (encrypted.getpeercert() or {}).get("notAfter"))
        return Stream(inner, self._watch, self._way, host)

    def get_extra_info(self, info: str) -> object:
        """What the socket tells of itself."""
        return self._inner.get_extra_info(info)


def _reason(error: BaseException) -> str:
    """OpenSSL's name of what went wrong."""
    cause = error.__cause__
    return (cause.reason or "") if isinstance(cause, ssl.SSLError) else ""


def _refusal(host: str, error: httpcore.ConnectError) -> httpcore.ConnectError:
    """A handshake that failed, in words that a person can act upon where OpenSSL says why."""
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        words, hint = _REFUSALS.get(cause.verify_code, (f"is not accepted: {cause.verify_message}", _TRUST))
        return Refused(f"the certificate of {host} {words}", hint)
    if (judged := _OURS.get(_reason(error))) is not None:
        return Refused(f"{host} {judged}", _OUR_CERTIFICATE)
    if _reason(error) in ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_VERSION_NUMBER"):
        return Refused(f"{host} does not speak TLS 1.2 or newer", "ask the ERP's owners; nothing older is spoken")
    return Refused(f"no TLS with {host}: {_reason(error).replace('_', ' ').lower() or error}", "ask the ERP's owners")
