"""Leases: ownership by the database's clock, acted upon only inside a trust window on the monotonic clock.

The row says until when the owner owns, by the database's clock. The owner itself counts from the moment at
which its last successful renewal *started*, plus the time to live, minus a margin: a process that was frozen, or
whose renewal was slow, stops by itself before anybody else may begin. Every write quotes the fencing token, so
what still slips through writes nothing.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """How long a lease lives and how early its owner stops trusting it."""

    ttl: timedelta = timedelta(seconds=10)
    margin: timedelta = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class TrustWindow:
    """Until which instant of the monotonic clock (in seconds) the owner may begin something."""

    until: float

    @classmethod
    def opened(cls, attempt_started: float, terms: LeaseTerms) -> "TrustWindow":
        """Count from the start of the attempt, never from its answer."""
        return cls(attempt_started + (terms.ttl - terms.margin).total_seconds())

    def allows(self, monotonic: float) -> bool:
        """Tell whether something may begin now."""
        return monotonic < self.until
