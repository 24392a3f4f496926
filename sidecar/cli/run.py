"""`erp-sidecar run`: the daemon, in the foreground, as systemd wants it."""

import argparse
import time
from contextlib import ExitStack
from typing import Final

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.domain.errors import StorageUnavailable
from sidecar.engine.identity import Guard
from sidecar.mysql import schema
from sidecar.settings import load_settings
from sidecar.telemetry import Telemetry, configure_logging
from sidecar.wiring import Installation, daemon_of, install

_PAUSE_SECONDS: Final = 2.0


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = nouns.add_parser("run", parents=[shared], help="relay until told to stop")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace, output: Output) -> int:
    del output
    logging = load_settings(options.settings).logging
    configure_logging(logging.level, as_json=logging.format == "json")
    with install(options.settings, Telemetry()) as installation, ExitStack() as stack:
        guard = _wait_for_database(installation, stack)
        daemon_of(installation, guard).run()
    return 0


def _wait_for_database(installation: Installation, stack: ExitStack) -> Guard:
    """Wait for a database that is still starting, or goes away meanwhile; refuse one that is not ours as we left it."""
    while True:
        try:
            schema.require(installation.database)
            return stack.enter_context(installation.guarded())
        except StorageUnavailable as error:
            installation.observer.note("database.unavailable", error=str(error), hint=error.hint)
            time.sleep(_PAUSE_SECONDS)
