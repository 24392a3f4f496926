"""A blueprint that was read and checked, and what it says to the engine and to the adapters."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sidecar.blueprint.checks import Written, export_problems, problems_of, takes_orders
from sidecar.blueprint.document import (
    MAGENTO,
    NAME,
    BlueprintHead,
    DestinationPart,
    Domain,
    DomainPart,
    GovernorPart,
)
from sidecar.blueprint.intents import IntentsPart
from sidecar.blueprint.mapping import MappedPart
from sidecar.blueprint.odoo import OdooPart
from sidecar.blueprint.stock import backwards
from sidecar.blueprint.strict_yaml import read_yaml
from sidecar.configuration import Problem, listed, refusal, shown, validated
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName
from sidecar.domain.intents import Allocation
from sidecar.domain.policy import (
    BatchPolicy,
    DestinationPolicy,
    GovernorTerms,
    QuarantinePolicy,
    RequestBudget,
    RetryPolicy,
)
from sidecar.domain.release import ReleaseRule
from sidecar.domain.special_cases import Term


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """What an adapter is built from, its secret left out; a profile with a path is an absolute path."""

    kind: str
    profile: str
    base_url: str
    code_maps: Mapping[str, Mapping[str, str]]
    custom_fields: Mapping[str, str]
    odoo: OdooPart | None
    mapping: MappedPart
    intents: IntentsPart
    allocation: Allocation | None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What the integration means; `version_id` also tells two meanings under one version apart."""

    version: str
    version_id: str
    instance: str
    domains: Mapping[str, DomainPart]
    _parts: Mapping[str, DestinationPart] = field(repr=False)
    _folder: Path = field(repr=False)
    _exported_products: tuple[str, ...] = ()

    @property
    def destinations(self) -> tuple[DestinationName, ...]:
        """The configured ERPs, in the file's order."""
        return tuple(DestinationName(name) for name in self._parts)

    @property
    def with_documents(self) -> tuple[DestinationName, ...]:
        """The destinations that take documents, which can be compared with Magento's."""
        return tuple(DestinationName(name) for name, part in self._parts.items() if not part.takes_events)

    def policy(self, destination: DestinationName) -> DestinationPolicy:
        """What the engine does for one destination; `owners` has keys such as `orders.finance`."""
        part = self._part(destination)
        return DestinationPolicy(
            name=destination,
            version=self.version_id,
            takes=part.takes,
            release=tuple(ReleaseRule(rule.methods, rule.when, rule.settle, rule.deadline) for rule in part.release),
            quarantine=_quarantine_policy(part),
            retry=RetryPolicy(part.retry.first, float(part.retry.factor), part.retry.ceiling, part.retry.attempts),
            patience=part.pending.deadline,
            acknowledges=takes_orders(part) and part.acknowledges,
            lifecycle=part.lifecycle.map(),
            number=part.number,
            batching=BatchPolicy(part.batch.events, part.batch.bytes, part.batch.receipts),
            stock=None if part.stock is None else part.stock.policy(part.intents.drop_shipped),
            tolerance=part.tolerance,
            read_back_first=part.read_back.first,
            read_back_every=part.read_back.every,
            concurrency=part.concurrency,
            call_deadline=part.call_deadline,
            governor=_governor_terms(part.governor),
            owners=self._owners(),
            stores=part.stores,
            start=part.start,
            withholds_echoes=part.withholds_echoes,
            inbound=None if part.inbound is None else part.inbound.policy(backwards(part.stock)),
            stock_feed=None if part.stock_feed is None else part.stock_feed.policy(),
        )

    @property
    def exported_products(self) -> tuple[str, ...]:
        """The attributes of products that some destination is told of, as the shop's configuration must name them."""
        return self._exported_products

    def takes_batches(self, destination: DestinationName) -> bool:
        """Tell whether a destination is fed in batches."""
        return self._part(destination).takes_batches

    def adapter_settings(self, destination: DestinationName) -> AdapterSettings:
        """What the adapter of one destination is built from."""
        part = self._part(destination)
        named = part.profile or ""
        profile = str(_profile_path(self._folder, named) or named)
        return AdapterSettings(
            kind=part.kind,
            profile=profile,
            base_url=part.base_url,
            code_maps=part.code_maps,
            custom_fields=part.custom_fields,
            odoo=part.odoo,
            mapping=part,
            intents=part.intents,
            allocation=None
            if part.allocation is None
            else part.allocation.allocation({} if part.stock is None else part.stock.by_source()),
        )

    def stores_of(self, destination: DestinationName, key: str) -> frozenset[int] | None:
        """For which stores' events a mapping has an entry: none named, for all; None: it is not there."""
        return self._part(destination).stores_of(key)

    def terms(self) -> Sequence[Term]:
        """Until when each special case of a mapping holds."""
        return [
            Term(name, case.name, case.owner, case.until)
            for name, part in self._parts.items()
            for case in part.special_cases
        ]

    def _part(self, destination: DestinationName) -> DestinationPart:
        try:
            return self._parts[destination]
        except KeyError:
            message = f"the blueprint has no destination {destination!r}, only {listed(self._parts)}"
            raise ConfigurationError(message, hint=f"use one of {listed(self._parts)}") from None

    def _owners(self) -> dict[str, str]:
        owners: dict[str, str] = {}
        for domain, entry in self.domains.items():
            owners |= {f"{domain}.{role}": owner for role, owner in entry.owners.model_dump().items()}
            owners[f"{domain}.escalation"] = entry.escalation
        return owners


