"""What proves who asks: a header with a secret in it, which shows in no repr, no error and no answer that quotes it.

A secret that lies in a file may be replaced while the process runs. It is read again when the other side has refused
the one in use: a 401 is spoken before anything is done, so the same call may be made once more with the new one.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError
from sidecar.transport.calls import NoAnswer


class KeptSecret:
    """A secret that can be read again from where it came; thread-safe."""

    def __init__(self, first: SecretStr, read: Callable[[], SecretStr]) -> None:
        """Hold the first reading."""
        self._secret, self._read = first, read

    def __repr__(self) -> str:
        return "KeptSecret('**********')"

    def get_secret_value(self) -> str:
        """The secret as it was read last."""
        return self._secret.get_secret_value()

    def read_again(self, check: Callable[[str], object]) -> None:
        """Take what is there now; what cannot be read, or what `check` refuses, leaves the secret as it was."""
        try:
            fresh = self._read()
            check(fresh.get_secret_value())
        except ConfigurationError:
            return
        self._secret = fresh


Secret = SecretStr | KeptSecret


class Proof(Protocol):
    """What a transport asks for the header of each call. Thread-safe."""

    def header(self, ends_at: float) -> tuple[str, str] | NoAnswer:
        """The header's name and value, had before `ends_at` of the monotonic clock; or why there is none now."""
        ...

    def renewed(self, refused: str) -> bool:
        """The other side answered 401 to this value: tell whether another is to be had, so that it is worth asking."""
        ...

    def hidden_in(self, content: bytes) -> bytes:
        """The content without the secret, plain or as it goes over the wire."""
        ...

    def close(self) -> None:
        """Give connections back, where there are any."""
        ...


@dataclass(frozen=True, slots=True)
class Credential:
    """A header that holds the secret itself."""

    name: str
    secret: Secret
    scheme: Literal["", "Bearer", "Basic"] = ""
    user: str = ""

    def __post_init__(self) -> None:
        """Refuse at once what could never be sent."""
        self.value()

    def value(self) -> str:
        """The header's value; raise ConfigurationError where HTTP cannot carry it."""
        return self._written(self.secret.get_secret_value())

    def _written(self, secret: str) -> str:
        if not secret.isascii() or not secret.isprintable() or not secret or secret != secret.strip():
            raise ConfigurationError(
                f"the credential for header {self.name}: found nothing, a line break, a space at an end or a "
                "letter beyond ASCII, allowed: printable ASCII",
                hint="look at the secret's file: one line, no spaces around",
            )
        if self.scheme == "Basic":
            secret = base64.b64encode(f"{self.user}:{secret}".encode()).decode()
        return f"{self.scheme} {secret}".strip()

    def header(self, ends_at: float) -> tuple[str, str]:
        """The same for each call; see Proof."""
        del ends_at
        return self.name, self.value()

    def renewed(self, refused: str) -> bool:
        """Read the secret again, unless another thread has; one that HTTP cannot carry is not taken."""
        if self.value() != refused:
            return True
        if not isinstance(self.secret, KeptSecret):
            return False
        self.secret.read_again(self._written)
        return self.value() != refused

    def hidden_in(self, content: bytes) -> bytes:
        """See Proof."""
        for secret in (self.value().rpartition(" ")[2], self.secret.get_secret_value()):
            content = content.replace(secret.encode(), b"[secret]")
        return content

    def close(self) -> None:
        """There is nothing to give back."""
