"""Which database this is, and what a restore needs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sidecar.domain.delivery import Receipt
from sidecar.domain.events import DestinationName
from sidecar.domain.identity import Instance, Observation, Place, StreamMark
from sidecar.domain.naming import Epoch
from sidecar.domain.reconciliation import Finding
from sidecar.domain.restore import Unfinished


class InstanceStore(Protocol):
    """Which shop the database is, and what shows whether time went back in it."""

    def observe(self, mark: int) -> Observation:
        """What the database says now, and the event id under the outbox id `mark`."""
        ...

    def epochs(self) -> Sequence[Epoch]:
        """Every declaration, ascending."""
        ...

    def make(self, instance: Instance) -> Instance:
        """Make the database's own row if there is none; returns the one that is there then."""
        ...

    def settle_in(self, place: Place) -> None:
        """Write that the database belongs where it is."""
        ...


class RestoreStore(Protocol):
    """What a declaration about the database reads and changes; each change is one transaction, and recorded."""

    def live_leases(self) -> Sequence[str]:
        """Who owns a role now, by the database's clock."""
        ...

    def ends_of_the_past(self, until: datetime | None) -> tuple[int, int]:
        """The newest outbox id and the newest order that are not younger than an instant (UTC); None: of all."""
        ...

    def unfinished(self, destinations: Sequence[DestinationName], after_id: int) -> Sequence[Unfinished]:
        """What each destination has not finished of the events up to an id."""
        ...

    def settle_in(self, place: Place, actor: str, reason: str) -> None:
        """Write that the database belongs where it is."""
        ...

    def begin_restored(
        self,
        epoch: Epoch,
        place: Place,
        streams: Mapping[str, StreamMark],
        kept_out: Sequence[Receipt],
        findings: Sequence[Finding],
        actor: str,
        reason: str,
    ) -> None:
        """Begin an epoch after a restore; raises the tokens of `streams` first, so that others write nothing."""
        ...

    def begin_copied(
        self, epoch: Epoch, instance: Instance, streams: Mapping[str, StreamMark], actor: str, reason: str
    ) -> None:
        """Make a copy a shop of its own: nothing from before is ever sent."""
        ...
