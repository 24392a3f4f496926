"""`erp-sidecar event list|retry|skip`, and the verbs of edits: what is not plain, and what a person decides."""

import argparse

from sidecar.cli import edits
from sidecar.cli.decisions import add_reason, who_decides
from sidecar.cli.output import Output, how_many
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.overview import MOST_FOLLOWERS
from sidecar.telemetry import Telemetry
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("event", help="events that wait, are unknown or parked").add_subparsers(
        required=True, metavar="VERB"
    )
    listing = verbs.add_parser("list", parents=[shared], help="lane heads that are not plain, parked ones first")
    listing.add_argument("--limit", type=positive, default=100)
    listing.set_defaults(command=_list)
    for verb, text in (
        ("retry", "let a parked head go again"),
        ("skip", "give a parked or paused head up; its lane goes on"),
    ):
        parser = verbs.add_parser(verb, parents=[shared], help=text)
        parser.add_argument("destination")
        parser.add_argument("event", type=positive, help="the event's id, as `event list` shows it")
        add_reason(parser)
        parser.set_defaults(command=_decide, verb=verb)
    edits.register(verbs, shared)


def _list(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        waiting = installation.insights().waiting_events(options.limit)
    rows = [
        {
            "destination": parked.destination,
            "event": parked.delivery.id,
            "type": parked.type,
            "lane": parked.delivery.lane,
            "state": str(parked.delivery.state),
            "attempts": parked.delivery.attempts,
            "held_behind_it": parked.followers if output.as_json else how_many(parked.followers, MOST_FOLLOWERS),
            "reason": parked.delivery.reason,
            "fault": parked.delivery.fault,
            "what_to_do": parked.delivery.hint,
        }
        for parked in waiting
    ]
    output.table("Events that are not plain", rows, empty="Every event is plain: nothing waits and nothing is parked.")
    return 0


def _decide(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    with install(options.settings, Telemetry()) as installation:
        insights = installation.insights()
        decide = insights.retry_event if options.verb == "retry" else insights.skip_event
        done = decide(DestinationName(options.destination), OutboxId(options.event), actor, options.reason)
    if not done:
        output.say(
            f"Event {options.event} is not parked at {options.destination}; see: erp-sidecar event list",
            event=options.event,
            done=False,
        )
        return 1
    verb = "goes again" if options.verb == "retry" else "is skipped"
    output.say(f"Event {options.event} {verb}; recorded as decided by {actor}.", event=options.event, done=True)
    return 0
