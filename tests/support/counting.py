"""An ERP in memory that is told levels: it compares and sets, loses requests and answers, and moves by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from sidecar.domain.delivery import Capabilities, DocumentKind, ErpId, LineResult, Outcome, Reference, Result
from sidecar.domain.documents import Document, StockCount, StockLevel, StockPage, StockQuery
from sidecar.domain.errors import ErpUnavailable
from sidecar.domain.money import ZERO
from sidecar.ports import ErpAdapter
from tests.support.forgetful import Killed

CountTrouble = Literal[
    "lost request", "lost answer", "killed before", "killed after", "throttled", "moves", "ignores", "closed", "unread"
]


class CountingErp(ErpAdapter if TYPE_CHECKING else object):  # type: ignore[misc]
    """`guarded`: a line goes through only where the expected level stands. `moves`: the level of every line moves by
    1000 between reading and setting; `ignores`: it says yes and does nothing.
    """

    def __init__(self, *, guarded: bool = True) -> None:
        self.levels: dict[str, Decimal] = {}
        self.moved: dict[str, Decimal] = {}
        self.refused: set[str] = set()
        self.trouble: CountTrouble | None = None
        self.counts: list[StockCount] = []
        self.revisions: list[int] = []
        self.unit = ""
        self._guarded = guarded

    def capabilities(self) -> Capabilities:
        """Read at once, and nothing comes late."""
        return Capabilities(
            find_visibility_lag=timedelta(),
            longest_processing=timedelta(),
            absent_confirmations=2,
            accepts=frozenset({DocumentKind.STOCK_COUNT}),
            stock_write="absolute",
            stock_guarded=self._guarded,
            reads_stock=True,
        )

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:  # noqa: ARG002 -- the port's
        """One SKU a page; an item without stock is not listed."""
        if self.trouble == "unread":
            self.trouble = None
            raise ErpUnavailable("the ERP does not answer")
        at = int(cursor or 0)
        sku = query.skus[at]
        level = self.levels.get(sku, ZERO)
        rows = (StockLevel(sku, query.warehouses[0], level, unit=self.unit),) if level else ()
        return StockPage(rows, str(at + 1) if at + 1 < len(query.skus) else None, datetime.now(UTC))

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:  # noqa: ARG002 -- the port's
        """Compare and set, whatever becomes of the answer."""
        assert isinstance(document, StockCount)
        trouble, self.trouble = self.trouble, None
        self.counts.append(document)
        self.revisions.append(ref.revision)
        match trouble:
            case "killed before":
                raise Killed
            case "lost request":
                return Result(Outcome.UNKNOWN)
            case "throttled":
                return Result(Outcome.RETRY_LATER, retry_after=timedelta())
            case "closed":
                return Result(Outcome.REJECTED_BUSINESS)
            case "moves":
                for line in document.lines:
                    self.move(line.sku, Decimal(1000))
        lines = () if trouble == "ignores" else tuple(map(self._set, document.lines))
        if trouble == "killed after":
            raise Killed
        if trouble == "lost answer":
            return Result(Outcome.UNKNOWN)
        return Result(Outcome.CONFIRMED, ErpId(ref.external_ref), ref.external_ref, lines=lines)

    def _set(self, line: object) -> LineResult:
        sku, expected, target = line.sku, line.expected, line.target  # type: ignore[attr-defined]
        if sku in self.refused:
            return LineResult(sku, accepted=False, message="it is counted by hand")
        if self._guarded and self.levels.get(sku, ZERO) != expected:
            return LineResult(sku, accepted=False, message="the level has moved", moved=True)
        self.levels[sku] = target
        return LineResult(sku, accepted=True)

    def move(self, sku: str, quantity: Decimal) -> None:
        """Somebody at the ERP moves a level."""
        self.levels[sku] = self.levels.get(sku, ZERO) + quantity
        self.moved[sku] = self.moved.get(sku, ZERO) + quantity

    def ours(self, sku: str) -> Decimal:
        """What of a level is our doing."""
        return self.levels.get(sku, ZERO) - self.moved.get(sku, ZERO)

    def close(self) -> None:
        """Nothing is held."""
