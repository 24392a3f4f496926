"""What relaying reads and writes in Magento's database."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from sidecar.domain.delivery import Delivery, EntityType
from sidecar.domain.duplicates import Purchase
from sidecar.domain.events import DestinationName, Event, Lane, OutboxId
from sidecar.domain.gaps import AliveTransaction, Gap
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.reconciliation import KnownDocument, OrderFacts
from sidecar.domain.release import ReleaseFacts
from sidecar.domain.replacements import Predecessor
from sidecar.domain.step import Cursor, Step


class OutboxStore(Protocol):
    """Reads the outbox; every call has a snapshot of its own."""

    def read_tail(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """Up to `limit` events above `after`, ascending."""
        ...

    def read_fresh(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """The same, with those payloads that are small."""
        ...

    def read_stock(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """The same for the stock stream: its own events with small payloads, of all others little more than the id."""
        ...

    def read_whole(self, after: OutboxId, limit: int, max_bytes: int) -> Sequence[Event]:
        """Events above `after` with their payloads, ascending: up to `limit`, and no more than fit into `max_bytes`.

        One always fits, whatever its size.
        """
        ...

    def read_gaps(self, gaps: Sequence[Gap], limit: int) -> Sequence[Event]:
        """Events that now exist inside the gaps, ascending, up to `limit`."""
        ...

    def read_events(self, ids: Sequence[OutboxId]) -> Sequence[Event]:
        """The events with these ids, ascending; missing ones are left out."""
        ...

    def read_payloads(self, ids: Sequence[OutboxId]) -> Mapping[OutboxId, str]:
        """The payloads of these events, as text."""
        ...

    def read_edits(
        self, destination: DestinationName, ids: Sequence[OutboxId], *, by_people: bool = False
    ) -> Mapping[OutboxId, str]:
        """The payloads that stand in the place of these events' own, for this destination, the latest of each.

        People put them there, or the sidecar, where Magento could not tell an order; `by_people` leaves its own out.
        """
        ...

    def alive_transactions(self, since: float) -> frozenset[AliveTransaction] | None:
        """Every transaction that was alive at a moment after `since` and may hold an id, our own left out.

        `since` is an instant of the monotonic clock. None when it cannot be known now: the PROCESS privilege is
        missing, the last look was a moment ago, or the server answered from a stale buffer (our own marked query
        must show up in the answer). A transaction that has changed nothing and runs no statement holds no id.
        """
        ...


class ReceiptStore(Protocol):
    """Cursor, intents, receipts and deliveries of one destination's document stream."""

    def load_cursor(self, destination: DestinationName) -> Cursor:
        """The cursor as last committed."""
        ...

    def commit_step(self, destination: DestinationName, token: int, step: Step) -> None:
        """Write one step. The first statement updates the cursor row WHERE token matches; LeaseLost if not."""
        ...

    def receipted_above(self, destination: DestinationName, after: OutboxId) -> frozenset[OutboxId]:
        """Ids above `after` that have a receipt, of their own or in a range."""
        ...

    def receipted_among(self, destination: DestinationName, ids: Sequence[OutboxId]) -> frozenset[OutboxId]:
        """Those of the ids that have a receipt, of their own or in a range."""
        ...

    def delivery_ids_above(self, destination: DestinationName, after: OutboxId) -> frozenset[OutboxId]:
        """Ids above `after` that have a delivery row."""
        ...

    def delivery_ids_among(self, destination: DestinationName, ids: Sequence[OutboxId]) -> frozenset[OutboxId]:
        """Those of the ids that have a delivery row."""
        ...

    def load_heads(self, destination: DestinationName) -> Sequence[Delivery]:
        """Every delivery that is not HELD: at most one per lane. Never reads the held ones."""
        ...

    def load_ready(self, destination: DestinationName) -> Sequence[Delivery]:
        """The heads that may go at once: those that an operator has decided on, and PAUSED ones whose lane is not
        paused any more.
        """
        ...

    def load_pauses(self, destination: DestinationName) -> Mapping[Lane, str]:
        """The lanes that people have paused, with who and why."""
        ...

    def load_lane(self, destination: DestinationName, lane: Lane, after: OutboxId, limit: int) -> Sequence[Event]:
        """The events of a lane that have a delivery row, whatever its state, above `after`, ascending."""
        ...

    def known_documents(
        self, destination: DestinationName, entity_ids: Sequence[int], entity_type: EntityType = EntityType.ORDER
    ) -> Mapping[int, KnownDocument]:
        """What the ERP has confirmed for these orders, credit memos or customers."""
        ...

    def count_documents(
        self, destination: DestinationName, blueprint_version: str, entity_type: EntityType = EntityType.ORDER
    ) -> int:
        """How many documents of a kind were last confirmed under this version of the blueprint."""
        ...


class LeaseStore(Protocol):
    """Ownership, judged by the database's clock alone. Uses a connection of its own."""

    def acquire(self, role: str, scope: str, owner: str, terms: LeaseTerms) -> int | None:
        """Take the lease if it is free, expired or ours, and return a token larger than every one before.

        For the role 'changes' the token is raised on the cursors of its destination's changes in the same way.
        For the roles 'relay' and 'stock' (scope = destination) the token is raised on the destination's cursor row
        of the stream 'documents' or 'stock' in the same transaction, and the row is made if absent, where the
        destination begins. None when somebody else owns it. Raises ConfigurationError where nothing says where a
        new destination begins beside others.
        """
        ...

    def renew(self, role: str, scope: str, owner: str, token: int, terms: LeaseTerms) -> bool:
        """Extend the lease; False when it is lost."""
        ...

    def release(self, role: str, scope: str, owner: str, token: int) -> None:
        """Give the lease up, if it is still ours, so that a successor need not wait."""
        ...


class MagentoStore(Protocol):
    """Magento's own tables: current facts of orders."""

    def release_facts(self, entity_ids: Sequence[int]) -> Mapping[int, ReleaseFacts]:
        """The current rows of these orders; absent orders are left out."""
        ...

    def order_facts(self, entity_ids: Sequence[int]) -> Mapping[int, OrderFacts]:
        """Orders with their lines and totals as Magento holds them now; one that cannot be read says why."""
        ...


class RelatedOrders(Protocol):
    """Orders of one quote, and orders in the place of others. Reads only."""

    def siblings(self, entity_ids: Sequence[int], window: timedelta) -> Mapping[int, Sequence[int]]:
        """The other orders of each order's quote, placed within the window of it, ascending."""
        ...

    def purchases(self, entity_ids: Sequence[int]) -> Mapping[int, Purchase]:
        """What was bought with these orders; absent ones are left out."""
        ...

    def predecessors(self, entity_ids: Sequence[int]) -> Mapping[int, Predecessor]:
        """These orders, as far as others take their place; absent ones are left out."""
        ...

    def cancelled_there(self, destination: DestinationName, entity_ids: Sequence[int]) -> frozenset[int]:
        """Those of the orders whose cancellation the ERP has confirmed, and nothing after it."""
        ...

    def let_go(self, destination: DestinationName, events: Sequence[OutboxId]) -> frozenset[OutboxId]:
        """Those of the events whose order a person has let go, although it looks like a duplicate or replaces one."""
        ...


class WholeOrders(Protocol):
    """Orders with everything that an event tells of them."""

    def build(self, entity_id: int, envelope: Mapping[str, object]) -> str | None:
        """The payload of an order's event from its rows at one moment, behind this envelope; None: there is no order.

        Raises MalformedEvent where the order cannot be told exactly, or is too large to be kept; SchemaError where
        the user may not read all of it.
        """
        ...
