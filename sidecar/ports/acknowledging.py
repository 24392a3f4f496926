"""What acknowledging reads and writes: the truth about orders, and the rows of Magento's that project it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sidecar.domain.acknowledgement import Mark, Projection, Shown, Statuses, Trace, Truth, Written
from sidecar.domain.reconciliation import Finding


class ProjectionStore(Protocol):
    """What the ERP has told and refused at the destination that acknowledges, and what Magento shows of it."""

    def note_rejections(self) -> None:
        """Keep which parked events the ERP has refused, and which of them it refuses no more."""
        ...

    def due(self, limit: int) -> Sequence[int]:
        """Orders with news, and orders that do not look as they were left, those that were touched lately first."""
        ...

    def truths(self, entity_ids: Sequence[int]) -> Mapping[int, Truth]:
        """All that is known of these orders."""
        ...

    def begin(self, truth: Truth, projection: Projection) -> None:
        """Remember what cannot be told afterwards: that a hold will be ours, what a rejection will replace."""
        ...

    def mark(self, marks: Sequence[Mark]) -> None:
        """Record how these orders were left, all of them at once."""
        ...

    def report(self, findings: Sequence[Finding]) -> None:
        """Write what a person has to look at."""
        ...


class OrderProjections(Protocol):
    """Magento's own rows of orders: read as they are, written one order a transaction, never waiting for a lock."""

    def shown(self, truths: Sequence[Truth]) -> Mapping[int, Shown]:
        """These orders as Magento shows them now; absent orders are left out."""
        ...

    def statuses(self) -> Statuses:
        """Magento's table of statuses."""
        ...

    def holders(self, destination: str, numbers: Sequence[str]) -> Mapping[str, Mapping[int, str | None]]:
        """The orders that show one of these numbers, each with the whole number that the ERP gave it."""
        ...

    def traces(self, left_at: Mapping[int, datetime | None]) -> Mapping[int, Trace]:
        """Who wrote these orders since they were left, as far as it can be told; others are left out."""
        ...

    def write(self, destination: str, projection: Projection) -> Written:
        """Write one order in one transaction that waits for nobody.

        Idempotent: what is already there is left alone, a comment is written once for its change.
        """
        ...
