"""What adapters are built from, and what can be tried of a blueprint without a secret or a network."""

from pathlib import Path

from pydantic import SecretStr

from erp_adapters.odoo import OdooTerms
from erp_adapters.registry import AdapterConfiguration, WrittenCase, WrittenIntent, WrittenRules, build, build_feed
from sidecar.blueprint import Blueprint, load_blueprint
from sidecar.blueprint.checks import unmade_problems
from sidecar.blueprint.inbound import untold_problems
from sidecar.blueprint.intents import untold_intents
from sidecar.blueprint.lifecycle_checks import stranger_problems
from sidecar.blueprint.mapping import RulesPart, unread_problems
from sidecar.blueprint.stock_feed import unfed_problems
from sidecar.configuration import Problem, refusal
from sidecar.domain.events import DestinationName


def check_blueprint(path: Path) -> Blueprint:
    """Read a blueprint and try everything that can be tried without a secret or a network, adapters included."""
    blueprint = load_blueprint(path)
    problems: list[Problem] = []
    for name in blueprint.destinations:
        parts = configuration_of(blueprint, name, path), SecretStr("not the real one"), blueprint.instance
        if blueprint.takes_batches(name):
            build_feed(*parts).close()
            continue
        adapter = build(*parts)
        adapter.close()
        caps, policy, at = adapter.capabilities(), blueprint.policy(name), f"destinations.{name}"
        problems += stranger_problems(f"{at}.lifecycle", policy.lifecycle, caps.order_statuses)
        problems += unmade_problems(f"{at}.takes", policy.takes, caps)
        problems += untold_problems(f"{at}.inbound", policy.inbound, caps.changes)
        problems += unfed_problems(f"{at}.stock_feed", policy.stock_feed, caps)
        if caps.vocabulary is not None:
            part = blueprint.adapter_settings(name)
            problems += unread_problems(at, part.mapping, caps.vocabulary)
            problems += untold_intents(at, part.intents, part.allocation, caps.vocabulary)
    if problems:
        raise refusal(path, problems, hint=f"erp-sidecar blueprint check {path}")
    return blueprint


def unguarded(blueprint: Blueprint, path: Path) -> list[DestinationName]:
    """Destinations that are told levels of stock, and set them whatever stands there."""
    names = []
    for name in blueprint.destinations:
        if blueprint.policy(name).stock is not None and not blueprint.takes_batches(name):
            adapter = build(configuration_of(blueprint, name, path), SecretStr("not the real one"), blueprint.instance)
            adapter.close()
            caps = adapter.capabilities()
            if caps.stock_write == "absolute" and not caps.stock_guarded:
                names.append(name)
    return names


def configuration_of(blueprint: Blueprint, destination: DestinationName, path: Path) -> AdapterConfiguration:
    """What the adapter of one destination is built from, its secret left out."""
    part = blueprint.adapter_settings(destination)
    return AdapterConfiguration(
        destination=destination,
        kind=part.kind,
        profile=part.profile,
        base_url=part.base_url,
        folder=path.parent,
        code_maps=part.code_maps,
        custom_fields=part.custom_fields,
        constants=part.mapping.constants,
        per_store={store: _written(rules) for store, rules in part.mapping.per_store.items()},
        special_cases=tuple(
            WrittenCase(case.name, case.owner, case.until, case.when.condition(), _written(case))
            for case in part.mapping.special_cases
        ),
        intents={intent: WrittenIntent(one.skus, one.item) for intent, one in part.intents.rules().items()},
        allocation=part.allocation,
        concurrency=blueprint.policy(destination).concurrency,
        odoo=None if part.odoo is None else OdooTerms(**dict(part.odoo)),
    )


def _written(rules: RulesPart) -> WrittenRules:
    return WrittenRules(rules.code_maps, rules.custom_fields, rules.constants)
