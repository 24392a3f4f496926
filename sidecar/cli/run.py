"""`erp-sidecar run`: the daemon, in the foreground, as systemd wants it."""

import argparse

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.mysql import schema
from sidecar.settings import load_settings
from sidecar.telemetry import Telemetry, configure_logging
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = nouns.add_parser("run", parents=[shared], help="relay until told to stop")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace, output: Output) -> int:
    del output
    logging = load_settings(options.settings).logging
    configure_logging(logging.level, as_json=logging.format == "json")
    with install(options.settings, Telemetry()) as installation:
        schema.require(installation.database)
        installation.daemon().run()
    return 0
