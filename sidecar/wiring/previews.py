"""Previews: an order, a blueprint and an adapter, and what they make of one another."""

from collections.abc import Sequence
from typing import Final

from erp_adapters.mapping import MappingError, scope_of
from erp_adapters.registry import rule_book
from sidecar.daemon import SystemClock
from sidecar.domain.documents import Document
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.previewed import FiredRule, NumberedOrder, Told
from sidecar.engine.previewer import Previewer
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.preview_store import PreviewStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.whole_orders import WholeOrders
from sidecar.wiring.adapters import configuration_of
from sidecar.wiring.installation import Installation

DEADLINE: Final = 30.0
"""Seconds for what an adapter reads before it would send."""


class Previews:
    """What an installation's blueprint would tell its ERPs; it need not be the one that the daemon runs."""

    def __init__(self, installation: Installation) -> None:
        """Nothing is read or connected yet."""
        self._installation = installation
        self._store = PreviewStore(installation.database)

    def order(self, number: str, store: int | None) -> NumberedOrder:
        """The order that a number or an entity id names, of one store where several have it."""
        orders = self._store.orders(number)
        if not orders:
            message = f"Magento has no order {number}"
            raise NotPossible(message, hint="name an order by its number or its entity id; or --event by its id")
        if len(orders) == 1 and store is None:
            return orders[0]
        stores = {order: self._store_of(order) for order in orders}
        meant = [order for order in orders if store is not None and stores[order] == store]
        if len(meant) == 1:
            return meant[0]
        listed = "; ".join(f"{order.entity_id} in store {_or_unknown(stores[order])}" for order in orders)
        message = f"the number {number} names no one order: {listed}"
        raise NotPossible(message, hint="add --store with one of these numbers, or name the order by its entity id")

    def told(self, destination: DestinationName, order: NumberedOrder | None, event: OutboxId | None) -> Told:
        """What an ERP would be told of an event; without one, of the order's latest, or of the order as it is now."""
        if self._installation.blueprint.takes_batches(destination):
            message = f"{destination} is sent events as they are, many at a time"
            raise NotPossible(message, hint="erp-sidecar event show EVENT --payload shows what it gets")
        previewer = Previewer(
            destination,
            self._installation.names(),
            self._installation.adapter(destination),
            OutboxStore(self._installation.database),
            ReceiptStore(self._installation.database),
            WholeOrders(self._installation.database),
        )
        if event is None and order is not None:
            event = self._latest(order)
        if event is None:
            return previewer.of_order(0 if order is None else order.entity_id, SystemClock().now(), DEADLINE)
        return previewer.of_event(event, DEADLINE)

    def fired(self, destination: DestinationName, document: Document) -> Sequence[FiredRule]:
        """The entries that a store's rules or a special case say for a document."""
        configuration = configuration_of(
            self._installation.blueprint, destination, self._installation.settings.blueprint
        )
        try:
            rules = rule_book(configuration).rules_for(scope_of(document))
        except MappingError:
            return ()  # the preview's refusal says it
        said = rules.entries()
        return [FiredRule(".".join(entry), _text(said[entry]), layer) for entry, layer in rules.origins.items()]

    def _latest(self, order: NumberedOrder) -> OutboxId | None:
        return self._store.latest_event(order.entity_id, self._installation.blueprint.destinations)

    def _store_of(self, order: NumberedOrder) -> int | None:
        event = self._latest(order)
        found = [] if event is None else OutboxStore(self._installation.database).read_events([event])
        return found[0].store_id if found else None


def _or_unknown(store: int | None) -> str:
    return "unknown" if store is None else str(store)


def _text(value: object) -> str:
    return str(getattr(value, "text", value))
