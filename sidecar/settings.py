"""How the sidecar runs on this host: `sidecar.toml`, environment variables above it, systemd credentials beside it.

A variable is named after its key: `database.host` is `ERP_SIDECAR_DATABASE__HOST`.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from sidecar.configuration import (
    CredentialName,
    NonEmpty,
    Part,
    PositiveDuration,
    Problem,
    listed,
    problems_in,
    refusal,
)
from sidecar.credentials import SecretSource, exposure
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.retention import Retention
from sidecar.off_peak import Age, AgeOrForever, Hours, HoursField, OffPeak, Zone
from sidecar.reaching import (
    DestinationSettings,
    inline_secrets,
    kept_secret,
    no_secret,
    try_destination,
    way_to,
)
from sidecar.transport import KeptSecret, Secret, TlsTerms, Way

PREFIX: Final = "ERP_SIDECAR_"
_FOREIGN: Final = ("ERP_SIDECAR_DEMO_", "ERP_SIDECAR_SETTINGS")
"""Variables of the demonstration, and the one that names the settings file."""
_LEASE: Final = LeaseTerms()
_TOKEN: Final = "magento-token"  # noqa: S105 -- the name of a credential
_AGE: Final = "how many days events stay at least, such as 30d"
_AGE_OR_FOREVER: Final = "days such as 400d, or forever"


class DatabaseSettings(Part):
    """Where Magento's database is: the writer node, never a replica."""

    host: NonEmpty | None = Field(default=None, description="a host name or address; 127.0.0.1 if there is no socket")
    port: int = Field(default=3306, ge=1, le=65535, description="a whole number from 1 to 65535")
    socket: Path | None = Field(default=None, description="the path of the server's socket, instead of host and port")
    name: NonEmpty = Field(description="the name of Magento's database")
    user: NonEmpty = Field(description="the sidecar's own database user")
    password: SecretStr | None = Field(default=None, description="text; better a file or a credential")
    password_file: Path | None = Field(default=None, description="the path of a file that holds the password alone")
    password_credential: CredentialName | None = Field(default=None, description="the name of a systemd credential")
    table_prefix: str = Field(
        default="", pattern=r"^[A-Za-z0-9_]{0,32}$", description="Magento's table prefix, up to 32 of A-Z a-z 0-9 _"
    )


class MagentoSettings(Part):
    """Where Magento's REST is and who asks there: for blueprints that bring the ERP's documents back into the shop."""

    base_url: NonEmpty = Field(description="https://host[:port][/path], or http:// to this machine")
    host: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$",
        description="Magento's own host name, where base_url is an address of this machine",
    )
    ca_file: Path | None = Field(
        default=None, description="a file of PEM: the authorities that are trusted in the place of the system's"
    )
    token: SecretStr | None = Field(default=None, description="text; better a file or a credential")
    token_file: Path | None = Field(default=None, description="the path of a file that holds the access token alone")
    token_credential: CredentialName | None = Field(default=None, description="the name of a systemd credential")


class LeaseSettings(Part):
    """How long a silent owner keeps its role, and how early it stops by itself."""

    ttl: PositiveDuration = _LEASE.ttl
    margin: PositiveDuration = _LEASE.margin

    @property
    def terms(self) -> LeaseTerms:
        """The same, in the domain's words."""
        return LeaseTerms(self.ttl, self.margin)


class RelaySettings(Part):
    """The longest pause between two looks at the outbox; how long a gap is kept when nothing can be proved of it."""

    poll: PositiveDuration = timedelta(milliseconds=250)
    gap_patience: PositiveDuration = timedelta(days=1)


class PollSettings(Part):
    """The pause between two turns."""

    poll: PositiveDuration = timedelta(seconds=1)


class ReconciliationSettings(Part):
    """How often both sides are compared, and ERPs asked what their interface is."""

    every: PositiveDuration = timedelta(minutes=15)
    contracts: PositiveDuration = timedelta(hours=1)


