"""`erp-sidecar blueprint check FILE`: is the integration's meaning complete and free of contradictions."""

import argparse
from pathlib import Path

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.wiring import check_blueprint


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    verbs = nouns.add_parser("blueprint", help="what the integration means").add_subparsers(
        required=True, metavar="VERB"
    )
    check = verbs.add_parser("check", parents=[shared], help="read a blueprint and tell everything that is wrong")
    check.add_argument("file", type=Path)
    check.set_defaults(command=_check)


def _check(options: argparse.Namespace, output: Output) -> int:
    blueprint = check_blueprint(options.file)
    names = ", ".join(blueprint.destinations)
    output.say(
        f"{options.file} is sound: version {blueprint.version_id}, destinations {names}.",
        version=blueprint.version_id,
        destinations=list(blueprint.destinations),
    )
    return 0
