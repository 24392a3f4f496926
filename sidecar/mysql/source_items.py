"""Magento's source items as its tables hold them; needs the grants of `stock`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sidecar.domain.money import decimal_of
from sidecar.domain.stock_feed import SourceItem
from sidecar.mysql.rows import chunks
from sidecar.mysql.session import Row, Session


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A stock that sells from a source; the smallest priority is taken from first."""

    stock_id: int
    source: str
    priority: int
    is_enabled: bool


class SourceItemRows:
    """Reads source items, and how sources belong to stocks.

    SKUs and sources come out as Magento spells them. Magento tells them apart as the database does: `a-1` and `A-1`
    are one SKU.
    """

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("source_items")

    def items(self, sources: Sequence[str], after: tuple[str, str], limit: int) -> Sequence[SourceItem]:
        """Rows of these sources behind a source and SKU, up to `limit`: source by source as they are given, SKUs in
        the order of the database.
        """
        first, sku = after
        begin = sources.index(first) if first in sources else 0
        found: list[SourceItem] = []
        with self._session.reading() as work:
            for source in sources[begin:]:
                behind = sku if source == first else ""
                rows = work.rows(self._sql["items_page"], source=source, after=behind, limit=limit - len(found))
                found += map(_item_of, rows)
                if len(found) == limit:
                    break
        return found

    def items_of(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[SourceItem]:
        """The rows of these SKUs in these sources, from a fresh snapshot."""
        return [item for chunk in chunks(skus) for item in self._chunk(sources, chunk)]

    def links(self, sources: Sequence[str]) -> Sequence[SourceLink]:
        """Which stocks sell from these sources, first priority first."""
        rows = self._session.rows(self._sql["links"], sources=list(sources))
        return [
            SourceLink(int(row["stock_id"]), row["source_code"], int(row["priority"]), bool(row["enabled"]))
            for row in rows
        ]

    def _chunk(self, sources: Sequence[str], skus: Sequence[str]) -> Iterator[SourceItem]:
        rows = self._session.rows(self._sql["items_of"], sources=list(sources), skus=list(skus))
        return map(_item_of, rows)


def _item_of(row: Row) -> SourceItem:
    return SourceItem(row["source_code"], row["sku"], decimal_of(row["quantity"]), in_stock=bool(row["status"]))
