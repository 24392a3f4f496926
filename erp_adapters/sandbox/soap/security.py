"""Who asks: WS-Security's UsernameToken or a signature, and HTTP's Basic where the house allows it.

Every token carries a nonce and an instant, every signature an instant; its own value is its nonce. One that is more
than five minutes off is refused; so is a nonce that was seen within that time. What was seen is kept in memory: a
restart forgets it.
"""

import base64
import binascii
import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lxml import etree

from erp_adapters.sandbox.soap.envelope import WSSE, WSU, FaultError, Reason
from erp_adapters.sandbox.soap.signatures import verified

WINDOW = timedelta(minutes=5)
_PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
TEXT, DIGEST = f"{_PROFILE}#PasswordText", f"{_PROFILE}#PasswordDigest"
SHORTEST_NONCE = 16


@dataclass(frozen=True)
class User:
    """A user of this ERP, known by a password (empty: by none) or by the fingerprint of a certificate."""

    password: str = field(repr=False)
    permissions: tuple[str, ...]
    fingerprint: str = ""


class Gate:
    """Lets users in, each token once."""

    def __init__(self, users: Mapping[str, User], *, basic: bool = False) -> None:
        """Know the users; `basic`: HTTP's Basic will do as well."""
        self._users, self._basic = users, basic
        self._seen: dict[bytes, datetime] = {}
        self._lock = threading.Lock()

    def admit(self, header: etree._Element | None, authorization: str) -> str:
        """The user's name; raise FaultError for anybody else."""
        security = None if header is None else header.find(f"{{{WSSE}}}Security")
        if security is not None and security.find(f"{{{WSSE}}}BinarySecurityToken") is not None:
            return self._signer(security)
        token = None if security is None else security.find(f"{{{WSSE}}}UsernameToken")
        if token is None:
            if self._basic and authorization.startswith("Basic "):
                return self._known(*_basic(authorization))
            raise _refused("InvalidSecurity", "A UsernameToken or a signature is missing.")
        name = _text(token, f"{{{WSSE}}}Username")
        user = self._users.get(name)
        password = token.find(f"{{{WSSE}}}Password")
        nonce, created = _text(token, f"{{{WSSE}}}Nonce"), _text(token, f"{{{WSU}}}Created")
        if password is None or not nonce or not created:
            raise _refused("InvalidSecurityToken", "The token needs Password, Nonce and Created.")
        given = password.text or ""
        secret = user.password if user else ""
        match password.get("Type", TEXT):
            case kind if kind == DIGEST:
                raw = _decoded(nonce) + created.encode() + secret.encode()
                expected = base64.b64encode(hashlib.sha1(raw, usedforsecurity=False).digest()).decode()
            case kind if kind == TEXT:
                expected = secret
            case _:
                raise _refused("UnsupportedSecurityToken", "The type of the password is unknown.")
        if user is None or not secret or not hmac.compare_digest(given.encode(), expected.encode()):
            raise _refused("FailedAuthentication", "The user or the password is wrong.")
        self._once(_decoded(nonce), created)
        return name

    def permissions(self) -> dict[str, tuple[str, ...]]:
        """What each user may do."""
        return {name: user.permissions for name, user in self._users.items()}

    def _known(self, name: str, password: str) -> str:
        user = self._users.get(name)
        if user is None or not password or not hmac.compare_digest(password.encode(), user.password.encode()):
            raise _refused("FailedAuthentication", "The user or the password is wrong.")
        return name

    def _signer(self, security: etree._Element) -> str:
        signed = verified(security)
        name = next((name for name, user in self._users.items() if user.fingerprint == signed.fingerprint), None)
        if name is None:
            raise _refused("FailedAuthentication", "The certificate is unknown.")
        self._once(signed.mark, signed.created)
        return name

    def _once(self, nonce: bytes, created: str) -> None:
        now = datetime.now(UTC)
        try:
            at = datetime.fromisoformat(created)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise _refused("InvalidSecurityToken", "Created is no instant with its zone.")
        if abs(now - at) > WINDOW:
            raise FaultError(Reason("EXPIRED", "The token is out of its time.", security="wsu:MessageExpired"))
        with self._lock:
            self._seen = {one: until for one, until in self._seen.items() if until > now}
            if nonce in self._seen:
                raise _refused("InvalidSecurityToken", "The nonce was used before.")
            self._seen[nonce] = at + 2 * WINDOW


def _basic(authorization: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, password


def _decoded(nonce: str) -> bytes:
    try:
        raw = base64.b64decode(nonce, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) < SHORTEST_NONCE:
        raise _refused("InvalidSecurityToken", f"The nonce must be {SHORTEST_NONCE} bytes in Base64 at least.")
    return raw


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _refused(code: str, words: str) -> FaultError:
    return FaultError(Reason(code, words, security=f"wsse:{code}"))
