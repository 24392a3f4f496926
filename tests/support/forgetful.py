"""An ERP in memory that remembers what came under each key, refuses items, and loses requests and answers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from sidecar.domain.delivery import (
    Capabilities,
    DocumentKind,
    ErpId,
    Found,
    LineResult,
    Outcome,
    Presence,
    Reference,
    Result,
    Snapshot,
    SnapshotLine,
)
from sidecar.domain.documents import Document, StockMovement, StockPage, StockQuery
from sidecar.domain.money import ZERO
from sidecar.ports import ErpAdapter

Trouble = Literal["lost request", "lost answer", "killed before", "killed after", "throttled", "partly"]
Content = tuple[tuple[str, Decimal], ...]


class Killed(Exception):
    """The process is gone in the middle of a call."""


class ForgetfulErp(ErpAdapter if TYPE_CHECKING else object):  # type: ignore[misc]
    """It books a batch line by line; `refused` SKUs are not booked, `whole` means: no document where none can be."""

    def __init__(self, batch: int | None = None, *, whole: bool = False) -> None:
        self.refused: set[str] = set()
        self.whole = whole
        self.trouble: Trouble | None = None
        self.booked: dict[str, dict[str, Decimal]] = {}
        self.said: dict[str, Content] = {}
        self.units: dict[str, str] = {}
        self.levels: ErpAdapter | None = None
        self.calls = 0
        self._batch = batch

    def __repr__(self) -> str:
        return f"ForgetfulErp(refused={sorted(self.refused)}, booked={self.booked})"

    def capabilities(self) -> Capabilities:
        """Searched exactly, at once."""
        return Capabilities(
            native_dedupe="unique_ref",
            find_by_ref="exact",
            find_visibility_lag=timedelta(),
            longest_processing=timedelta(),
            absent_confirmations=2,
            accepts=frozenset({DocumentKind.STOCK_MOVEMENT}),
            stock_write="delta",
            stock_batch=self._batch,
            reads_stock=True,
        )

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """What another ERP in memory has, if a test says which."""
        return StockPage() if self.levels is None else self.levels.read_stock(query, cursor, deadline)

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:  # noqa: ARG002 -- the port's
        """Book it once, whatever becomes of the answer."""
        assert isinstance(document, StockMovement)
        self.calls += 1
        trouble, self.trouble = self.trouble, None
        content = tuple((line.sku, line.quantity) for line in document.lines)
        assert self.said.setdefault(ref.idempotency_key, content) == content, "one key, two contents"
        assert content, "nothing to send"
        self.units |= {line.sku: line.unit for line in document.lines}
        assert self._batch is None or len(content) <= self._batch
        if trouble == "killed before":
            raise Killed
        if trouble == "lost request":
            return Result(Outcome.UNKNOWN)
        if trouble == "throttled":
            return Result(Outcome.RETRY_LATER, retry_after=timedelta())
        if ref.external_ref in self.booked:
            return Result(Outcome.ALREADY_EXISTS, ErpId(ref.external_ref), ref.external_ref)
        lines = tuple(
            LineResult(sku, accepted=sku not in self.refused, message="it is counted" if sku in self.refused else "")
            for sku, _ in content
        )
        taken = {sku: quantity for sku, quantity in content if sku not in self.refused}
        if self.whole and not taken:
            return Result(Outcome.REJECTED_BUSINESS, lines=lines)
        self.booked[ref.external_ref] = taken
        if trouble == "killed after":
            raise Killed
        if trouble == "lost answer":
            return Result(Outcome.UNKNOWN)
        return Result(Outcome.CONFIRMED, ErpId(ref.external_ref), ref.external_ref, lines=lines)

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:  # noqa: ARG002 -- the port's
        """What was booked under each reference."""
        return {ref.idempotency_key: self._found(ref.external_ref) for ref in refs}

    def _found(self, reference: str) -> Found:
        if reference not in self.booked:
            return Found(Presence.ABSENT)
        lines = tuple(
            SnapshotLine(line_ref=sku, sku=sku, quantity=quantity, total=ZERO)
            for sku, quantity in self.booked[reference].items()
        )
        return Found(Presence.ONE, (_snapshot(reference, lines),))

    def balance(self, sku: str) -> Decimal:
        """What it has booked of a SKU in all."""
        return sum((lines.get(sku, ZERO) for lines in self.booked.values()), ZERO)

    def close(self) -> None:
        """Nothing is held."""


def _snapshot(reference: str, lines: tuple[SnapshotLine, ...]) -> Snapshot:
    return Snapshot(ErpId(reference), reference, reference, None, "booked", "", lines, {})
