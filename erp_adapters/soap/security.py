"""WS-Security's UsernameToken: who asks, proven in the envelope's header, with a nonce of each request.

https://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-UsernameTokenProfile-v1.1.1-os.html: the digest is
Base64(SHA-1(nonce + created + password)); that a hash of 1995 is used is the standard's choice, TLS keeps it safe.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from lxml import etree

from erp_adapters.soap.names import BASE64, HIDDEN, USERNAME, WSSE, WSU
from erp_adapters.soap.profile import Security
from erp_adapters.soap.signature import Signature
from sidecar.transport import KeptSecret, Secret


class HeaderProof(Protocol):
    """What proves in the envelope's header who asks. Thread-safe."""

    def put_into(self, envelope: Any, soap: str, *, shown: bool = False) -> None:  # noqa: ANN401 -- an element
        """Write the proof into the header; `shown`: for people to read, without what is secret.

        Raises ConfigurationError for a secret that is no such proof.
        """
        ...

    def hidden_in(self, content: bytes) -> bytes:
        """The content without the secret."""
        ...

    def read_again(self) -> bool:
        """The other side has refused the secret: tell whether there is another by now."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """A user and a password; the password shows in no repr, no preview and no reply that quotes it."""

    user: str
    secret: Secret = field(repr=False)
    digest: bool
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)
    nonce: Callable[[], bytes] = field(default=lambda: secrets.token_bytes(16), repr=False)

    def put_into(self, envelope: Any, soap: str, *, shown: bool = False) -> None:  # noqa: ANN401 -- an element
        """Write the token into the header; `shown`: for people to read, without password and nonce."""
        header = envelope.find(f"{{{soap}}}Header")
        if header is None:
            header = etree.Element(f"{{{soap}}}Header")
            envelope.insert(0, header)
        security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
        security.set(f"{{{soap}}}mustUnderstand", "1")
        token = etree.SubElement(security, f"{{{WSSE}}}UsernameToken")
        etree.SubElement(token, f"{{{WSSE}}}Username").text = self.user
        password = etree.SubElement(token, f"{{{WSSE}}}Password")
        password.set("Type", f"{USERNAME}{'PasswordDigest' if self.digest else 'PasswordText'}")
        if shown:
            password.text = HIDDEN
            return
        nonce, created = self.nonce(), self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        secret = self.secret.get_secret_value()
        raw = nonce + created.encode() + secret.encode()
        hashed = base64.b64encode(hashlib.sha1(raw, usedforsecurity=False).digest()).decode()
        password.text = hashed if self.digest else secret
        once = etree.SubElement(token, f"{{{WSSE}}}Nonce", EncodingType=BASE64)
        once.text = base64.b64encode(nonce).decode()
        etree.SubElement(token, f"{{{WSU}}}Created").text = created

    def hidden_in(self, content: bytes) -> bytes:
        """The content without the password."""
        return content.replace(self.secret.get_secret_value().encode(), HIDDEN.encode())

    def read_again(self) -> bool:
        """The other side has refused the password: tell whether there is another by now."""
        before = self.secret.get_secret_value()
        if isinstance(self.secret, KeptSecret):
            self.secret.read_again(str)
        return self.secret.get_secret_value() != before


def proof_in_header(security: Security, secret: Secret) -> HeaderProof:
    """What a profile asks for; whether the secret is that, its first use shows."""
    if security.user is None:
        return Signature(secret)
    return Token(security.user, secret, digest=security.password == "digest")  # noqa: S105 -- its form


@dataclass(frozen=True, slots=True)
class NoHeader:
    """What HTTP is told of somebody who proves himself in the envelope: nothing. See Proof."""

    def header(self, ends_at: float) -> tuple[str, str]:
        """No header; the value is what stands for secrets in answers, so that nothing is replaced."""
        del ends_at
        return "", HIDDEN

    def renewed(self, refused: str) -> bool:
        """A new password needs a new envelope: that is the door's work."""
        del refused
        return False

    def hidden_in(self, content: bytes) -> bytes:
        """There is nothing to hide."""
        return content

    def close(self) -> None:
        """There is nothing to give back."""
