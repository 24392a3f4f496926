"""Events in batches: one JSON array a request, in the order of the outbox."""

from collections.abc import Sequence

from erp_adapters.cloudevents.adapter import probe
from erp_adapters.cloudevents.answers import result_of
from erp_adapters.cloudevents.envelope import batch
from sidecar.domain.delivery import Result
from sidecar.domain.documents import Health
from sidecar.domain.events import Event
from sidecar.transport import HttpTransport, Request

_BATCH = {"Content-Type": "application/cloudevents-batch+json"}


class CloudEventsFeed:
    """A receiver of batches: it takes a batch whole, or says why not, and recognises events by their ids."""

    def __init__(self, transport: HttpTransport, source: str) -> None:
        """Bind a transport to the address that takes batches; `source` names the shop in every event."""
        self._transport, self._source = transport, source

    def __repr__(self) -> str:
        return f"CloudEventsFeed({self._transport!r})"

    def accept(self, events: Sequence[Event], deadline: float) -> Result:
        """Send a batch whose events carry their payloads."""
        request = Request("POST", "", content=batch(events, self._source), headers=_BATCH)
        return result_of(self._transport.call(request, deadline), events[-1].event_id)

    def probe(self) -> Health:
        """Ask whether anything listens."""
        return probe(self._transport)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()
