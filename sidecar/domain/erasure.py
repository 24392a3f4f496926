"""Erasure: what of an event is a person's and goes, and what is the trail's and stays.

Kept are ids, numbers, states, amounts, dates and SKUs: what an auditor needs to follow an order from the shop to the
ERP, and the hash of what stood there. Everything else goes, known or unknown: names, addresses, notes, options of
items, columns of extensions. The payload says that it was erased in the field `error`, so nothing can ever send it.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName, Lane, OutboxId

ERASED: Final = "erased on request"
SAYS: Final = "personal data was erased on request"

_ENVELOPE: Final = ("event_id", "type", "schema_version", "occurred_at", "origin")
_ORDER: Final = frozenset(
    {
        "entity_id",
        "store_id",
        "quote_id",
        "is_virtual",
        "total_item_count",
        "increment_id",
        "state",
        "status",
        "original_increment_id",
        "relation_parent_real_id",
        "relation_child_real_id",
        "ext_order_id",
        "shipping_method",
        "base_currency_code",
        "order_currency_code",
        "store_currency_code",
        "global_currency_code",
        "created_at",
        "updated_at",
    }
)
_ITEM: Final = frozenset(
    {"item_id", "order_id", "order_item_id", "parent_item_id", "product_id", "product_type", "sku", "name", "role"}
)
_DOCUMENT: Final = frozenset(
    {"entity_id", "store_id", "order_id", "invoice_id", "increment_id", "state", "created_at", "updated_at"}
)
_DOCUMENTS: Final = ("invoice", "shipment", "creditmemo")
_DECIMAL: Final = re.compile(r"-?\d+\.\d{4}\Z")


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data goes: everything that was placed under this address, or by this customer."""

    email: str | None = None
    customer_id: int | None = None

    def __post_init__(self) -> None:
        """One of the two, and it must be able to name somebody."""
        if (self.email is None) == (self.customer_id is None):
            raise ConfigurationError("name one customer", hint="give --email or --customer-id")
        if self.email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", self.email):
            raise ConfigurationError("that is no e-mail address", hint="write it as in the customer's orders")

    @property
    def lanes(self) -> frozenset[str]:
        """The lanes that are the person's own, whatever their events say."""
        return frozenset() if self.customer_id is None else frozenset({f"customer:{self.customer_id}"})

    @property
    def pattern(self) -> str:
        """A regular expression that finds the person in a payload's text, in Python as in both servers."""
        if self.email is not None:
            quoted = re.escape(json.dumps(self.email)[1:-1])
            return f'"(customer_)?email": ?"{quoted}"'
        return f'"customer_id": ?"?{self.customer_id}"?[,}}]'

    def is_in(self, payload: str) -> bool:
        """Tell whether a payload is about this person."""
        return re.search(self.pattern, payload, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Matched:
    """An event that is about the person."""

    id: OutboxId
    lane: Lane
    type: str


@dataclass(frozen=True, slots=True)
class StillDue:
    """An event that still has to be sent, and so cannot be erased yet."""

    destination: DestinationName
    id: OutboxId
    lane: Lane


@dataclass(frozen=True, slots=True)
class ErasureSummary:
    """What was erased, or, as a preview, would be; `unreadable` archive files hold what nobody could look through."""

    orders: int
    events: int
    trails: int
    archives: Mapping[str, int]
    unreadable: Sequence[str]
    unfinished: Sequence[StillDue]


def erased(payload: str) -> str:
    """The payload without the person; one that is erased already comes back as it is."""
    sha256 = hashlib.sha256(payload.encode()).hexdigest()
    try:
        whole = json.loads(payload)
    except (ValueError, RecursionError):
        whole = {}
    if not isinstance(whole, dict):
        whole = {}
    if whole.get("erased") == SAYS:
        return payload
    kept: dict[str, Any] = {name: whole[name] for name in _ENVELOPE if name in whole}
    kept |= {"erased": SAYS, "payload_sha256": sha256}
    if isinstance(whole.get("order"), dict):
        kept["order"] = _kept(whole["order"], _ORDER)
        kept["order_id"] = whole["order"].get("entity_id")
    items = whole.get("items")
    if isinstance(items, list):
        kept["items"] = [_kept(item, _ITEM) for item in items if isinstance(item, dict)]
    for document in _DOCUMENTS:
        if isinstance(whole.get(document), dict):
            kept[document] = _kept(whole[document], _DOCUMENT)
    if isinstance(whole.get("payment"), dict):
        kept["payment"] = _kept(whole["payment"], frozenset({"method"}))
    return json.dumps(kept, separators=(",", ":"))


def _kept(row: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names or _is_amount(value)}


def _is_amount(value: object) -> bool:
    return isinstance(value, str) and _DECIMAL.match(value) is not None
