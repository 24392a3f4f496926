"""What every command shares that a person decides with: who decides, why, and about what."""

import argparse
import getpass
import os
from collections.abc import Sequence

from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName


def add_reason(parser: argparse.ArgumentParser) -> None:
    """A decision has a reason, and is kept with it."""
    parser.add_argument("--reason", required=True, help="why; it is kept with your name")


def who_decides() -> str:
    """The account that typed the command; under sudo the one that called it."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def known_destination(name: str, known: Sequence[DestinationName]) -> DestinationName:
    """The destination of this name; raise NotPossible for one that the blueprint does not have."""
    if name in known:
        return DestinationName(name)
    message = f"the blueprint has no destination {name}"
    raise NotPossible(message, hint=f"name one of: {', '.join(known)}")
