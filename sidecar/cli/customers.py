"""`erp-sidecar customer erase`: take one person out of what the sidecar keeps; the audit trail stands."""

import argparse
import sys

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive, who_types
from sidecar.domain.erasure import ErasureSummary, Person
from sidecar.domain.errors import ConfigurationError
from sidecar.telemetry import Telemetry, configure_logging
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    verbs = nouns.add_parser("customer", help="what is kept of one customer").add_subparsers(
        required=True, metavar="VERB"
    )
    erase = verbs.add_parser("erase", parents=[shared], help="overwrite a customer's data in events and archives")
    who = erase.add_mutually_exclusive_group(required=True)
    who.add_argument("--email", help="the address in the orders; - reads it from standard input, unseen by others")
    who.add_argument("--customer-id", type=positive, help="the customer's entity_id in Magento")
    erase.add_argument("--dry-run", action="store_true", help="tell what would be overwritten; changes nothing")
    erase.add_argument("--reason", required=True, help="why, without the customer's name; it is kept with yours")
    erase.set_defaults(command=_erase)


def _erase(options: argparse.Namespace, output: Output) -> int:
    configure_logging("WARNING", as_json=False)
    email = sys.stdin.readline().strip() if options.email == "-" else options.email
    person = Person(email, options.customer_id)
    if email is not None and email.lower() in options.reason.lower():
        raise ConfigurationError("the reason names the customer", hint="name a ticket: the reason is kept")
    with install(options.settings, Telemetry()) as installation:
        summary = installation.eraser().erase(person, who_types(), options.reason, dry_run=options.dry_run)
    output.say(
        _told(summary, dry_run=options.dry_run),
        dry_run=options.dry_run,
        erased=not options.dry_run and not summary.unfinished,
        orders=summary.orders,
        events=summary.events,
        trails=summary.trails,
        archives=dict(summary.archives),
        unreadable_archives=list(summary.unreadable),
        unfinished=[{"destination": one.destination, "event": one.id, "lane": one.lane} for one in summary.unfinished],
    )
    return 1 if summary.unfinished or summary.unreadable else 0


def _told(summary: ErasureSummary, *, dry_run: bool) -> str:
    if summary.unfinished:
        lines = [f"  event {one.id} ({one.lane}) at {one.destination}" for one in summary.unfinished]
        head = "Nothing is erased: these events are not done. Retry or skip them, then type it again."
        return "\n".join([head, *lines])
    verb = "would be overwritten" if dry_run else "are overwritten"
    lines = [f"{summary.events} events of {summary.orders} orders {verb}, and {summary.trails} rows of the trail."]
    lines += [f"  {rows} events in {path}" for path, rows in summary.archives.items()]
    lines += [f"  {path} cannot be read: look through it by hand" for path in summary.unreadable]
    return "\n".join(lines)
