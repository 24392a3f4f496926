"""Magento's source items: read in its tables, written the way that the blueprint names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sidecar.domain.stock_feed import SourceItem, StockChange, Written
from sidecar.mysql.source_items import SourceItemRows


class StockWriter(Protocol):
    """One way into Magento's stock."""

    def write(self, changes: Sequence[StockChange], deadline: float) -> Sequence[Written]:
        """Set each row that still holds what was expected."""
        ...

    def problems(self) -> Sequence[str]:
        """What stands in the way of every write, a sentence each."""
        ...


@dataclass(frozen=True, slots=True)
class ShopStock:
    """`SourceItems` of one shop."""

    rows: SourceItemRows
    writer: StockWriter

    def items(self, sources: Sequence[str], after: tuple[str, str], limit: int) -> Sequence[SourceItem]:
        """Rows of these sources behind a source and SKU, in that order, up to `limit`."""
        return self.rows.items(sources, after, limit)

    def items_of(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[SourceItem]:
        """The rows of these SKUs in these sources, from a fresh snapshot."""
        return self.rows.items_of(sources, skus)

    def write(self, changes: Sequence[StockChange], deadline: float) -> Sequence[Written]:
        """Set each row that still holds what was expected; one word for each change, in their order."""
        return self.writer.write(changes, deadline)

    def problems(self) -> Sequence[str]:
        """What stands in the way of every write, a sentence each."""
        return self.writer.problems()
