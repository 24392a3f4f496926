"""The start: which of the events that were there before it a new destination gets.

It is decided once, when the destination's cursor is made, and kept there; what the blueprint says later changes
nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Start:
    """Where a destination begins, in the blueprint's words; `since` (aware) only where they name an instant."""

    said: str
    since: datetime | None = None


BEGINNING: Final = Start("beginning")
NOW: Final = Start("now")
UNSAID: Final = Start("unsaid")
"""Good enough for the first destination, which begins with the outbox; not for one beside or after another."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a destination begins: its start, the streams that it has from then on, and who says so."""

    start: Start
    streams: Collection[str]
    blueprint_version: str
