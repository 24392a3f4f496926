"""The auditor: walks the outbox from its floor to its end, and compares it with the receipts and with the orders.

The orders are read first, then the outbox: an order and its OrderPlaced become visible together, so what a later walk
does not meet was never written. Only orders younger than the oldest event are looked for; of older ones the events may
be purged. The walk gives way to the shop as the purge does.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sidecar.domain.audit import AuditSummary, EntityIds, Unaccounted, order_without_event
from sidecar.domain.events import EventType, OutboxId
from sidecar.domain.reconciliation import RunSummary
from sidecar.engine.pace import Pace, Terms
from sidecar.ports import AuditStore, Clock, Observer

AUDIT: Final = "audit"
MOST_FINDINGS: Final = 1000
"""More of one kind in one run are one cause; they are counted, and the first are written down."""

MARGIN: Final = timedelta(minutes=10)
"""Above a floor: events of one time may lie on both of its sides."""


class Auditor:
    """Finds events that nobody has accounted for, and orders that have none."""

    def __init__(self, store: AuditStore, clock: Clock, observer: Observer, terms: Terms | None = None) -> None:
        """Nothing is read yet."""
        self._store, self._clock, self._observer = store, clock, observer
        self._terms = terms or Terms()

    def run(self, proceed: Callable[[], bool] = lambda: True) -> AuditSummary:
        """Look, write findings, and leave a row among the runs; repairs nothing."""
        summary = self.look(proceed)
        findings = [one.finding for one in summary.unaccounted[:MOST_FINDINGS]]
        findings += [order_without_event(entity_id) for entity_id in summary.without_event[:MOST_FINDINGS]]
        self._store.record_findings(findings)
        found = len(summary.unaccounted) + len(summary.without_event)
        compared = summary.events + summary.orders
        self._store.record_run(RunSummary(AUDIT, "", compared, 0, found, summary.complete))
        self._observer.note(
            "audit.finished",
            events=summary.events,
            orders=summary.orders,
            unaccounted=len(summary.unaccounted),
            without_event=len(summary.without_event),
            complete=summary.complete,
        )
        return summary

    def look(self, proceed: Callable[[], bool] = lambda: True) -> AuditSummary:
        """The same without writing anything."""
        pace = Pace(self._terms, self._store.load, self._clock.sleep)
        orders = EntityIds()
        seen = self._orders_since_the_first_event(orders, proceed)
        unaccounted: list[Unaccounted] = []
        events, after, stopped_by = 0, OutboxId(0), ""
        while not stopped_by:
            began = self._clock.monotonic()
            page = self._store.events_page(after, pace.size)
            if not page:
                break
            for event in page:
                if event.type == EventType.ORDER_PLACED and event.aggregate_id.isdecimal():
                    orders.discard(int(event.aggregate_id))
            unaccounted += self._store.unaccounted(page[0].id, page[-1].id)
            events, after = events + len(page), page[-1].id
            pace.took(self._clock.monotonic() - began)
            stopped_by = pace.wait_for_quiet(proceed) or ("" if proceed() else "it was told to stop")
        if not stopped_by:
            unaccounted += self._store.forgotten_deltas()
        missing = [] if stopped_by else self._store.orders_never_sent(list(orders))
        return AuditSummary(events, seen, tuple(unaccounted), tuple(missing), after, stopped_by)

    def _orders_since_the_first_event(self, orders: EntityIds, proceed: Callable[[], bool]) -> int:
        since = self._store.complete_since(MARGIN)
        count = 0
        for page in self._store.orders_since(since) if since is not None else ():
            if not proceed():
                break
            for entity_id in page:
                orders.add(entity_id)
            count += len(page)
        return count
