"""`erp-sidecar outbox purge`: delete events that are old and done everywhere."""

import argparse

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive, who_types
from sidecar.telemetry import Telemetry, configure_logging
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    verbs = nouns.add_parser("outbox", help="the table that Magento writes").add_subparsers(
        required=True, metavar="VERB"
    )
    purge = verbs.add_parser(
        "purge", parents=[shared], help="delete events that are old and done everywhere, giving way to the shop"
    )
    purge.add_argument("--dry-run", action="store_true", help="tell what would go and why no more; changes nothing")
    purge.add_argument("--limit", type=positive, help="delete so many events at most")
    purge.set_defaults(command=_purge)


def _purge(options: argparse.Namespace, output: Output) -> int:
    configure_logging("WARNING" if output.as_json else "INFO", as_json=False)
    with install(options.settings, Telemetry()) as installation:
        janitor = installation.janitor()
        if options.dry_run:
            summary = janitor.preview(limit=options.limit)
        else:
            summary = janitor.purge(limit=options.limit)
            installation.record_action("purge", who_types(), f"{summary.events} events, up to id {summary.floor}")
    told = "would go" if options.dry_run else "are purged"
    trimmed = ", ".join(f"{rows} {table}" for table, rows in summary.trimmed.items())
    output.say(
        f"{summary.events} events {told}; the outbox then begins above id {summary.floor}.\n"
        f"No more, because: {summary.stopped_by}."
        + (f"\nOld rows of our own that went: {trimmed}." if trimmed else "")
        + "".join(f"\nKept in {path}" for path in summary.archives),
        dry_run=options.dry_run,
        events=summary.events,
        floor=summary.floor,
        stopped_by=summary.stopped_by,
        complete=summary.complete,
        trimmed=summary.trimmed,
        archives=list(summary.archives),
    )
    return 0
