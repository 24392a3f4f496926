"""`erp-sidecar contract list|accept`: what ERPs' interfaces were, and which change a person accepts."""

import argparse
import re

from sidecar.cli.decisions import add_reason, known_destination, who_decides
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.telemetry import Telemetry
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("contract", help="what our calls rest on in ERPs' interfaces").add_subparsers(
        required=True, metavar="VERB"
    )
    listing = verbs.add_parser("list", parents=[shared], help="every change that was seen, newest first")
    listing.add_argument("--limit", type=positive, default=20)
    listing.set_defaults(command=_list)
    accept = verbs.add_parser("accept", parents=[shared], help="ask the ERP once more, and take its interface as it is")
    accept.add_argument("destination")
    accept.add_argument("contract", type=_digest, help="its name, as `contract list` shows it")
    add_reason(accept)
    accept.set_defaults(command=_accept)


def _list(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        history = installation.contracts().history(options.limit)
    rows = [
        {
            "destination": kept.destination,
            "contract": kept.short,
            "product": kept.product,
            "first_seen": kept.first_seen_at.isoformat(timespec="seconds"),
            "last_seen": kept.last_seen_at.isoformat(timespec="seconds"),
            "accepted_by": kept.accepted_by or None,
            "changes": kept.changes,
        }
        for kept in history
    ]
    output.table("Contracts", rows, empty="No ERP has told anything of its interface yet.")
    return 0


def _accept(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    with install(options.settings, Telemetry()) as installation:
        destination = known_destination(options.destination, list(installation.blueprint.destinations))
        installation.contract_watch(destination).look(lambda: True)
        kept = installation.contracts().accept(destination, options.contract, actor, options.reason)
    said = f"Contract {kept.short} of {destination} is accepted; recorded as decided by {actor}."
    output.say(said, destination=destination, contract=kept.digest, done=True)
    return 0


def _digest(text: str) -> str:
    if re.fullmatch(r"[0-9a-f]{6,64}", text):
        return text
    message = f"{text!r} is not the name of a contract; they look like 3f2a9c01b7de"
    raise argparse.ArgumentTypeError(message)
