"""`erp-sidecar blueprint check|draw`: is the integration's meaning complete, and what does its lifecycle look like."""

import argparse
from pathlib import Path

from sidecar.blueprint import Blueprint, load_blueprint
from sidecar.blueprint.drawing import as_data, mermaid
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName
from sidecar.domain.examination import export_command
from sidecar.settings import load_settings
from sidecar.wiring import check_blueprint, unguarded


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("blueprint", help="what the integration means").add_subparsers(
        required=True, metavar="VERB"
    )
    check = verbs.add_parser("check", parents=[shared], help="read a blueprint and tell everything that is wrong")
    check.set_defaults(command=_check)
    draw = verbs.add_parser("draw", parents=[shared], help="print a lifecycle map as a Mermaid diagram")
    draw.add_argument("--destination", help="whose map; left out, that of the ERP which Magento's orders show")
    draw.set_defaults(command=_draw)
    for verb in (check, draw):
        verb.add_argument("file", type=Path, nargs="?", help="a blueprint; left out, the one that the settings name")


def _check(options: argparse.Namespace, output: Output) -> int:
    path = _path(options)
    blueprint = check_blueprint(path)
    names, merely_set = ", ".join(blueprint.destinations), unguarded(blueprint, path)
    output.say(
        f"{path} is sound: version {blueprint.version_id}, destinations {names}.",
        version=blueprint.version_id,
        destinations=list(blueprint.destinations),
        exported_products=list(blueprint.exported_products),
        unguarded_stock=merely_set,
    )
    for name in merely_set if not output.as_json else ():
        output.say(
            f"{name} is told levels of stock without the one that is expected: what it changes between reading and "
            "setting is overwritten."
        )
    if blueprint.exported_products and not output.as_json:
        output.say(f"The shop has to export the same of its products: {export_command(blueprint.exported_products)}")
    return 0


def _draw(options: argparse.Namespace, output: Output) -> int:
    path = _path(options)
    blueprint = load_blueprint(path)
    name = _mapped(blueprint, path) if options.destination is None else DestinationName(options.destination)
    lifecycle = blueprint.policy(name).lifecycle
    if output.as_json:
        output.say("", destination=name, **as_data(lifecycle))
    else:
        output.text(mermaid(lifecycle))
    return 0


def _path(options: argparse.Namespace) -> Path:
    named: Path | None = options.file
    return load_settings(options.settings).blueprint if named is None else named


def _mapped(blueprint: Blueprint, path: Path) -> DestinationName:
    """The one destination whose statuses Magento's orders show."""
    for name in blueprint.destinations:
        if blueprint.policy(name).lifecycle.statuses:
            return name
    message = f"{path} has no lifecycle map to draw"
    raise ConfigurationError(message, hint="write one: ops/examples/blueprint.yaml has a whole one under lifecycle")
