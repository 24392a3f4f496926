"""The registry: makes the adapter that the blueprint asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from erp_adapters.cloudevents import CloudEventsAdapter, CloudEventsFeed
from erp_adapters.legacy import LegacyAdapter
from erp_adapters.legacy.profile import profile_of
from erp_adapters.mapping import Expression, Fulfilment, IntentRule, RuleBook, Rules, SpecialCase, TemplateError
from erp_adapters.mapping.version import version_of
from erp_adapters.odoo import OdooAdapter, OdooTerms
from erp_adapters.odoo.door import Door, RpcDoor
from erp_adapters.profiled.authentication import TokenPlace, proof_of
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.intents import Allocation, Intent
from sidecar.domain.special_cases import Condition, Skus
from sidecar.ports import BatchSink, ErpAdapter
from sidecar.transport import Credential, HttpTransport, Proof, Secret, TransportTerms, Way

KINDS: Final = ("legacy", "odoo", "soap", "cloudevents", "cloudevents_batch")
_SHIPPED: Final = Path(__file__).parent / "legacy" / "profiles"
_NOT_WORDS: Final = frozenset({"destination", "base_url", "folder", "profile", "concurrency", "way", "token"})
"""Where an ERP is and how it is reached says nothing about what it is told; a profile counts by its content."""

_LARGEST_PROFILE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class WrittenRules:
    """Rules as a blueprint writes them, expressions as text."""

    code_maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """A special case as a blueprint writes it."""

    name: str
    owner: str
    until: date
    when: Condition
    rules: WrittenRules


@dataclass(frozen=True, slots=True)
class WrittenIntent:
    """Which lines have an intent, as a blueprint writes it: SKUs, and an expression over the item's row."""

    skus: Skus | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class AdapterConfiguration:
    """What the blueprint says about one destination's adapter, and the way there from this host.

    `profile` is the name of a shipped profile, or a path that starts at `folder`, the blueprint's own.
    """

    destination: str
    kind: str
    profile: str
    base_url: str
    folder: Path
    code_maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    concurrency: int = 8
    odoo: OdooTerms | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    per_store: Mapping[int, WrittenRules] = field(default_factory=dict)
    special_cases: tuple[WrittenCase, ...] = ()
    intents: Mapping[Intent, WrittenIntent] = field(default_factory=dict)
    allocation: Allocation | None = None
    way: Way = field(default_factory=Way)
    token: TokenPlace | None = None
    """What this host says of OAuth tokens; None where nobody has asked it, as when a blueprint is checked."""


def build(configuration: AdapterConfiguration, secret: Secret, instance: str) -> ErpAdapter:
    """Make the adapter; raise ConfigurationError naming the key, what was found and what is allowed.

    Nothing is connected yet. `secret` is the credential in the profile's terms: the key, the token or the password.
    """
    at = f"destinations.{configuration.destination}"
    match configuration.kind:
        case "legacy":
            return _legacy(configuration, secret, instance)
        case "soap":
            return _soap(configuration, secret, instance)
        case "odoo":
            return _odoo(configuration, secret, instance, at)
        case "cloudevents":
            terms = TransportTerms(connections=configuration.concurrency)
            transport = _receiver(configuration, secret, instance, terms)
            return CloudEventsAdapter(transport, f"/magento/{instance}", configuration.concurrency)
        case _:
            message = f"{at}.kind: found {configuration.kind!r}, allowed: {', '.join(KINDS)}"
            raise ConfigurationError(message, hint="correct the blueprint")


def build_feed(configuration: AdapterConfiguration, secret: Secret, instance: str) -> BatchSink:
    """Make the receiver of batches that the blueprint names; nothing is connected yet."""
    return CloudEventsFeed(_receiver(configuration, secret, instance, TransportTerms()), f"/magento/{instance}")


def _legacy(configuration: AdapterConfiguration, secret: Secret, instance: str) -> ErpAdapter:
    path = profile_path(configuration.profile, configuration.folder)
    profile = profile_of(read_profile(path), path.name)
    rules = rule_book(configuration)
    at = f"destinations.{configuration.destination}"
    proof = proof_of(profile.auth, secret, configuration.token, configuration.way, at)
    transport = _transport(configuration, instance, profile.transport.terms, proof)
    return LegacyAdapter(profile, transport, rules)


def _soap(configuration: AdapterConfiguration, secret: Secret, instance: str) -> ErpAdapter:
    from erp_adapters import soap  # noqa: PLC0415 -- zeep takes a second to load, which others need not wait for

    profile, contract = soap.load(configuration.profile, configuration.folder, read_profile)
    at = f"destinations.{configuration.destination}"
    proof: Proof = soap.NoHeader()
    if profile.auth is not None:
        proof = proof_of(profile.auth, secret, configuration.token, configuration.way, at)
    accepts = {"Accept": "text/xml, application/soap+xml"}
    transport = _transport(configuration, instance, profile.transport.terms, proof, accepts)
    header = None if profile.security is None else soap.proof_in_header(profile.security, secret)
    return soap.SoapAdapter(profile, soap.Door(transport, contract, header), rule_book(configuration))


