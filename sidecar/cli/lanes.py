"""`erp-sidecar lane list|pause|resume`: lanes that stand, and stopping one on purpose."""

import argparse
import re

from sidecar.cli.decisions import add_reason, known_destination, who_decides
from sidecar.cli.output import Output, how_many
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.events import Lane
from sidecar.domain.overview import MOST_FOLLOWERS, LaneStanding
from sidecar.telemetry import Telemetry
from sidecar.wiring import install

_LONGEST_LANE = 96


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("lane", help="lanes that stand: paused ones, and those whose head waits").add_subparsers(
        required=True, metavar="VERB"
    )
    listing = verbs.add_parser("list", parents=[shared], help="lanes that stand, paused ones first")
    listing.add_argument("--limit", type=positive, default=100)
    listing.set_defaults(command=_list)
    for verb, text in (
        ("pause", "send nothing of a lane until it is resumed, whether it has an event now or not"),
        ("resume", "let a paused lane go again"),
    ):
        parser = verbs.add_parser(verb, parents=[shared], help=text)
        parser.add_argument("destination")
        parser.add_argument("lane", type=_lane, help="such as order:42, as `lane list` shows it")
        add_reason(parser)
        parser.set_defaults(command=_act, verb=verb)


def _list(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        standing = installation.operations().lanes(options.limit)
    rows = [_row(lane, as_json=output.as_json) for lane in standing]
    output.table("Lanes that stand", rows, empty="No lane stands: nothing waits and nothing is paused.")
    return 0


def _row(standing: LaneStanding, *, as_json: bool) -> dict[str, object]:
    head = standing.head
    followers = head.followers if head else 0
    return {
        "destination": standing.destination,
        "lane": standing.lane,
        "head": head.delivery.id if head else None,
        "type": head.type if head else None,
        "state": str(head.delivery.state) if head else "paused, nothing unfinished",
        "held_behind_it": followers if as_json else how_many(followers, MOST_FOLLOWERS),
        "reason": standing.paused_because or (head.delivery.reason if head else ""),
        "paused_by": standing.paused_by or None,
        "paused_for_s": None if standing.paused_for is None else round(standing.paused_for.total_seconds()),
    }


def _act(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    with install(options.settings, Telemetry()) as installation:
        destination = known_destination(options.destination, list(installation.blueprint.destinations))
        operations = installation.operations()
        act = operations.pause_lane if options.verb == "pause" else operations.resume_lane
        done = act(destination, options.lane, actor, options.reason)
    if not done:
        already = "is paused already" if options.verb == "pause" else "is not paused"
        output.say(f"Lane {options.lane} {already} at {destination}; see: erp-sidecar lane list", done=False)
        return 1
    said = "stops within a second; a call under way ends" if options.verb == "pause" else "goes again within a second"
    output.say(f"Lane {options.lane} {said}; recorded as decided by {actor}.", lane=options.lane, done=True)
    return 0


def _lane(text: str) -> Lane:
    if re.fullmatch(r"\S+", text) and len(text) <= _LONGEST_LANE:
        return Lane(text)
    message = f"{text!r} is not a lane; lanes look like order:42"
    raise argparse.ArgumentTypeError(message)
