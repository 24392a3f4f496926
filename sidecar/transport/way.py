"""The way from this host to one system: whose certificates are trusted, which one is shown, through which proxy.

Verification is no setting: a certificate that does not fit is never accepted. Files that change on disk count for the
next connection; while what stands there cannot be used, such as a new certificate beside the old key, the last that
could stays in use.
"""

import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError
from sidecar.transport.proxies import Proxy


@dataclass(frozen=True, slots=True)
class TlsTerms:
    """Files of PEM. Without `ca_file` the system's authorities are trusted, with it those of the file alone,
    or both where `system_cas` says so.
    """

    ca_file: Path | None = None
    system_cas: bool = False
    certificate: Path | None = None
    key: Path | None = None
    passphrase: SecretStr | None = None

    def files(self) -> tuple[Path, ...]:
        """All that are read."""
        return tuple(path for path in (self.ca_file, self.certificate, self.key) if path is not None)


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a certificate ends; `whose` is a sentence's subject."""

    whose: str
    at: datetime


@dataclass(slots=True)
class _Read:
    """A context, and what the files were when it was made of them."""

    context: ssl.SSLContext
    state: tuple[tuple[int, int, int], ...]
    ends: list[Expiry] = field(default_factory=list)


class Way:
    """How one system is reached; `at` is the dotted key of its table in the settings. Thread-safe."""

    def __init__(self, tls: TlsTerms | None = None, proxy: Proxy | None = None, at: str = "") -> None:
        """Nothing is read yet."""
        self._tls, self._at = tls or TlsTerms(), at
        self.proxy = proxy
        self._lock = threading.Lock()
        self._read: _Read | None = None
        self._met: dict[str, datetime] = {}

    def __repr__(self) -> str:
        return f"Way({self._tls.files()}, {self.proxy})"

    def context(self) -> ssl.SSLContext:
        """What the next connection uses; raises ConfigurationError where the files have never been usable."""
        with self._lock:
            state = self._state()
            if self._read is None:
                self._read = self._made(state)
            elif self._read.state != state:
                try:
                    self._read = self._made(state)
                except ConfigurationError:
                    return self._read.context  # tried again with the next connection
            return self._read.context

    def met(self, host: str, ends: object) -> None:
        """Remember until when a server's certificate holds, as its handshake told."""
        if isinstance(ends, str):
            with self._lock:
                self._met[host] = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)

    def expiries(self) -> list[Expiry]:
        """Of our own certificate, and of every server's that was met."""
        self.context()
        with self._lock:
            own = [] if self._read is None else self._read.ends
            return [*own, *(Expiry(f"the certificate of {host}", at) for host, at in sorted(self._met.items()))]

    def _state(self) -> tuple[tuple[int, int, int], ...]:
        found = []
        for path in self._tls.files():
            try:
                stat = path.stat()
            except OSError:
                found.append((0, 0, 0))
            else:
                found.append((stat.st_mtime_ns, stat.st_ino, stat.st_size))
        return tuple(found)

    def _made(self, state: tuple[tuple[int, int, int], ...]) -> _Read:
        tls = self._tls
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the chain and the host's name
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        if tls.ca_file is None or tls.system_cas:
            context.load_default_certs()
        if tls.ca_file is not None:
            self._trust(context, tls.ca_file)
        if tls.certificate is None:
            return _Read(context, state)
        chain = self._chain(tls.certificate)
        self._load_key(context, tls.certificate)
        return _Read(context, state, [Expiry("our client certificate", chain[0].not_valid_after_utc)])

    def _chain(self, path: Path) -> list[x509.Certificate]:
        try:
            return x509.load_pem_x509_certificates(path.read_bytes())
        except OSError as error:
            found = f"{path} ({str(error.strerror).lower()})"
        except ValueError:
            found = f"no certificate in {path}"
        raise self._refusal("certificate", found, "a file of PEM: our certificate, then those above it")

    def _load_key(self, context: ssl.SSLContext, certificate: Path) -> None:
        passphrase = self._tls.passphrase
        # A function, so that OpenSSL never asks at a terminal: without a passphrase it gets an empty one.
        password = "" if passphrase is None else passphrase.get_secret_value()
        try:
            context.load_cert_chain(certificate, self._tls.key, lambda: password)
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                raise self._refusal(
                    "key", "a key that does not belong to certificate", "the key of its first certificate"
                ) from None
            words = (
                "a key that cannot be read with this passphrase" if passphrase else "no key, or one with a passphrase"
            )
            raise self._refusal("key", words, "PEM; its passphrase under passphrase") from None
        except OSError as error:
            found = f"a file that is {str(error.strerror).lower()}"
            raise self._refusal("key", found, "a file that this user may read") from None

    def _trust(self, context: ssl.SSLContext, path: Path) -> None:
        allowed = "a file of PEM with the certificates of authorities"
        try:
            context.load_verify_locations(cafile=path)
        except ssl.SSLError:
            raise self._refusal("ca_file", f"no certificate in {path}", allowed) from None
        except OSError as error:
            raise self._refusal("ca_file", f"{path} ({str(error.strerror).lower()})", allowed) from None

    def _refusal(self, key: str, found: str, allowed: str) -> ConfigurationError:
        at = f"{self._at}.{key}" if self._at else key
        return ConfigurationError(f"{at}: found {found}, allowed: {allowed}", hint=f"correct {at} in sidecar.toml")
