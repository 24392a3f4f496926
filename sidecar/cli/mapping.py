"""`erp-sidecar mapping missing|release`: what the mapping lacks, what waits for it, and letting that go."""

import argparse
import json

from sidecar.cli import preview
from sidecar.cli.decisions import add_reason, known_destination, who_decides
from sidecar.cli.orders import in_words
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.errors import NotPossible
from sidecar.domain.overview import AwaitedEntry
from sidecar.telemetry import Telemetry
from sidecar.wiring import install

_THEN = (
    "Is it the mapping: add the entry below code_maps of the destination, then restart the service; all that waits for "
    'it goes. Is it the ERP: once it is there, erp-sidecar mapping release ENTRY --destination NAME --reason "...".'
)


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("mapping", help="how documents are put into an ERP's words").add_subparsers(
        required=True, metavar="VERB"
    )
    missing = verbs.add_parser("missing", parents=[shared], help="entries that are not there, and what waits for them")
    missing.add_argument("--limit", type=positive, default=100)
    missing.set_defaults(command=_missing)
    release = verbs.add_parser(
        "release", parents=[shared], help="let all go that waits for an entry which is there now"
    )
    release.add_argument("entry", help="such as skus.24-MB01, as `mapping missing` shows it")
    release.add_argument("--destination", required=True, help="the ERP that it was missing in")
    add_reason(release)
    release.set_defaults(command=_release)
    preview.register(verbs, shared)


def _missing(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        awaited = installation.missing_entries().awaited(installation.blueprint.destinations, options.limit)
    rows = [_row(entry, as_json=output.as_json) for entry in awaited]
    output.table("Missing entries", rows, empty="No event waits for an entry of the mapping.")
    if rows and not output.as_json:
        output.say(_THEN)
    return 0


def _row(entry: AwaitedEntry, *, as_json: bool) -> dict[str, object]:
    name, _, code = entry.key.partition(".")
    return {
        "destination": entry.destination,
        "entry": entry.key,
        "events": entry.events,
        "first_event": entry.first,
        **({"since_s": round(entry.age.total_seconds())} if as_json else {"since": in_words(entry.age)}),
        "to_add": f"{_quoted(name)}: {{{_quoted(code)}: ...}}",
    }


def _quoted(text: str) -> str:
    """Text as YAML takes it for text, whatever is in it."""
    return (
        text if text.isidentifier() and text not in ("true", "false", "null") else json.dumps(text, ensure_ascii=False)
    )


def _release(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    with install(options.settings, Telemetry()) as installation:
        destination = known_destination(options.destination, list(installation.blueprint.destinations))
        events = installation.missing_entries().release(destination, options.entry, (), actor, options.reason)
    if not events:
        message = f"no event waits for {options.entry} at {destination}"
        raise NotPossible(message, hint="erp-sidecar mapping missing")
    output.say(
        f"{events} events that waited for {options.entry} go to {destination} within a second; "
        f"recorded as decided by {actor}.",
        entry=options.entry,
        destination=destination,
        events=events,
        done=True,
    )
    return 0
