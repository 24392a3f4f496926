"""`erp-sidecar window list|retry|skip`: stock windows that are not done, and what a person decides about them."""

import argparse

from sidecar.cli.decisions import add_reason, who_decides
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.events import DestinationName
from sidecar.telemetry import Telemetry
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("window", help="stock windows that wait, are unknown or parked").add_subparsers(
        required=True, metavar="VERB"
    )
    listing = verbs.add_parser("list", parents=[shared], help="windows that are not done, parked ones first")
    listing.add_argument("--limit", type=positive, default=100)
    listing.set_defaults(command=_list)
    for verb, text in (
        ("retry", "look a parked window up, and send it if the ERP does not have it"),
        ("skip", "give a parked window up; its warehouse goes on"),
    ):
        parser = verbs.add_parser(verb, parents=[shared], help=text)
        parser.add_argument("destination")
        parser.add_argument("warehouse", help="the ERP's warehouse, as `window list` shows it")
        parser.add_argument("sequence", type=positive, help="the window's number, as `window list` shows it")
        add_reason(parser)
        parser.set_defaults(command=_decide, verb=verb)


def _list(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        unfinished = installation.insights().unfinished_windows(options.limit)
    rows = [
        {
            "destination": window.destination,
            "warehouse": window.warehouse,
            "sequence": window.sequence,
            "state": str(window.state),
            "lines": window.lines,
            "attempts": window.attempts,
            "fault": window.fault,
            "what_to_do": window.hint,
        }
        for window in unfinished
    ]
    output.table("Stock windows that are not done", rows, empty="Every stock window is done.")
    return 0


def _decide(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    facts = {"warehouse": options.warehouse, "sequence": options.sequence}
    name = f"Stock window {options.sequence} of warehouse {options.warehouse}"
    with install(options.settings, Telemetry()) as installation:
        insights = installation.insights()
        decide = insights.retry_window if options.verb == "retry" else insights.skip_window
        destination = DestinationName(options.destination)
        done = decide(destination, options.warehouse, options.sequence, actor, options.reason)
    if not done:
        output.say(f"{name} is not parked at {options.destination}; see: erp-sidecar window list", **facts, done=False)
        return 1
    verb = "is looked up, and sent if it is not there" if options.verb == "retry" else "is skipped"
    output.say(f"{name} {verb}; recorded as decided by {actor}.", **facts, done=True)
    return 0
