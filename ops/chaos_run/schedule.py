"""When what is struck: a plan that one seed always draws in the same way."""

import random
from dataclasses import dataclass
from typing import Literal

Blow = Literal["kill", "freeze", "database"]

KILL_EVERY = 7.0
STRIKE_EVERY = 42.0
FROZEN_FOR = (4.0, 11.0)
"""Longer than a lease, and now and then longer than what a successor waits before it sends anything again: a call
that was frozen before its first byte finds its deadline over when it goes on."""

DOWN_FOR = (0.1, 1.0)
CALM_AT_FIRST = 2.5


@dataclass(frozen=True, slots=True, order=True)
class Strike:
    """One blow at one moment; `lasts` is how long a sidecar stays down or frozen, or the database stays down."""

    at: float
    blow: Blow
    lasts: float
    at_the_owner: bool
    """Whether it meets the sidecar that owns the lease then; else the one that waits."""


def draw(seed: int, seconds: float) -> list[Strike]:
    """Kills every seven seconds or so, and at least one freeze and one crash of the database, in order of time."""
    chance = random.Random(f"strikes {seed}")  # noqa: S311 (a run that can be played again)
    strikes = []
    for blow, every, lasts in (
        ("kill", KILL_EVERY, DOWN_FOR),
        ("freeze", STRIKE_EVERY, FROZEN_FOR),
        ("database", STRIKE_EVERY, DOWN_FOR),
    ):
        number = max(1, int((seconds - CALM_AT_FIRST) / every))
        share = max(0.0, seconds - CALM_AT_FIRST) / number
        for place in range(number):
            at = CALM_AT_FIRST + share * (place + chance.uniform(0.05, 0.95))
            at_the_owner = blow == "freeze" or chance.random() < 0.8  # noqa: PLR2004 (now and then the standby)
            strikes.append(Strike(at, blow, chance.uniform(*lasts), at_the_owner))  # type: ignore[arg-type]
    return sorted(strikes)
