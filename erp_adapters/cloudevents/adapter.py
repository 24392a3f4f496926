"""One event a request, as a CloudEvent that carries the payload untouched in `data`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from erp_adapters.cloudevents.answers import result_of
from erp_adapters.cloudevents.envelope import single
from sidecar.domain.delivery import (
    Capabilities,
    ChangeKind,
    DocumentKind,
    ErpId,
    ErpMessage,
    Found,
    Outcome,
    Presence,
    Reference,
    Result,
    Snapshot,
)
from sidecar.domain.documents import (
    Document,
    EventDocument,
    Health,
    Page,
    Preview,
    StockPage,
    StockQuery,
)
from sidecar.domain.errors import Retryable
from sidecar.domain.order import Order
from sidecar.transport import HttpTransport, NoAnswer, Request

_PROBE_SECONDS = 10.0
_SINGLE = {"Content-Type": "application/cloudevents+json"}


class CloudEventsAdapter:
    """A receiver of single events; it has to recognise an event that comes a second time by its id."""

    def __init__(self, transport: HttpTransport, source: str, concurrency: int) -> None:
        """Bind a transport to the address that takes events; `source` names the shop in every event."""
        self._transport, self._source = transport, source
        self._capabilities = Capabilities(
            native_dedupe="idempotency_key",
            find_visibility_lag=timedelta(),
            longest_processing=timedelta(minutes=1),
            accepts=frozenset({DocumentKind.EVENT}),
            reference_limit=36,
            max_concurrency=concurrency,
        )

    def __repr__(self) -> str:
        return f"CloudEventsAdapter({self._transport!r})"

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def capabilities(self) -> Capabilities:
        """A key that the receiver honours, and nothing that could be searched."""
        return self._capabilities

    def probe(self) -> Health:
        """Ask whether anything listens; no event is sent, and what it answers to OPTIONS is its own matter."""
        return probe(self._transport)

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        """Send one event under its own id."""
        if not isinstance(document, EventDocument):
            return _not_taken()
        return result_of(self._transport.call(self._request(document, ref), deadline), ref.event_id)

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:
        """A receiver of events cannot be searched."""
        del deadline
        return {ref.idempotency_key: Found(Presence.UNSEARCHABLE) for ref in refs}

    def poll(self, handle: str, deadline: float) -> Result:
        """Nothing is ever pending."""
        del handle, deadline
        message = ErpMessage("error", "POLL", "this receiver has nothing pending")
        return Result(Outcome.UNKNOWN, messages=(message,))

    def read_back(self, erp_id: ErpId, deadline: float) -> Snapshot:
        """A receiver of events shows none of them."""
        del erp_id, deadline
        raise Retryable("a receiver of events cannot be read back", hint="look at the receiver itself")

    def changes(self, kind: ChangeKind, cursor: str | None, deadline: float) -> Page:
        """It has no orders to tell of."""
        del kind, cursor, deadline
        return Page()

    def tells_apart(self, before: Order, after: Order) -> bool:
        """Events are told as they are."""
        del before, after
        return True

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """It has no stock."""
        del query, cursor, deadline
        return StockPage()

    def preview(self, document: Document, ref: Reference, deadline: float) -> Preview:
        """The one request that would be sent."""
        del deadline
        if not isinstance(document, EventDocument):
            return Preview(refusal=_not_taken())
        return Preview((self._transport.shown(self._request(document, ref)),))

    def _request(self, document: EventDocument, ref: Reference) -> Request:
        content = single(document.event, document.payload, self._source)
        return Request("POST", "", content=content, headers={**_SINGLE, "Idempotency-Key": ref.event_id})


def _not_taken() -> Result:
    message = ErpMessage("error", "KIND", "this receiver takes events and no documents")
    return Result(Outcome.REJECTED_INVALID, messages=(message,), hint="correct takes in the blueprint")


def probe(transport: HttpTransport) -> Health:
    """Tell whether anything answers HTTP at the address."""
    reply = transport.call(Request("OPTIONS", ""), _PROBE_SECONDS)
    if isinstance(reply, NoAnswer):
        return Health(reachable=False, problems=(f"the receiver of events does not answer: {reply.words}",))
    return Health(reachable=True, product=reply.headers.get("server", "a receiver of CloudEvents"))
