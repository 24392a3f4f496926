"""Inheritance: what a relay that is gone has left behind.

Its cursor names intents: ids whose calls had been about to begin. A submission among them that has no receipt has an
unknown outcome and is looked up before anything else happens in its lane. A look-up among them is simply made again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sidecar.domain.delivery import Capabilities, Delivery, DeliveryState, Intent
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.step import Cursor
from sidecar.engine.settlement import unknown_after_restart
from sidecar.ports import ReceiptStore

DECIDED: Final = frozenset({DeliveryState.RETRYING, DeliveryState.SKIPPING, DeliveryState.CONFIRMING})
"""States of heads that a person has decided on."""

GOES_AT_ONCE: Final = DECIDED | {DeliveryState.READY}
"""States of heads that wait for nothing."""

ASKING: Final = DECIDED | {DeliveryState.UNKNOWN, DeliveryState.PENDING}
"""States whose heads are looked up or polled."""


@dataclass(frozen=True, slots=True)
class Left:
    """Every lane's head, those of them whose calls were lost, and the ids above the cursor that need no reading."""

    heads: Sequence[Delivery]
    lost: Sequence[Delivery]
    accounted_for: frozenset[OutboxId]


def what_was_left(receipts: ReceiptStore, destination: DestinationName, cursor: Cursor, caps: Capabilities) -> Left:
    """Read what the database knows of a destination."""
    receipted = receipts.receipted_above(destination, cursor.accounted_to)
    finished = receipts.receipted_among(destination, [intent.id for intent in cursor.intents])
    with_rows = receipts.delivery_ids_above(destination, cursor.accounted_to)
    heads = {head.id: head for head in receipts.load_heads(destination)}
    lost = [
        unknown_after_restart(_begun(intent, heads.get(intent.id)), caps)
        for intent in cursor.intents
        if intent.id not in finished and not _was_a_look_up(heads.get(intent.id))
    ]
    heads |= {head.id: head for head in lost}
    return Left(tuple(heads.values()), tuple(lost), receipted | with_rows | {head.id for head in lost})


def _was_a_look_up(row: Delivery | None) -> bool:
    """Tell whether the call only asked: a row whose submission begins is made READY in the same step."""
    return row is not None and row.state in ASKING


def _begun(intent: Intent, row: Delivery | None) -> Delivery:
    delivery = row or Delivery(intent.id, intent.lane, DeliveryState.READY, attempts=1)
    return replace(delivery, revision=intent.revision, mapping=intent.mapping)
