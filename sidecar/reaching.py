"""How ERPs are reached from this host: secrets, certificates, a proxy, and where tokens come from.

The blueprint says which ERP it is; what depends on this host and its network stands in the settings.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field, SecretStr

from sidecar.configuration import CredentialName, NonEmpty, Part, Problem, listed, refusal
from sidecar.credentials import SecretSource, credential_path, exposure
from sidecar.domain.errors import ConfigurationError
from sidecar.transport import (
    PROXY_ADDRESS,
    KeptSecret,
    Proxy,
    Secret,
    TlsTerms,
    Way,
    environment_proxy,
    proxy_at,
    proxy_problem,
)

ENVIRONMENT: Final = "environment"
_A_CREDENTIAL: Final = "the name of a systemd credential"
_TEXT: Final = "text; better a file or a credential"


class TlsSettings(Part):
    """Whose certificates are trusted, and which one is ours."""

    ca_file: Path | None = Field(
        default=None, description="a file of PEM: the authorities that are trusted in the place of the system's"
    )
    system_cas: bool = Field(
        default=False, description="true to trust the system's authorities beside those of ca_file"
    )
    certificate: Path | None = Field(
        default=None, description="a file of PEM: the certificate that we show, then those above it"
    )
    key_file: Path | None = Field(default=None, description="its private key, where that is not in the same file")
    key_credential: CredentialName | None = Field(default=None, description=_A_CREDENTIAL)
    passphrase: SecretStr | None = Field(default=None, description=_TEXT)
    passphrase_file: Path | None = Field(default=None, description="the path of a file that holds it alone")
    passphrase_credential: CredentialName | None = Field(default=None, description=_A_CREDENTIAL)


class ProxySettings(Part):
    """The forward proxy through which an ERP and its token endpoint are reached."""

    address: NonEmpty = Field(
        description="http://host:port, or environment for HTTPS_PROXY and NO_PROXY as they are set"
    )
    user: str = Field(default="", max_length=255, description="who asks there, up to 255 characters")
    password: SecretStr | None = Field(default=None, description=_TEXT)
    password_file: Path | None = Field(default=None, description="the path of a file that holds it alone")
    password_credential: CredentialName | None = Field(default=None, description=_A_CREDENTIAL)
    exempt: tuple[NonEmpty, ...] = Field(
        default=(), description="a list of what is reached without it, as in NO_PROXY: hosts, .domains, networks, *"
    )


class TokenSettings(Part):
    """Where OAuth tokens are asked for, and as whom, in the place of what the profile says."""

    token_url: NonEmpty | None = Field(default=None, description="https://host[:port]/path")
    client_id: NonEmpty | None = Field(default=None, description="text")
    key_id: NonEmpty | None = Field(default=None, description="text: what the ERP calls our key or certificate")


class DestinationSettings(Part):
    """The secret with which one ERP knows us, and the way there."""

    secret: SecretStr | None = Field(default=None, description=_TEXT)
    secret_file: Path | None = Field(default=None, description="the path of a file that holds the secret alone")
    secret_credential: CredentialName | None = Field(default=None, description=_A_CREDENTIAL)
    tls: TlsSettings = Field(default=TlsSettings(), description="a table with " + listed(TlsSettings.model_fields))
    proxy: ProxySettings | None = Field(default=None, description="a table with " + listed(ProxySettings.model_fields))
    oauth2: TokenSettings = Field(
        default=TokenSettings(), description="a table with " + listed(TokenSettings.model_fields)
    )

    def located(self, folder: Path) -> "DestinationSettings":
        """The same with absolute paths."""

        def absolute(part: Part) -> dict[str, Path]:
            return {name: folder / value for name, value in part if isinstance(value, Path)}

        return self.model_copy(
            update={
                **absolute(self),
                "tls": self.tls.model_copy(update=absolute(self.tls)),
                "proxy": None if self.proxy is None else self.proxy.model_copy(update=absolute(self.proxy)),
            }
        )


def inline_secrets(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """The keys under which a destination's table, as it was written, holds a secret itself."""
    for inner, key in (("", "secret"), ("tls", "passphrase"), ("proxy", "password")):
        part = table.get(inner, {}) if inner else table
        if isinstance(part, Mapping) and key in part:
            yield ".".join(filter(None, ("destinations", name, inner, key)))


def secret_source(name: str, part: DestinationSettings) -> SecretSource:
    """Where the secret with which the ERP knows us is."""
    at = f"destinations.{name}.secret"
    return SecretSource(at, part.secret, part.secret_file, part.secret_credential, f"{name}-secret")


