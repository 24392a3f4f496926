"""Tokens by OAuth 2.0 client credentials (RFC 6749, 4.4): one per process, asked for by one thread at a time.

A token's age is counted by the monotonic clock from before it was asked for, so no wall clock can make it look
younger. It is renewed ahead of its end by one thread, while the others go on with what they have. A token endpoint
that fails is left alone for a while, longer each time; until then a call ends at once as not sent, for nothing of it
was. A token that the ERP refuses is dropped and another asked for, unless it was quite new: then another would be
refused as well.
"""

import base64
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import Final, Literal
from urllib.parse import quote, urlencode, urlsplit

from sidecar.domain.errors import ConfigurationError
from sidecar.transport.addresses import checked_base_url
from sidecar.transport.assertion import AssertionTerms, signed_assertion
from sidecar.transport.calls import Answer, NoAnswer, Request, TransportTerms, retry_after
from sidecar.transport.client import HttpTransport
from sidecar.transport.credentials import KeptSecret, Secret
from sidecar.transport.way import Way

_TERMS: Final = TransportTerms(keepalive=timedelta(seconds=5), connections=1, answer_limit=256 * 1024)
_MOST_SECONDS: Final = 10.0
_UNTOLD: Final = 600
"""How long a token is used whose age its endpoint does not tell; a 401 may end it before."""
_LONGEST: Final = 24 * 3600
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_QUITE_NEW: Final = 10.0
_SKEW_THAT_COUNTS: Final = 5.0
_JWT_BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CREDENTIALS: Final = "look at client_id and at the destination's secret"
_HINTS: Final = {
    "invalid_client": _CREDENTIALS,
    "invalid_grant": _CREDENTIALS,
    "unauthorized_client": "have this client allowed to use client credentials at the token endpoint",
    "invalid_scope": "correct scope in the profile",
    "invalid_target": "correct audience in the profile",
    "unsupported_grant_type": "the token endpoint does not know client credentials: correct token_url",
}


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """How a token is asked for; with an assertion the secret is our private key, otherwise the client's secret."""

    token_url: str
    client_id: str
    client: Literal["basic", "body", "private_key_jwt"] = "basic"
    scope: str = ""
    audience: str = ""
    margin: timedelta = timedelta(seconds=60)
    assertion: AssertionTerms | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    """One token, by the monotonic clock."""

    header: str = field(repr=False)
    asked_at: float
    renew_at: float
    ends_at: float


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why there is no token, and how long to wait where the endpoint says so."""

    reason: str
    hint: str = ""
    wait: timedelta | None = None
    by_us: bool = False
    """The endpoint has judged our credentials, and did not accept them."""


class _Nobody:
    """A proof that proves nothing: a token endpoint is told who asks by the request itself."""

    def header(self, ends_at: float) -> tuple[str, str]:
        del ends_at
        return "", ""

    def renewed(self, refused: str) -> bool:
        del refused
        return False

    def hidden_in(self, content: bytes) -> bytes:
        return content

    def close(self) -> None:
        """There is nothing to give back."""


class TokenProof:
    """A token as the proof of who asks; see Proof. `now` is this host's wall clock."""

    def __init__(
        self, terms: TokenTerms, secret: Secret, way: Way | None = None, *, now: Callable[[], float] = time.time
    ) -> None:
        """Nothing is asked for yet; raises ConfigurationError for an address that must not be used."""
        checked_base_url(terms.token_url, key="token_url")
        parts = urlsplit(terms.token_url)
        self._terms, self._secret, self._now = terms, secret, now
        self._path = parts.path
        self._transport = HttpTransport(f"{parts.scheme}://{parts.netloc}", {}, _TERMS, credential=_Nobody(), way=way)
        self._asking, self._swapping = threading.Lock(), threading.Lock()
        self._token: _Token | None = None
        self._refusal, self._silent_until, self._pause = _Refusal("nothing was asked yet"), 0.0, 0.0
        self._skew = 0.0

    def __repr__(self) -> str:
        return f"TokenProof({self._terms.token_url}, {self._terms.client_id})"

    def header(self, ends_at: float) -> tuple[str, str] | NoAnswer:
        """See Proof."""
        token, now = self._token, monotonic()
        if token is not None and now < token.renew_at:
            return "Authorization", token.header
        if token is not None and now < token.ends_at:
            if self._asking.acquire(blocking=False):
                try:
                    self._ask(ends_at)
                finally:
                    self._asking.release()
            return "Authorization", (self._token or token).header
        if not self._asking.acquire(timeout=max(0.0, ends_at - now)):
            return _none(_Refusal("another call was asking for it until the time was over"))
        try:
            token = self._token
            if token is None or monotonic() >= token.ends_at:
                token = self._ask(ends_at)
        finally:
            self._asking.release()
        return _none(self._refusal) if token is None else ("Authorization", token.header)

    def renewed(self, refused: str) -> bool:
        """Drop the token that was refused; see Proof."""
        with self._swapping:
            token = self._token
            if token is None or token.header != refused:
                return True
            if monotonic() - token.asked_at < _QUITE_NEW:
                return False
            self._token = None
            return True

    def hidden_in(self, content: bytes) -> bytes:
        """See Proof; the client's secret itself goes to the token endpoint alone."""
        token = self._token
        return content if token is None else content.replace(_bare(token.header), b"[secret]")

    def close(self) -> None:
        """Close the connection to the token endpoint."""
        self._transport.close()

    def _ask(self, ends_at: float) -> _Token | None:
        """Ask unless the endpoint is to be left alone; by the one thread that may."""
        if monotonic() < self._silent_until:
            return None
        skew, secret = self._skew, self._secret.get_secret_value()
        got = self._once(ends_at)
        if isinstance(got, _Refusal) and got.by_us and self._knows_better(skew, secret):
            got = self._once(ends_at)
        if isinstance(got, _Token):
            with self._swapping:
                self._token = got
            self._pause = 0.0
            return got
        self._refusal = got
        self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
        wait = 0.0 if got.wait is None else got.wait.total_seconds()
        self._silent_until = monotonic() + max(self._pause, wait)
        return None

    def _knows_better(self, skew: float, secret: str) -> bool:
        """A secret that was replaced, or a clock that turned out to be wrong, is a reason to ask again at once."""
        if isinstance(self._secret, KeptSecret):
            self._secret.read_again(lambda _: None)
        moved = self._terms.assertion is not None and abs(self._skew - skew) > _SKEW_THAT_COUNTS
        return moved or self._secret.get_secret_value() != secret

    def _once(self, ends_at: float) -> _Token | _Refusal:
        asked_at = monotonic()
        try:
            request = self._request()
        except ConfigurationError as error:
            return _Refusal(str(error), error.hint)
        wall = self._now()
        reply = self._transport.call(request, min(ends_at - asked_at, _MOST_SECONDS))
        if isinstance(reply, NoAnswer):
            return _Refusal(f"{self._terms.token_url} does not answer: {reply.reason}", reply.hint)
        self._skew = _skew(reply, wall)
        if reply.status != HTTPStatus.OK:
            return self._refused(reply)
        return self._read(reply, asked_at)

    def _request(self) -> Request:
        terms, secret = self._terms, self._secret.get_secret_value()
        form = {"grant_type": "client_credentials", "scope": terms.scope, "audience": terms.audience}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        match terms.client:
            case "private_key_jwt":
                how = terms.assertion or AssertionTerms("RS256")
                now = int(self._now() + self._skew)
                form["client_id"] = terms.client_id
                form["client_assertion_type"] = _JWT_BEARER
                form["client_assertion"] = signed_assertion(how, secret, terms.client_id, terms.token_url, now)
            case "body":
                form |= {"client_id": terms.client_id, "client_secret": secret}
            case "basic":
                pair = f"{quote(terms.client_id, safe='')}:{quote(secret, safe='')}"
                headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        content = urlencode({name: value for name, value in form.items() if value}).encode()
        return Request("POST", self._path, content=content, headers=headers)

    def _read(self, reply: Answer, asked_at: float) -> _Token | _Refusal:
        body = reply.json()
        said = body if isinstance(body, Mapping) else {}
        token, kind = said.get("access_token"), said.get("token_type", "Bearer")
        if not isinstance(token, str) or not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", token):
            return _Refusal(f"{self._terms.token_url} answered without a token", "correct token_url")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            return _Refusal(f"{self._terms.token_url} gives tokens that are no bearer's", "ask the ERP's owners")
        told = said.get("expires_in")
        seconds = min(_whole(told) or _UNTOLD, _LONGEST)
        margin = min(self._terms.margin.total_seconds(), seconds / 4)
        return _Token(f"Bearer {token}", asked_at, asked_at + seconds - margin, asked_at + seconds)

    def _refused(self, reply: Answer) -> _Refusal:
        body = reply.json()
        code = body.get("error") if isinstance(body, Mapping) else None
        named = code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else f"HTTP {reply.status}"
        ours = reply.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        hint = _HINTS.get(named, _CREDENTIALS if ours else "")
        sentence = f"{self._terms.token_url} gives us no token: {named}"
        if ours and self._terms.assertion is not None and abs(self._skew) > _SKEW_THAT_COUNTS:
            sentence += f" (its clock is {self._skew:+.0f} s from ours)"
        return _Refusal(sentence, hint, retry_after(reply.headers), by_us=ours)


def _none(refusal: _Refusal) -> NoAnswer:
    return NoAnswer(sent=False, reason=f"no token: {refusal.reason}", duration=timedelta(), hint=refusal.hint)


def _bare(header: str) -> bytes:
    return header.rpartition(" ")[2].encode()


def _whole(told: object) -> int:
    """Seconds as a number or as text; 0 for anything else."""
    if isinstance(told, str) and told.isascii() and told.isdigit():
        return int(told[:9])
    return int(told) if isinstance(told, int) and not isinstance(told, bool) and told > 0 else 0


def _skew(reply: Answer, wall: float) -> float:
    """How far the endpoint's clock is ahead of ours, to the second that HTTP tells; 0 where it tells nothing."""
    try:
        told = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return 0.0
    theirs = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() + 0.5
    skew = theirs - (wall + reply.duration.total_seconds() / 2)
    return skew if abs(skew) > _SKEW_THAT_COUNTS else 0.0
