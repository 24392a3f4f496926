"""An ERP, or a receiver of batches: it classifies what the other side did, and never raises for it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sidecar.domain.delivery import Capabilities, ChangeKind, ErpId, Found, Reference, Result, Snapshot
from sidecar.domain.documents import Document, Health, Page, Preview, StockPage, StockQuery
from sidecar.domain.events import Event
from sidecar.domain.order import Order


class ErpAdapter(Protocol):
    """One ERP. Thread-safe. Deadlines are seconds that the call may take in all, connecting included."""

    def capabilities(self) -> Capabilities:
        """What this ERP promises; constant while the process lives."""
        ...

    def probe(self) -> Health:
        """Ask the ERP who it is and whether we may; changes nothing there."""
        ...

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        """Make the effect once. Never raises for what the ERP or the network did: UNKNOWN after the first byte
        of a request that got no usable answer, NOT_SENT before it.
        """
        ...

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:
        """Look effects up; the answer is keyed by idempotency key. For changes and cancellations ONE means that
        the target holds this revision or a later one, for a customer that what stands under our reference does; an
        older one is ABSENT. An order that has a target is that document, if it can be read; else it is searched for
        as any other. A refund is searched for by its own reference: its target is the order. Raises Retryable when
        the look-up itself failed.
        """
        ...

    def poll(self, handle: str, deadline: float) -> Result:
        """Ask what became of an accepted, pending document; asking changes nothing. UNKNOWN: the ERP does not know
        the handle. NOT_SENT and RETRY_LATER: it could not be asked now, and nothing is known of the document.
        """
        ...

    def tells_apart(self, before: Order, after: Order) -> bool:
        """Whether a change to `after` would tell this ERP anything that it was not told with `before`; no call is made.

        True where that cannot be said: one change too many is better than one too few.
        """
        ...

    def read_back(self, erp_id: ErpId, deadline: float) -> Snapshot:
        """The document as the ERP holds it. Raises Retryable when it cannot be read now."""
        ...

    def changes(self, kind: ChangeKind, cursor: str | None, deadline: float) -> Page:
        """What changed of a kind since the cursor, oldest first; the order of changes is the ERP's own.

        The same change may come twice, none may be left out: an adapter whose ERP sorts by time overlaps its pages.
        A kind that `capabilities().changes` does not name gives an empty page. Raises Retryable when it cannot be
        read now.
        """
        ...

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """Read stock, page by page from a cursor on; an empty page where `capabilities().reads_stock` is false.

        Rows of one SKU and warehouse are summed up. Raises Retryable when it cannot be read now.
        """
        ...

    def preview(self, document: Document, ref: Reference, deadline: float) -> Preview:
        """Tell what `submit` would send, without sending it; what submit would read first is read. Holds no secret.

        Raises Retryable when that cannot be read now.
        """
        ...

    def close(self) -> None:
        """Give connections back; calls in flight end as they may."""
        ...


class BatchSink(Protocol):
    """Somebody who takes events as they are, in batches, and recognises an event that comes again by its id."""

    def accept(self, events: Sequence[Event], deadline: float) -> Result:
        """Hand over a batch in its order, payloads included. CONFIRMED means all of it; a refusal none of it.

        Never raises for what the receiver or the network did. After any other answer the batch comes again.
        """
        ...

    def probe(self) -> Health:
        """Ask whether anybody listens; sends no event."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
