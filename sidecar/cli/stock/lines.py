"""`erp-sidecar stock line list|retry|skip`: stock lines that an ERP refused, and what a person decides about them."""

import argparse
from datetime import timedelta

from sidecar.cli.decisions import add_reason, known_destination, who_decides
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.money import text_of
from sidecar.domain.stock import StandingLine
from sidecar.telemetry import Telemetry
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the verbs of one line to the noun `stock`."""
    verbs = nouns.add_parser("line", help="lines that the ERP refused, and what is held behind them").add_subparsers(
        required=True, metavar="VERB"
    )
    listing = verbs.add_parser("list", parents=[shared], help="refused lines, the longest first")
    listing.add_argument("--limit", type=positive, default=100)
    listing.set_defaults(command=_list)
    for verb, text in (
        ("retry", "send a refused line again, with all that is held behind it, in a new window"),
        ("skip", "give a refused line up; what is held behind it goes"),
    ):
        parser = verbs.add_parser(verb, parents=[shared], help=text)
        parser.add_argument("destination")
        parser.add_argument("warehouse", help="the ERP's warehouse, as `stock line list` shows it")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("sku", nargs="?", help="the SKU, as `stock line list` shows it")
        which.add_argument("--all", action="store_true", help="every refused line of the warehouse")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and decide nothing")
        add_reason(parser)
        parser.set_defaults(command=_decide, verb=verb)


def _list(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        standing = installation.line_decisions().standing_lines(options.limit)
    output.table(
        "Stock lines that are kept back", [_row(line) for line in standing], empty="No stock line is kept back."
    )
    return 0


def _decide(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    with install(options.settings, Telemetry()) as installation:
        destination = known_destination(options.destination, list(installation.blueprint.destinations))
        decided = installation.line_decisions().decide(
            options.verb,
            destination,
            options.warehouse,
            None if options.all else options.sku,
            actor,
            options.reason,
            dry_run=options.dry_run,
        )
    facts = {"lines": [_row(line) for line in decided], "dry_run": options.dry_run}
    if not decided:
        what = "Nothing is parked in any line" if options.all else f"SKU {options.sku} is parked in no line"
        words = f"{what} of warehouse {options.warehouse} at {destination}; see: erp-sidecar stock line list"
        output.say(words, **facts, done=False)
        return 1
    said = "; ".join(_sentence(options.verb, line) for line in decided)
    recorded = "nothing was decided" if options.dry_run else f"recorded as decided by {actor}"
    output.say(f"{said}; {recorded}.", **facts, done=not options.dry_run)
    return 0


def _sentence(verb: str, line: StandingLine) -> str:
    """What goes, in a person's words."""
    own, held = text_of(line.quantity), text_of(line.held_quantity)
    if verb == "skip":
        behind = f"{held} of {_windows(line)} goes on" if line.held else "nothing is held behind it"
        return f"{line.sku}: {own} of window {line.sequence} is given up, {behind}"
    behind = f", with {held} of {_windows(line)}" if line.held else ""
    return f"{line.sku}: {text_of(line.quantity + line.held_quantity)} goes in a new window{behind}"


def _windows(line: StandingLine) -> str:
    return "1 later window" if line.held == 1 else f"{line.held} later windows"


def _row(line: StandingLine) -> dict[str, object]:
    return {
        "destination": line.destination,
        "warehouse": line.warehouse,
        "sku": line.sku,
        "sequence": line.sequence,
        "state": str(line.state),
        "quantity": text_of(line.quantity),
        "held": line.held,
        "held_quantity": text_of(line.held_quantity),
        "stands_for": str(timedelta(seconds=int(line.stands_for.total_seconds()))),
        "fault": line.fault,
    }
