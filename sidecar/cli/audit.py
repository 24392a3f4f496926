"""`erp-sidecar audit run|repair|synthesise`: what is missing between orders, outbox and receipts, and mending it."""

import argparse
from collections.abc import Sequence

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, who_types
from sidecar.domain.audit import AuditSummary
from sidecar.domain.errors import MalformedEvent
from sidecar.mysql.synthesis_store import SynthesisStore
from sidecar.telemetry import Telemetry, configure_logging
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("audit", help="compare orders, outbox and receipts").add_subparsers(
        required=True, metavar="VERB"
    )
    verbs.add_parser("run", parents=[shared], help="look now; finds, repairs nothing").set_defaults(command=_run)
    for verb, text, command in (
        ("repair", "give events that nobody has accounted for to the relay", _repair),
        ("synthesise", "write the missing OrderPlaced of orders that have none", _synthesise),
    ):
        parser = verbs.add_parser(verb, parents=[shared], help=text)
        parser.add_argument("--apply", action="store_true", help="do it; without this it only tells what it would do")
        parser.add_argument("--reason", default="found by the audit", help="why; it is kept with your name")
        parser.set_defaults(command=command)


def _run(options: argparse.Namespace, output: Output) -> int:
    configure_logging("WARNING", as_json=False)
    with install(options.settings, Telemetry()) as installation:
        summary = installation.auditor().run()
    rows = [
        {"destination": one.destination, "missing": "receipt", "event": one.id, "type": one.type, "lane": one.lane}
        for one in summary.unaccounted
    ]
    rows += [
        {"destination": "", "missing": "OrderPlaced", "event": None, "type": "", "lane": f"order:{entity_id}"}
        for entity_id in summary.without_event
    ]
    if output.as_json:
        output.say(
            "",
            events=summary.events,
            orders=summary.orders,
            complete=summary.complete,
            stopped_by=summary.stopped_by,
            missing=rows,
        )
    else:
        output.table("Missing", rows, empty=f"{summary.events} events and {summary.orders} orders: nothing is missing.")
        if not summary.complete:
            output.say(f"It did not come to the end: {summary.stopped_by}.")
    return 0 if summary.complete and not rows else 1


def _repair(options: argparse.Namespace, output: Output) -> int:
    configure_logging("WARNING", as_json=False)
    with install(options.settings, Telemetry()) as installation:
        missing = installation.auditor().look().unaccounted
        done: Sequence[object] = missing
        if options.apply:
            done = installation.audit_store().open_gaps_again(missing, who_types(), options.reason)
    told = "is given to the relay" if options.apply else "would be given to the relay; add --apply"
    rows = [
        {"destination": one.destination, "event": one.id, "type": one.type, "lane": one.lane, "outcome": told}
        for one in missing
        if one in done
    ]
    output.table("Events that nobody has accounted for", rows, empty="Every event is accounted for.")
    return 0


def _synthesise(options: argparse.Namespace, output: Output) -> int:
    configure_logging("WARNING", as_json=False)
    with install(options.settings, Telemetry()) as installation, (store := installation.synthesis()).turn():
        summary = installation.auditor().look()
        rows = [_outcome(store, summary, entity_id, options) for entity_id in summary.without_event]
    output.table("Orders without OrderPlaced", rows, empty="Every order since the oldest event has its OrderPlaced.")
    return 0 if summary.complete and all(not row["problem"] for row in rows) else 1


def _outcome(
    store: SynthesisStore, summary: AuditSummary, entity_id: int, options: argparse.Namespace
) -> dict[str, object]:
    row: dict[str, object] = {"order": entity_id, "event": None, "outcome": "left alone", "problem": ""}
    try:
        if options.apply:
            written = store.write_order_placed(entity_id, summary.walked_to, who_types(), options.reason)
            return row | {"event": written, "outcome": "written" if written else "has one by now, or is gone"}
        store.preview(entity_id)
        return row | {"outcome": "would be written; add --apply"}
    except MalformedEvent as error:
        return row | {"problem": f"{error}: {error.hint}"}
