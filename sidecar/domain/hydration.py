"""Hydration: a payload that Magento could not tell, built by the sidecar from Magento's tables.

The module writes an event whose facts it could not tell as one that says why (`payload_error`): a float where a decimal
is due, options that no JSON can hold, more bytes than it dares to write. Checkout went on; the facts stand in the
tables. What is built is the order as it stands when it is about to be sent, which may be newer than the event.

What is built is kept as an edit of the event, in the transaction that commits the intent to send it, before the first
byte. So every look-up after a lost answer, and every attempt while the ERP may hold it, has the same content, and the
trail shows it. Once the ERP has refused it, and so holds nothing, it is built anew. What was erased is never built.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sidecar.domain.events import ORDER_TYPES, Event, Lane, OutboxId

BY_THE_SIDECAR: Final = "relay"
"""The author of an edit that no person has made."""

TOLD: Final = "Magento could not tell the payload; what went out stands among the event's edits"
MARK: Final = '"payload_error"'
"""What the text of such a payload holds; another one may hold it too."""

VERSION: Final = 1
_LONGEST: Final = 8_192
"""Bytes; a payload that holds a reason in place of facts is much shorter."""


@dataclass(frozen=True, slots=True)
class Hydrated:
    """Another payload in the place of one that could not be told; `is_new`: it is not kept yet."""

    id: OutboxId
    lane: Lane
    before: str
    after: str
    is_new: bool = True


def untold(event: Event, payload: str | None) -> Mapping[str, Any] | None:
    """The payload of an order's event that has a reason in place of facts; None for every other one."""
    if payload is None or len(payload) > _LONGEST or MARK not in payload:
        return None
    if event.type not in ORDER_TYPES or event.schema_version != VERSION or not event.aggregate_id.isdecimal():
        return None
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or "payload_error" not in told or "erased" in told:
        return None
    return told
