"""`erp-sidecar doctor`: everything that can be checked before anything is sent."""

import argparse

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.mysql import schema
from sidecar.telemetry import Telemetry
from sidecar.wiring import Installation, install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = nouns.add_parser("doctor", parents=[shared], help="check settings, database and ERPs; changes nothing")
    parser.set_defaults(command=_examine)


def _examine(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        rows = [{"part": "database", "problem": problem} for problem in _schema_problems(installation)]
        for name in installation.blueprint.destinations:
            health = installation.probe(name)
            rows += [{"part": name, "problem": problem} for problem in health.problems]
    output.table("Problems", rows, empty="Settings, database and every ERP are in order.")
    return 1 if rows else 0


def _schema_problems(installation: Installation) -> list[str]:
    return schema.verify(installation.database, janitor=installation.settings.janitor.enabled)
