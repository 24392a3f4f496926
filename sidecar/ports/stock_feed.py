"""What a feed of an ERP's stock keeps of it, and what it has to know."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sidecar.domain.events import DestinationName
from sidecar.domain.inbound import InboundDocument
from sidecar.domain.reconciliation import Finding
from sidecar.domain.stock_feed import ReadLevel, Snapshot, SnapshotState
from sidecar.domain.stock_rule import Bearing, Network


class SnapshotStore(Protocol):
    """Readings of an ERP's stock; a reader is fenced by the token on its reading's row."""

    def clock_ahead(self) -> timedelta:
        """How far the database's clock is ahead of this host's."""
        ...

    def begin(self, destination: DestinationName, token: int, skew: timedelta) -> int:
        """Begin a reading, and abandon what was being read; returns its number. Raises LeaseLost for an old token."""
        ...

    def add_page(self, number: int, token: int, levels: Sequence[ReadLevel], read_at: datetime | None) -> None:
        """Keep a page, all of whose levels the ERP read at one moment; fenced."""
        ...

    def finish(self, number: int, token: int, told: int) -> None:
        """Call a reading complete, fenced; raises IncompleteSnapshot where one of `told` levels came twice."""
        ...

    def hold_reading(self, number: int, token: int, why: str) -> None:
        """Call a reading that is not complete held, fenced."""
        ...

    def settle(self, number: int, state: SnapshotState, written: int, why: str = "") -> None:
        """Write what became of a complete reading."""
        ...

    def newest(self, destination: DestinationName, states: Collection[SnapshotState]) -> Snapshot | None:
        """The newest reading in one of these states."""
        ...

    def is_whole(self, snapshot: Snapshot) -> bool:
        """Tell whether every level that a reading told is still kept."""
        ...

    def warehouses(self, number: int) -> Collection[str]:
        """The ERP's warehouses in which a reading lists anything."""
        ...

    def levels(self, number: int, after: str, limit: int) -> Sequence[ReadLevel]:
        """Levels of a reading behind a SKU, by SKU and warehouse."""
        ...

    def levels_of(self, number: int, skus: Sequence[str]) -> Sequence[ReadLevel]:
        """Levels of these SKUs."""
        ...

    def drop_outdated(self, destination: DestinationName, number: int) -> bool:
        """Delete some levels of readings before this one; tells whether there may be more."""
        ...

    def acceptances(self, destination: DestinationName) -> Mapping[str, Decimal]:
        """Jumps that people have accepted and that are not written yet: the total of each SKU."""
        ...

    def spend_acceptances(self, destination: DestinationName, skus: Sequence[str]) -> None:
        """They have been written: the next jump is a new question."""
        ...

    def record_findings(self, findings: Sequence[Finding]) -> None:
        """Insert new findings, count known ones as seen again."""
        ...

    def resolve_findings(
        self, destination: DestinationName, standing: Collection[str], subjects: Collection[str]
    ) -> int:
        """Close the feed's open findings, but those of these fingerprints and subjects; returns how many."""
        ...


class FeedFacts(Protocol):
    """What one destination's feed has to know of orders, deliveries and changes of Magento's own."""

    def network(self, sources: Sequence[str]) -> Network:
        """Which of these sources each stock sells from, by priority; sources that are switched off sell nothing."""
        ...

    def products(self, skus: Collection[str]) -> Collection[str]:
        """Those that are products of Magento of which stock can be kept."""
        ...

    def position(self) -> tuple[str | None, bool]:
        """How far the ERP's deliveries were read, and whether they ever were."""
        ...

    def unkept(self, documents: Sequence[InboundDocument]) -> Sequence[InboundDocument]:
        """Those of the ERP's deliveries that are not kept yet, or in another version."""
        ...

    def bearing(
        self, skus: Collection[str], since: datetime, told: Sequence[tuple[int, InboundDocument]] = ()
    ) -> Mapping[str, Bearing]:
        """What bears on these SKUs, from one fresh snapshot; those on which nothing does are left out.

        `since`: what was over by then is counted in every level. `told`: deliveries, by order, that the ERP has told
        after it was read, and nobody has kept.
        """
        ...
