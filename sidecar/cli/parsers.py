"""What the commands' argument parsers share."""

import argparse
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Nouns: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 -- the only name it has
else:
    Nouns = object  # the class is generic for type checkers only


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
