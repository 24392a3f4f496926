"""The lifecycle map: what an ERP's status means for an order in Magento, and which status may follow which.

A map names every status that the ERP can give an order. Between two looks at the ERP an order may take several
steps, so a change from one status to another is allowed when a path of the map leads there. A status that is
irreversible has no path back to what came before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Meaning(StrEnum):
    """What an ERP's status means for the shop."""

    ACCEPTED = "accepted"
    AWAITING_APPROVAL = "awaiting_approval"
    CREDIT_HOLD = "credit_hold"
    BLOCKED = "blocked"
    POSTED = "posted"
    PARTLY_DELIVERED = "partly_delivered"
    INVOICED = "invoiced"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


STANDING: Final = frozenset({Meaning.AWAITING_APPROVAL, Meaning.CREDIT_HOLD, Meaning.BLOCKED})
"""The order stands still in the ERP until somebody there lets it go on."""

ENDING: Final = frozenset({Meaning.CLOSED, Meaning.CANCELLED})
"""Nothing more happens to the order; a rejected one ends here only where the ERP never takes a rejection back."""


@dataclass(frozen=True, slots=True)
class ErpStatus:
    """One status of the ERP: what it means, what Magento shows in each state, and what may follow.

    `holds`: the order is put on hold in Magento as long as it lasts. `meaning` None: nobody has said.
    """

    meaning: Meaning | None = None
    shows: Mapping[str, str] = field(default_factory=dict)
    next: tuple[str, ...] = ()
    holds: bool = False
    irreversible: bool = False

    @property
    def ends(self) -> bool:
        """Tell whether an order may stay here for ever."""
        return self.meaning in ENDING or (self.meaning is Meaning.REJECTED and self.irreversible)


@dataclass(frozen=True, slots=True)
class Rejection:
    """What Magento shows while the ERP refuses an order: a status inside its current state, never a hold."""

    shows: Mapping[str, str] = field(default_factory=dict)
    visible_to_shopper: bool = False
    prefix: str = "The ERP refused this order:"

    def status_for(self, state: str) -> str | None:
        """The status that says so inside `state`, or None to leave it alone."""
        return self.shows.get(state)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The map of one destination; without statuses nothing is shown and every step is allowed.

    `first` names the statuses that an order may be created in.
    """

    statuses: Mapping[str, ErpStatus] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    rejection: Rejection = Rejection()

    @classmethod
    def showing(cls, shows: Mapping[str, Mapping[str, str]]) -> "Lifecycle":
        """A map that only says what is shown: {ERP status: {state: status}}; from each status to each."""
        return cls({name: ErpStatus(shows=shown, next=tuple(shows)) for name, shown in shows.items()}, tuple(shows))

    def status_for(self, erp_status: str, state: str) -> str | None:
        """The status inside `state` that says what the ERP said, or None to leave it alone."""
        known = self.statuses.get(erp_status)
        return None if known is None else known.shows.get(state)

    def meaning_of(self, erp_status: str) -> Meaning | None:
        """What a status of the ERP means; None for one that the map does not name."""
        known = self.statuses.get(erp_status)
        return None if known is None else known.meaning

    def holds(self, erp_status: str) -> bool:
        """Tell whether an order of this status is on hold in Magento."""
        known = self.statuses.get(erp_status)
        return known is not None and known.holds

    def refusal(self, before: str, after: str) -> str:
        """Why an order cannot have gone from one status of the ERP to another; empty where it can.

        An order that was not seen before (`before` empty), or was seen in a status that the map no longer names,
        may be found in every status that it does name.
        """
        if not self.statuses or before == after:
            return ""
        if after not in self.statuses:
            return f"the ERP's status {after!r} is not in the lifecycle map"
        if before not in self.statuses or after in self.reached_from(before):
            return ""
        if self.statuses[before].irreversible:
            return f"{before!r} is irreversible, and {after!r} does not follow it in the lifecycle map"
        return f"no path of the lifecycle map leads from {before!r} to {after!r}"

    def reached_from(self, *names: str) -> frozenset[str]:
        """Every status that one or more steps lead to from these."""
        reached: set[str] = set()
        ahead = [follower for name in names for follower in self.statuses[name].next]
        while ahead:
            name = ahead.pop()
            if name not in reached and name in self.statuses:
                reached.add(name)
                ahead += self.statuses[name].next
        return frozenset(reached)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each (state, status) that may be written into Magento, once."""
        shown = [status.shows for status in self.statuses.values()]
        yield from dict.fromkeys(pair for shows in (*shown, self.rejection.shows) for pair in shows.items())