def _odoo(configuration: AdapterConfiguration, secret: Secret, instance: str, at: str) -> ErpAdapter:
    terms = configuration.odoo
    if terms is None:
        message = f"{at}.odoo: found nothing, allowed: a table with database, company, shipping_product ..."
        raise ConfigurationError(message, hint="correct the blueprint")
    credential = Credential("Authorization", secret, scheme="Bearer")
    wire = TransportTerms(connections=configuration.concurrency)
    transport = _transport(configuration, instance, wire, credential, {"X-Odoo-Database": terms.database})
    rules = rule_book(configuration)
    door = Door(transport, terms.company)
    if terms.login is not None:
        door = RpcDoor(transport, terms.company, terms.database, terms.login, secret)
    return OdooAdapter(door, terms, instance, rules, configuration.concurrency)


def _receiver(
    configuration: AdapterConfiguration, secret: Secret, instance: str, terms: TransportTerms
) -> HttpTransport:
    return _transport(configuration, instance, terms, Credential("Authorization", secret, scheme="Bearer"))


def _transport(
    configuration: AdapterConfiguration,
    instance: str,
    terms: TransportTerms,
    credential: Proof,
    headers: Mapping[str, str] | None = None,
) -> HttpTransport:
    named = {"User-Agent": f"erp-sidecar ({instance})", **(headers or {})}
    return HttpTransport(configuration.base_url, named, terms, credential=credential, way=configuration.way)


def shipped_profiles() -> tuple[str, ...]:
    """The names of the profiles that come with the adapters."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


def profile_path(profile: str, folder: Path) -> Path:
    """Where a profile lies: a shipped one by its name, any other beside the blueprint."""
    return _SHIPPED / f"{profile}.yaml" if profile in shipped_profiles() else folder / profile


def read_profile(path: Path) -> object:
    """Read a profile's YAML; raise ConfigurationError for what cannot be read, repeated keys included."""
    hint = f"name a shipped profile ({', '.join(shipped_profiles())}) or a readable file beside the blueprint"
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_PROFILE + 1)
    except OSError as error:
        raise ConfigurationError(f"profile {path.name}: {error.strerror or 'unreadable'}", hint=hint) from error
    if len(raw) > _LARGEST_PROFILE:
        raise ConfigurationError(f"profile {path.name}: longer than {_LARGEST_PROFILE} bytes", hint=hint)
    try:
        return yaml.load(raw.decode("utf-8"), Loader=_Loader)  # noqa: S506 -- a safe loader, made stricter
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where is not None else ""
        what = getattr(error, "problem", None) or "not YAML in UTF-8"
        raise ConfigurationError(f"profile {path.name}{line}: {what}", hint="correct the profile") from error


def mapping_version(configuration: AdapterConfiguration) -> str:
    """A short name of all that decides about the words in which an ERP is told, the profile's file included."""
    words = {
        field.name: getattr(configuration, field.name)
        for field in fields(configuration)
        if field.name not in _NOT_WORDS
    }
    path = profile_path(configuration.profile, configuration.folder)
    return version_of(words, path.read_bytes() if configuration.profile and path.is_file() else b"")


def rule_book(configuration: AdapterConfiguration) -> RuleBook:
    """The rules of one destination; raises ConfigurationError for an expression that is none."""
    at = f"destinations.{configuration.destination}"
    general = WrittenRules(configuration.code_maps, configuration.custom_fields, configuration.constants)
    stores = {store: _rules(one, f"{at}.per_store.{store}") for store, one in configuration.per_store.items()}
    cases = (
        SpecialCase(case.name, case.owner, case.until, case.when, _rules(case.rules, f"{at}.special_cases.{case.name}"))
        for case in configuration.special_cases
    )
    intents = {name: _intent(one, f"{at}.intents.{name}.item") for name, one in configuration.intents.items()}
    return RuleBook(_rules(general, at), stores, tuple(cases), Fulfilment(intents, configuration.allocation))


def _intent(written: WrittenIntent, at: str) -> IntentRule:
    return IntentRule(written.skus, None if written.item is None else _expression(written.item, at))


def _rules(written: WrittenRules, at: str) -> Rules:
    fields = {name: _expression(text, f"{at}.custom_fields.{name}") for name, text in written.custom_fields.items()}
    return Rules(written.code_maps, fields, written.constants)


def _expression(text: str, at: str) -> Expression:
    try:
        return Expression.parse(text, at)
    except TemplateError as error:
        raise ConfigurationError(str(error), hint="correct the blueprint") from error


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:  # noqa: FBT001, FBT002 -- PyYAML's
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)
