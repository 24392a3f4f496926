"""What the commands' argument parsers share."""

import argparse
import getpass
import os
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from sidecar.configuration import duration_of

if TYPE_CHECKING:
    Nouns: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 -- the only name it has
else:
    Nouns = object  # the class is generic for type checkers only


def who_types() -> str:
    """The account that typed the command; under sudo the one that called it."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def positive(text: str) -> int:
    """A whole number above zero; anything else is refused with a sentence."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        message = f"{text!r} is not a whole number above zero"
        raise argparse.ArgumentTypeError(message)
    return number


def duration(text: str) -> timedelta:
    """A length of time above zero, such as 90s, 30m, 24h or 7d; anything else is refused with a sentence."""
    length = duration_of(text)
    if length:
        return length
    message = f"{text!r} is no length of time such as 90s, 30m, 24h or 7d"
    raise argparse.ArgumentTypeError(message)
