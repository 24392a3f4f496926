"""What stock reads and writes in Magento's database."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from sidecar.domain.delivery import Delivery
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.reconciliation import Finding
from sidecar.domain.salable import Salable
from sidecar.domain.step import Cursor
from sidecar.domain.stock import FrozenFold, Membership, Window, WindowLine, WindowState
from sidecar.domain.stock_counts import PreparedLine, as_they_are
from sidecar.domain.stock_feed import SourceItem, StockChange, Written


class StockStore(Protocol):
    """Stock windows of one destination, fenced by its stock cursor row."""

    def load_stock_cursor(self, destination: DestinationName) -> Cursor:
        """The stock stream's cursor."""
        ...

    def freeze_windows(
        self,
        destination: DestinationName,
        token: int,
        cursor: Cursor,
        membership: Membership,
        folds: Sequence[FrozenFold],
        blueprint_version: str,
        parked: Sequence[Delivery],
    ) -> None:
        """Freeze a fold in one fenced transaction: cursor, windows, lines, and deltas that cannot be counted."""
        ...

    def since_frozen(self, destination: DestinationName) -> timedelta | None:
        """How old the destination's newest window is, by the database's clock; None where it has none."""
        ...

    def released_deltas(self, destination: DestinationName) -> Sequence[OutboxId]:
        """Parked deltas that an operator made READY: they are folded as late ids, which deletes their rows."""
        ...


class WindowStore(Protocol):
    """Frozen windows of one destination on their way, fenced by its stock cursor row."""

    def open_windows(self, destination: DestinationName) -> Sequence[Window]:
        """Per warehouse the oldest window that is FROZEN, SENDING or UNKNOWN; parked lines do not block later
        windows, a parked window (refused as a whole) blocks its warehouse.
        """
        ...

    def begin_window(
        self,
        window: Window,
        token: int,
        prepare: Callable[[Sequence[WindowLine]], Sequence[PreparedLine]] = as_they_are,
    ) -> Window:
        """Mark a window SENDING and count the attempt, fenced; returns it as stored.

        Before its first attempt lines are held of whose SKU an older one stands. What `prepare` makes of the others is
        kept; where none is left to send, the window is HELD, or BOOKED if something of it is done.
        """
        ...

    def carry_lines(
        self, destination: DestinationName, token: int, batch: int | None, blueprint_version: str
    ) -> Sequence[tuple[str, int]]:
        """Carry out what people decided about parked lines, fenced; returns warehouse and line count of new windows.

        All that stands of a SKU becomes one line of a new window. `batch`: the most lines that a window may have.
        """
        ...

    def settle_window(
        self,
        window: Window,
        token: int,
        state: WindowState,
        *,
        erp_number: str | None = None,
        rejected: Mapping[str, str] | None = None,
        booked: Collection[str] = (),
        undone: Collection[str] = (),
        fault: str = "",
        hint: str = "",
        absents: int = 0,
        resubmitted: bool = False,
        delay: timedelta | None = None,
    ) -> None:
        """Write what became of a window, fenced; `rejected` maps SKUs to the ERP's words, parking those lines.

        `booked` lines are done whatever becomes of the others, `undone` ones are to be counted anew. `delay` counts
        from the database's clock; None: nothing to wait for.
        """
        ...


class SalableStock(Protocol):
    """What stocks can sell, beside what the shop shows, and what was found to differ."""

    def salable(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[Salable]:
        """These SKUs in every stock that sells from one of these sources, read at one moment.

        Raises SchemaError where a stock's index cannot be read.
        """
        ...

    def doubtful(self, destination: DestinationName, limit: int) -> Sequence[str]:
        """SKUs of which something was found that is still open."""
        ...

    def settle(self, destination: DestinationName, skus: Sequence[str], findings: Sequence[Finding]) -> int:
        """Keep what was found of these SKUs, close what is found of them no more; says how many are new."""
        ...


class SourceRows(Protocol):
    """Magento's source items, read in its tables."""

    def items(self, sources: Sequence[str], after: tuple[str, str], limit: int) -> Sequence[SourceItem]:
        """Rows of these sources behind a source and SKU, up to `limit`: source by source as they are given, SKUs in the
        order of the database.
        """
        ...

    def items_of(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[SourceItem]:
        """The rows of these SKUs in these sources, from a fresh snapshot."""
        ...


class SourceItems(SourceRows, Protocol):
    """Magento's source items, read in its tables and written the way that the blueprint names."""

    def write(self, changes: Sequence[StockChange], deadline: float) -> Sequence[Written]:
        """Set each row that still holds what was expected; one word for each change, in their order.

        Compared and set in transactions of Magento's, under the rows' locks. Never raises for what Magento did.
        """
        ...

    def problems(self) -> Sequence[str]:
        """What stands in the way of every write, a sentence each; asked before an import, and by the doctor."""
        ...
