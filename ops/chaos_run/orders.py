"""Orders as the writers see them: their rows, what an ERP can see of a version, and the event that carries it."""

import json
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

PRICE = Decimal("5.0000")
SHIPPING = Decimal("4.9000")
FREE_AT_ONCE = "checkmo"
CARD = "card"
HELD_BACK = frozenset({"pending_payment", "payment_review"})
ADDRESS = {"firstname": "Ann", "lastname": "Example", "street": ["1 Road"], "city": "Berlin", "country_id": "DE"}


@dataclass(frozen=True, slots=True)
class Item:
    """One line."""

    item_id: int
    sku: str
    quantity: int

    @property
    def total(self) -> Decimal:
        """What the line costs."""
        return PRICE * self.quantity


@dataclass(frozen=True, slots=True)
class Version:
    """An order as one committed transaction left it."""

    entity_id: int
    state: str
    method: str
    paid: bool
    note: str
    items: tuple[Item, ...]

    @property
    def grand_total(self) -> Decimal:
        """What the order costs."""
        return sum((item.total for item in self.items), SHIPPING)

    @property
    def cancelled(self) -> bool:
        """Whether the shop cancelled it."""
        return self.state == "canceled"

    @property
    def status(self) -> str:
        """The status that Magento pairs with the state."""
        return "pending" if self.state == "new" else self.state

    @property
    def free_to_go(self) -> bool:
        """Whether this version may go to an ERP."""
        held = self.cancelled or self.state in HELD_BACK
        return not held and (self.method == FREE_AT_ONCE or self.paid)

    def with_quantities(self, chance: random.Random) -> "Version":
        """Other quantities and another note: something that every ERP can see."""
        items = tuple(replace(item, quantity=chance.randint(1, 9)) for item in self.items)
        return replace(self, items=items, note=f"edit {chance.getrandbits(48):012x}")

    def after_payment(self) -> "Version":
        """Paid in full."""
        return replace(self, paid=True, state="processing")

    def claim(self, kind: str, outbox_id: int, event_id: str) -> dict[str, Any]:
        """What the commit log says of this version, for the checker. No ERP is told of states or of money."""
        return {
            "id": outbox_id,
            "event_id": event_id,
            "type": kind,
            "order": self.entity_id,
            "free": self.free_to_go,
            "cancelled": self.cancelled,
            "lines": {str(item.item_id): [item.sku, str(item.quantity), str(item.total)] for item in self.items},
            "grand_total": str(self.grand_total),
            "content": f"{self.cancelled} {self.note} {[item.quantity for item in self.items]}",
        }

    def payload(self, kind: str, event_id: str) -> str:
        """The event's payload, as the module builds it: what an adapter needs of it."""
        total, paid = self.grand_total, self.grand_total if self.paid else Decimal(0)
        document = {
            "event_id": event_id,
            "type": kind,
            "schema_version": 1,
            "order": {
                "entity_id": self.entity_id,
                "increment_id": f"{self.entity_id:09d}",
                "store_id": 1,
                "state": self.state,
                "status": self.status,
                "order_currency_code": "EUR",
                "created_at": "2026-11-23 10:00:00",
                "customer_email": "ann@example.com",
                "customer_note": self.note,
                "shipping_method": "flatrate_flatrate",
                **{name: str(amount) for name, amount in amounts_of(self).items()},
                "shipping_tax_amount": "0.0000",
                "grand_total": str(total),
                "base_total_paid": str(paid.quantize(PRICE)),
            },
            "items": [
                {
                    "item_id": item.item_id,
                    "product_type": "simple",
                    "role": "both",
                    "sku": item.sku,
                    "name": "Thing",
                    "qty_ordered": f"{item.quantity}.0000",
                    "price": str(PRICE),
                    "row_total": str(item.total),
                }
                for item in self.items
            ],
            "addresses": {"billing": ADDRESS, "shipping": ADDRESS},
            "payment": {"method": self.method},
        }
        return json.dumps(document)


def amounts_of(version: Version) -> Mapping[str, Decimal]:
    """The order's totals but the grand total, by column."""
    return {
        "subtotal": version.grand_total - SHIPPING,
        "shipping_amount": SHIPPING,
        "tax_amount": Decimal("0.0000"),
        "discount_amount": Decimal("0.0000"),
    }


def event_id(chance: random.Random) -> str:
    """A UUID of version 7: the time, then chance."""
    milliseconds = time.time_ns() // 1_000_000
    number = milliseconds << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 0b10 << 62 | chance.getrandbits(62)
    return str(uuid.UUID(int=number))


def outbox_row(
    kind: str, lane: str | None, about: tuple[str, str], event: str, payload: str, *, age_us: int = 0
) -> Sequence[object]:
    """The values of one row of the outbox, in the order of OUTBOX_COLUMNS; `about` is the aggregate's type and id."""
    occurred_at_us = time.time_ns() // 1000 - age_us
    return (event, kind, 1, lane, *about, 1, occurred_at_us, "magento", len(payload), payload)


OUTBOX_COLUMNS = (
    "event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id, occurred_at_us, origin,"
    " payload_bytes, payload"
)
