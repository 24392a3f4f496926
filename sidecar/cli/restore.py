"""`erp-sidecar restore declare`: a person says what happened to the database, and sees first what follows from it."""

import argparse
import getpass
import os
from datetime import UTC, datetime

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.domain.restore import Claim
from sidecar.telemetry import Telemetry
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    verbs = nouns.add_parser("restore", help="a database that was restored, moved or copied").add_subparsers(
        required=True, metavar="VERB"
    )
    parser = verbs.add_parser("declare", parents=[shared], help="say what happened; shows first what follows")
    parser.add_argument("--reason", required=True, help="why; it is kept with your name")
    claims = parser.add_mutually_exclusive_group()
    claims.add_argument(
        "--promoted",
        dest="claim",
        action="store_const",
        const=Claim.PROMOTED,
        help="nothing is missing: a replica took over, or the server was replaced",
    )
    claims.add_argument(
        "--as-copy",
        dest="claim",
        action="store_const",
        const=Claim.COPIED,
        help="this is a copy, which becomes a shop of its own; nothing that it copied is ever sent",
    )
    claims.add_argument(
        "--restored-at",
        type=instant,
        metavar="TIME",
        help="when the database came back, UTC; by default the last moment at which this host saw the one before",
    )
    parser.add_argument("--apply", action="store_true", help="do it; without this nothing is changed")
    parser.set_defaults(command=_declare, claim=Claim.RESTORED)


def instant(text: str) -> datetime:
    """An instant in UTC; anything else is refused with a sentence."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is not an instant such as '2026-11-26 03:10'"
        raise argparse.ArgumentTypeError(message) from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _declare(options: argparse.Namespace, output: Output) -> int:
    actor = os.environ.get("SUDO_USER") or getpass.getuser()
    with install(options.settings, Telemetry()) as installation:
        restoration = installation.restoration()
        declaration = restoration.plan(options.claim, options.restored_at)
        if options.apply:
            restoration.declare(declaration, actor, options.reason)
    if output.as_json:
        output.say("", claim=str(declaration.claim), steps=list(declaration.steps), done=options.apply)
        return 0
    title = (
        f"Declared {declaration.claim}" if options.apply else f"Nothing is changed yet: {declaration.claim} would mean"
    )
    output.table(title, [{"what_follows": step} for step in declaration.steps], empty="")
    after = "Start the service on every host." if options.apply else "If that is right, type it again with --apply."
    output.say(f"{after} Recorded as declared by {actor}." if options.apply else after)
    return 0
