"""What the story of a SKU is told from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sidecar.domain.events import DestinationName, Event, OutboxId
from sidecar.domain.stock_lineage import Surroundings
from sidecar.domain.stock_story import MagentoStock


class StockFacts(Protocol):
    """What the tables say about a SKU: in Magento now, of its events, and of windows."""

    def ends(self) -> tuple[OutboxId, OutboxId, datetime]:
        """The id up to which events may be purged, the newest id, and the moment by the database's clock."""
        ...

    def first_since(self, moment: datetime, floor: OutboxId, newest: OutboxId) -> OutboxId:
        """The last id before a moment."""
        ...

    def events_of(
        self, sku: str, after: OutboxId, upto: OutboxId, progress: Callable[[int, int], None]
    ) -> Sequence[Event]:
        """The stock events of a SKU in a range of ids, with payloads, ascending; raises NotPossible for too many.

        `progress` is told how many ids were looked through, of how many.
        """
        ...

    def magento(self, sku: str) -> MagentoStock:
        """A SKU in Magento at one moment; raises SchemaError where that may not be read."""
        ...

    def numbers_of(self, kind: str, ids: Sequence[int]) -> Mapping[str, str]:
        """The numbers of documents of a kind, by their keys as text; none where they may not be read."""
        ...

    def surroundings(
        self, destination: DestinationName, events: Sequence[OutboxId], skus: Iterable[str], after: OutboxId
    ) -> Surroundings:
        """What a destination's tables say about these changes, which are of these SKUs and above an id."""
        ...