def kept_secret(name: str, part: DestinationSettings) -> Secret:
    """The same, to be read again when the ERP refuses it; raises ConfigurationError where there is none."""

    def read() -> SecretStr:
        problems: list[Problem] = []
        secret = secret_source(name, part).read(problems)
        if secret is None:
            raise no_secret(f"destinations.{name}.secret", f"{name}-secret", problems)
        return secret

    return KeptSecret(read(), read)


def no_secret(key: str, credential: str, problems: list[Problem]) -> ConfigurationError:
    """What is raised where a secret is needed and not there."""
    missing = Problem(key, "nothing", f"{key}_file or {key}_credential")
    hint = f"set {key}_file in sidecar.toml, or hand over a systemd credential named {credential}"
    return refusal("settings", problems or [missing], hint=hint)


def try_destination(name: str, part: DestinationSettings, problems: list[Problem]) -> None:
    """Read every secret that is named, and tell what does not fit together; certificates are looked at by the way."""
    secret_source(name, part).read(problems)
    tls, at = part.tls, f"destinations.{name}.tls"
    shows = tls.certificate is not None
    if not shows and (tls.key_file or tls.key_credential):
        problems.append(
            Problem(f"{at}.certificate", "nothing, beside a key", "the certificate that the key belongs to")
        )
    if tls.system_cas and tls.ca_file is None:
        problems.append(
            Problem(f"{at}.system_cas", "true without ca_file", "ca_file beside it: the system's are trusted")
        )
    if shows:
        _key_of(name, tls, problems)
        _passphrase_source(name, tls).read(problems)
    if part.proxy is not None and part.proxy.address != ENVIRONMENT:
        found = proxy_problem(part.proxy.address)
        if found:
            problems.append(Problem(f"destinations.{name}.proxy.address", found, PROXY_ADDRESS))
        else:
            _proxy_of(name, part.proxy, problems)


def way_to(name: str, part: DestinationSettings) -> Way:
    """The way to one ERP; raises ConfigurationError for a file that cannot be used."""
    problems: list[Problem] = []
    tls, key, passphrase = part.tls, None, None
    if tls.certificate is not None:
        key = _key_of(name, tls, problems)
        passphrase = _passphrase_source(name, tls).read(problems)
    proxy = _proxy_of(name, part.proxy, problems)
    if problems:
        raise refusal("settings", problems, hint="correct sidecar.toml")
    return Way(
        TlsTerms(tls.ca_file, tls.system_cas, tls.certificate, key, passphrase), proxy, f"destinations.{name}.tls"
    )


def _key_of(name: str, tls: TlsSettings, problems: list[Problem]) -> Path | None:
    """The file of our private key; None where it is in the certificate's own."""
    at = f"destinations.{name}.tls.key"
    if tls.key_file is not None and tls.key_credential is not None:
        problems.append(Problem(at, f"{at}_file, {at}_credential", "one of them"))
        return None
    handed = credential_path(tls.key_credential or f"{name}-key")
    if tls.key_credential is not None and handed is None:
        found = f"{tls.key_credential!r}, which systemd did not hand over"
        problems.append(Problem(f"{at}_credential", found, "the name of a credential that the unit loads"))
        return None
    path = tls.key_file or handed
    looked_at = path or tls.certificate
    try:
        exposed = None if looked_at is None or not _holds_a_key(looked_at) else exposure(at, looked_at)
    except OSError as error:
        exposed = Problem(at, f"{looked_at} ({str(error.strerror).lower()})", "a file that this user may read")
    if exposed is not None:
        problems.append(exposed)
    return path


def _holds_a_key(path: Path) -> bool:
    return b"PRIVATE KEY" in path.read_bytes()


def _passphrase_source(name: str, tls: TlsSettings) -> SecretSource:
    at = f"destinations.{name}.tls.passphrase"
    return SecretSource(at, tls.passphrase, tls.passphrase_file, tls.passphrase_credential, f"{name}-passphrase")


def _proxy_of(name: str, part: ProxySettings | None, problems: list[Problem]) -> Proxy | None:
    if part is None:
        return None
    if part.address == ENVIRONMENT:
        return environment_proxy()
    at, credential = f"destinations.{name}.proxy.password", f"{name}-proxy-password"
    source = SecretSource(at, part.password, part.password_file, part.password_credential, credential)
    return proxy_at(part.address, user=part.user, password=source.read(problems), exempt=part.exempt)