class JanitorSettings(Part):
    """What is purged when, and how long each kind of row stays; off until a DBA has granted it."""

    enabled: bool = Field(default=False, description="true or false; true needs the grants of schema grants janitor")
    hours: HoursField = Field(
        default=Hours.of("02:00-05:00"), description="when purge and audit may run, such as 22:30-05:00"
    )
    time_zone: Zone = Field(default="UTC", description="the zone of hours, such as Europe/Berlin")
    outbox: Age = Field(default=timedelta(days=30), description=_AGE)
    receipts: AgeOrForever = Field(default=timedelta(days=366), description=_AGE_OR_FOREVER)
    windows: AgeOrForever = Field(default=timedelta(days=366), description=_AGE_OR_FOREVER)
    runs: AgeOrForever = Field(default=timedelta(days=366), description=_AGE_OR_FOREVER)
    revisions: AgeOrForever = Field(default="forever", description=_AGE_OR_FOREVER)
    actions: AgeOrForever = Field(default="forever", description=_AGE_OR_FOREVER)
    chunk: int = Field(
        default=1000, ge=50, le=10_000, description="rows deleted in one transaction at most, 50 to 10000"
    )
    archive: Path | None = Field(default=None, description="a folder; purged events are written there first")

    @property
    def off_peak(self) -> OffPeak:
        """Hours and zone together."""
        return OffPeak(self.hours, ZoneInfo(self.time_zone))

    @property
    def retention(self) -> Retention:
        """The same, in the domain's words."""

        def age(value: timedelta | str) -> timedelta | None:
            return value if isinstance(value, timedelta) else None

        return Retention(
            events=self.outbox,
            receipts=age(self.receipts),
            windows=age(self.windows),
            runs=age(self.runs),
            revisions=age(self.revisions),
            actions=age(self.actions),
        )


class LoggingSettings(Part):
    """What is told, and in which form."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="DEBUG, INFO, WARNING, ERROR"
    )
    format: Literal["text", "json"] = Field(default="text", description="text, json")


class Settings(BaseSettings):
    """Everything that depends on this host; relative paths are read from the settings file's folder."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    database: DatabaseSettings = Field(description="a table with " + listed(DatabaseSettings.model_fields))
    blueprint: Path = Field(default=Path("blueprint.yaml"), description="the blueprint's path")
    state_dir: Path = Field(default=Path("/var/lib/erp-sidecar"), description="a folder that the sidecar may write")
    destinations: dict[str, DestinationSettings] = Field(default_factory=dict, description="a table per destination")
    magento: MagentoSettings | None = Field(default=None, description="a table with base_url and the token")
    lease: LeaseSettings = Field(default=LeaseSettings(), description="a table with ttl and margin")
    relay: RelaySettings = Field(default=RelaySettings(), description="a table with poll and gap_patience")
    stock: PollSettings = Field(default=PollSettings(), description="a table with poll")
    projector: PollSettings = Field(default=PollSettings(), description="a table with poll")
    reconciliation: ReconciliationSettings = Field(
        default=ReconciliationSettings(), description="a table with every and contracts"
    )
    janitor: JanitorSettings = Field(
        default=JanitorSettings(), description="a table with " + listed(JanitorSettings.model_fields)
    )
    logging: LoggingSettings = Field(default=LoggingSettings(), description="a table with level and format")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment outranks the file; nothing else is read."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    def secret_for(self, destination: str) -> Secret:
        """The secret of one destination; raises ConfigurationError when there is none."""
        return kept_secret(destination, self.destinations.get(destination, DestinationSettings()))

    def way_to(self, destination: str) -> Way:
        """The way to one destination; raises ConfigurationError for certificates that cannot be used."""
        return way_to(destination, self.destinations.get(destination, DestinationSettings()))

    def magento_token(self) -> Secret:
        """The access token of the sidecar's integration in Magento; raises ConfigurationError when there is none."""

        def read() -> SecretStr:
            problems: list[Problem] = []
            token = None if self.magento is None else _magento_token(self.magento).read(problems)
            if token is None:
                raise no_secret("magento.token", _TOKEN, problems)
            return token

        return KeptSecret(read(), read)

    def way_to_magento(self) -> Way:
        """The way to Magento's own services."""
        return Way(TlsTerms(ca_file=None if self.magento is None else self.magento.ca_file), at="magento")


def load_settings(path: Path | None) -> Settings:
    """Read file, environment and credentials; None reads no file.

    Raises one ConfigurationError that tells everything that is wrong, secrets left out. Relative paths count
    from the file's folder; the secrets that the file names are read now.
    """
    values = {} if path is None else _read_toml(path)
    source, folder = path or "settings", Path() if path is None else path.parent
    problems = [*_unknown_variables(), *_unknown_keys(values), *_exposed(values, path)]
    settings = _parsed({key: value for key, value in values.items() if key in Settings.model_fields}, problems)
    if settings is not None:
        problems += _contradictions(settings)
        settings = _with_secrets(_located(settings, folder.absolute()), problems)
    if problems or settings is None:
        raise refusal(source, [_at_variable(problem) for problem in problems], hint=_hint(path))
    return settings


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = Problem("the file", str(error.strerror).lower(), "a file that this user may read")
    except UnicodeDecodeError as error:
        problem = Problem("the file", f"bytes that are not UTF-8 at offset {error.start}", "UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at .*\)", str(error))
        problem = Problem("the file", f"what TOML does not allow {where[0] if where else ''}".rstrip(), "TOML 1.0")
    raise refusal(path, [problem], hint=_hint(path))