def load_blueprint(path: Path) -> Blueprint:
    """Read and check a blueprint; raises one ConfigurationError that tells everything that is wrong with it."""
    values, problems = read_yaml(path)
    if not isinstance(values, dict):
        form = "a table with " + listed(BlueprintHead.model_fields)
        raise refusal(path, problems or [Problem("the file", shown(values), form)], hint=_hint(path))
    head = validated(BlueprintHead, values, "", problems)
    written = Written(_table(values, "destinations"), _table(values, "domains"))
    destinations = _read_destinations(written, path.parent, problems)
    domains = _read_domains(written, problems)
    problems += problems_of(written, destinations, domains)
    if head is not None:
        problems += export_problems(head.exports, destinations)
    if problems or head is None:
        raise refusal(path, problems, hint=_hint(path))
    version_id = f"{head.version}+{_fingerprint(values)}"
    return Blueprint(head.version, version_id, head.instance, domains, destinations, path.parent, _exported(head))


def _exported(head: BlueprintHead) -> tuple[str, ...]:
    return () if head.exports is None else head.exports.products


def _read_destinations(written: Written, folder: Path, problems: list[Problem]) -> dict[str, DestinationPart]:
    parts = {}
    for name, values in written.destinations.items():
        at = f"destinations.{name}"
        if NAME.fullmatch(name) is None or name == MAGENTO:
            allowed = f"small letters, digits, _ and -, up to 32, a letter first, not {MAGENTO}"
            problems.append(Problem(at, f"the name {name!r}", allowed))
        part = validated(DestinationPart, values, at, problems)
        if part is not None:
            parts[name] = part
            profile = _profile_path(folder, part.profile or "")
            if profile is not None and not profile.is_file():
                found = f"{part.profile!r}, where no file is"
                problems.append(
                    Problem(f"{at}.profile", found, "the name of a shipped profile, or a path beside this file")
                )
    return parts


def _read_domains(written: Written, problems: list[Problem]) -> dict[str, DomainPart]:
    parts = {}
    for name, values in written.domains.items():
        if name not in set(Domain):
            problems.append(Problem(f"domains.{name}", "an unknown domain", listed(Domain)))
        part = validated(DomainPart, values, f"domains.{name}", problems)
        if part is not None:
            parts[name] = part
    return parts


def _table(values: Mapping[str, object], key: str) -> Mapping[str, object]:
    table = values.get(key)
    return table if isinstance(table, dict) else {}


def _profile_path(folder: Path, profile: str) -> Path | None:
    """The file that a profile names, or None for the name of one that ships with the adapter."""
    named_as_path = "/" in profile or profile.endswith((".yaml", ".yml"))
    return (folder / profile).resolve() if named_as_path else None


def _quarantine_policy(part: DestinationPart) -> QuarantinePolicy:
    waits = part.replacements.mode == "wait"
    return QuarantinePolicy(part.duplicates.window, part.replacements.deadline if waits else timedelta())


def _governor_terms(part: GovernorPart) -> GovernorTerms:
    budgets = tuple(RequestBudget(budget.calls, budget.per) for budget in part.budgets)
    return GovernorTerms(budgets, None if part.quiet_hours is None else part.quiet_hours.hours())


def _fingerprint(values: Mapping[str, object]) -> str:
    """A short name of what the file means: comments and layout do not change it."""
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


def _hint(path: Path) -> str:
    return f"erp-sidecar blueprint check {path}"
