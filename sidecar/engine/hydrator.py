"""The hydrator: finds, or lets be built, what takes the place of a payload that Magento could not tell."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sidecar.domain.errors import MalformedEvent, SchemaError
from sidecar.domain.events import DestinationName, Event
from sidecar.domain.hydration import Hydrated, untold
from sidecar.domain.order_event import envelope_of
from sidecar.ports import OutboxStore, WholeOrders

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY: Final = {"type": "unknown", "id": None}
_GONE: Final = "skip the event if the order was deleted"
_GRANT: Final = "let a DBA run what erp-sidecar schema grants hydration prints, then retry"


class Hydrator:
    """Serves one destination."""

    def __init__(self, destination: DestinationName, outbox: OutboxStore, orders: WholeOrders) -> None:
        """Bind it to the destination whose edits count."""
        self._destination, self._outbox, self._orders = destination, outbox, orders

    def whole(self, event: Event, payload: str | None, *, anew: bool = False, went: bool = False) -> Hydrated | None:
        """What goes in the place of an untold payload; None where the payload tells, or no order is spoken of.

        What was built before is used again, unless it shall be built anew: then nobody holds what was built before.
        Of an event that `went`, nothing is built any more: what was not built before it went, went as it was, and the
        receiver may hold that.
        Raises MalformedEvent, with both reasons, where the sidecar cannot tell the order either.
        """
        told = untold(event, payload)
        if told is None or payload is None:
            return None
        kept = None if anew else self._outbox.read_edits(self._destination, [event.id]).get(event.id)
        if kept is not None:
            return Hydrated(event.id, event.lane, payload, kept, is_new=False)
        if went:
            return None
        occurred_at = _EPOCH + timedelta(microseconds=event.occurred_at_us)
        envelope = envelope_of(event.event_id, event.type, occurred_at, event.origin, told.get("actor") or _NOBODY)
        why = f"Magento could not build the payload: {told['payload_error']}"
        try:
            built = self._orders.build(int(event.aggregate_id), envelope)
        except MalformedEvent as error:
            message = f"{why}; nor can the sidecar, from Magento's tables: {error}"
            raise MalformedEvent(message, hint=error.hint) from error
        except SchemaError as error:
            message = f"{why}; and the sidecar's user may not read whole orders: {error}"
            raise MalformedEvent(message, hint=_GRANT) from error
        if built is None:
            raise MalformedEvent(f"{why}; and the order is not in Magento any more", hint=_GONE)
        return Hydrated(event.id, event.lane, payload, built)
