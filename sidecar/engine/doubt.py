"""Doubt: what a time that the database has forgotten may have sent is looked up before anything is sent."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.domain.events import Event
from sidecar.domain.naming import Names
from sidecar.engine.plan import Action, Hold, action_of, is_open

IN_DOUBT: Final = "it may have been sent in the time that the database has forgotten; it is looked up first"


def doubted(event: Event, delivery: Delivery, names: Names) -> Hold | None:
    """What a lost time may have sent, and nobody has looked up since, waits for that; None: it may go on."""
    if delivery.attempts > 0 or is_open(delivery) or not names.is_in_doubt(event.id):
        return None
    asked = replace(delivery, attempts=1, delay=timedelta(), absents=0, revision=0)
    if delivery.state in (DeliveryState.RETRYING, DeliveryState.SKIPPING):
        return Hold(event, asked)
    return Hold(event, replace(asked, state=DeliveryState.UNKNOWN, reason=IN_DOUBT))


def only_asks(delivery: Delivery, names: Names) -> bool:
    """Tell whether this only asks what a lost time has sent: no content is bound to it yet."""
    asks = action_of(delivery) is Action.FIND
    return asks and delivery.revision == 0 and names.is_in_doubt(delivery.id)
