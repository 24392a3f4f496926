"""Arguments in, exit code out; errors end as one sentence and a hint, never as a traceback."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sidecar.cli import (
    audit,
    blueprint,
    contracts,
    customers,
    doctor,
    events,
    findings,
    inbound,
    lanes,
    mapping,
    orders,
    outbox,
    restore,
    run,
    sandbox,
    schema,
    status,
    stock,
    windows,
)
from sidecar.cli.output import Output
from sidecar.daemon import EXIT_CONFIGURATION
from sidecar.domain.errors import ConfigurationError, SchemaError, SidecarError

EXIT_FAILED: Final = 1
_DEFAULT_SETTINGS: Final = Path("/etc/erp-sidecar/sidecar.toml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0, 1 when it found or met a problem, 2 for wrong arguments, 78 for wrong settings."""
    options = _parser().parse_args(arguments)
    output = Output(as_json=options.json)
    try:
        return int(options.command(options, output))
    except SidecarError as error:
        output.error(error)
        is_configuration = isinstance(error, ConfigurationError | SchemaError)
        return EXIT_CONFIGURATION if is_configuration else EXIT_FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    parser = argparse.ArgumentParser(prog="erp-sidecar", description="Relays a Magento shop's outbox to its ERP.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--settings",
        type=Path,
        default=_default_settings(),
        metavar="FILE",
        help=f"sidecar.toml (default: $ERP_SIDECAR_SETTINGS, or {_DEFAULT_SETTINGS} if it is there)",
    )
    nouns = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (
        run,
        status,
        events,
        lanes,
        orders,
        mapping,
        stock,
        windows,
        inbound,
        contracts,
        findings,
        outbox,
        audit,
        customers,
        schema,
        blueprint,
        restore,
        doctor,
        sandbox,
    ):
        module.register(nouns, shared)
    return parser


def _default_settings() -> Path | None:
    named = os.environ.pop("ERP_SIDECAR_SETTINGS", None)
    if named:
        return Path(named)
    return _DEFAULT_SETTINGS if _DEFAULT_SETTINGS.exists() else None