def _parsed(values: Mapping[str, Any], problems: list[Problem]) -> Settings | None:
    try:
        return Settings(**values)
    except ValidationError as error:
        problems += problems_in(error, Settings)
    except SettingsError as error:
        named = re.search(r'field "(\w+)"', str(error))
        variable = f"{PREFIX}{named[1].upper()}" if named else f"{PREFIX}..."
        allowed = "JSON, or one variable per key, such as ERP_SIDECAR_DATABASE__HOST"
        problems.append(Problem(variable, "a value that is not shown here and is no JSON", allowed))
    return None


def _unknown_variables() -> Iterator[Problem]:
    for variable in sorted(os.environ):
        name = variable.upper()
        if not name.startswith(PREFIX) or name.startswith(_FOREIGN):
            continue
        if name.removeprefix(PREFIX).partition("__")[0].lower() not in Settings.model_fields:
            yield Problem(variable, "an unknown variable", f"{PREFIX} and one of " + _names(str.upper))


def _unknown_keys(values: Mapping[str, Any]) -> Iterator[Problem]:
    for key in values:
        if key not in Settings.model_fields:
            yield Problem(key, "an unknown key", _names(str))


def _names(form: Callable[[str], str]) -> str:
    return listed(form(name) for name in Settings.model_fields)


def _exposed(values: Mapping[str, Any], path: Path | None) -> Iterator[Problem]:
    """A settings file that everybody may read must hold no secret."""
    if path is None:
        return
    tables = [("database", values.get("database"), "password"), ("magento", values.get("magento"), "token")]
    keys = [f"{at}.{key}" for at, table, key in tables if isinstance(table, dict) and key in table]
    destinations = values.get("destinations")
    if isinstance(destinations, dict):
        for name, table in destinations.items():
            keys += inline_secrets(name, table) if isinstance(table, dict) else ()
    for key in keys:
        problem = exposure(key, path)
        if problem is not None:
            yield problem


def _contradictions(settings: Settings) -> Iterator[Problem]:
    if settings.database.socket is not None and settings.database.host is not None:
        yield Problem("database.host", "a host and a socket", "one of the two")
    kept = settings.janitor.retention
    if kept.receipts is not None and kept.receipts < kept.events:
        yield Problem("janitor.receipts", f"{kept.receipts.days}d", "at least as long as janitor.outbox")
    if kept.windows is not None and kept.windows < kept.events:
        yield Problem("janitor.windows", f"{kept.windows.days}d", "at least as long as janitor.outbox")
    if settings.lease.margin * 2 > settings.lease.ttl:
        yield Problem("lease.margin", f"{settings.lease.margin} of {settings.lease.ttl}", "up to half of lease.ttl")


def _located(settings: Settings, folder: Path) -> Settings:
    """The same with absolute paths."""

    def absolute(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    database = settings.database
    places = {"socket": absolute(database.socket), "password_file": absolute(database.password_file)}
    destinations = {name: part.located(folder) for name, part in settings.destinations.items()}
    magento = settings.magento
    if magento is not None:
        magento = magento.model_copy(
            update={"token_file": absolute(magento.token_file), "ca_file": absolute(magento.ca_file)}
        )
    return settings.model_copy(
        update={
            "database": database.model_copy(update=places),
            "magento": magento,
            "blueprint": folder / settings.blueprint,
            "state_dir": folder / settings.state_dir,
            "janitor": settings.janitor.model_copy(update={"archive": absolute(settings.janitor.archive)}),
            "destinations": destinations,
        }
    )


def _with_secrets(settings: Settings, problems: list[Problem]) -> Settings:
    """The same with the database's password in it; the other secrets that are named are tried."""
    database = settings.database
    source = SecretSource(
        "database.password",
        database.password,
        database.password_file,
        database.password_credential,
        "database-password",
    )
    for name, part in settings.destinations.items():
        try_destination(name, part, problems)
    if settings.magento is not None:
        _magento_token(settings.magento).read(problems)
    password = source.read(problems)
    return settings.model_copy(update={"database": database.model_copy(update={"password": password})})


def _magento_token(part: MagentoSettings) -> SecretSource:
    return SecretSource("magento.token", part.token, part.token_file, part.token_credential, _TOKEN)


def _at_variable(problem: Problem) -> Problem:
    """A problem with a value from the environment, under the variable's name."""
    variable = PREFIX + problem.key.upper().replace(".", "__")
    if variable in {name.upper() for name in os.environ}:
        return replace(problem, key=f"environment variable {variable}")
    return problem


def _hint(path: Path | None) -> str:
    return "erp-sidecar doctor" if path is None else f"erp-sidecar --settings {path} doctor"
