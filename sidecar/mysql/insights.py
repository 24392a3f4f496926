"""What operators look at, and what they may decide; every decision is recorded in the same transaction."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from sidecar.domain.delivery import DeliveryState, Receipt, ReceiptOutcome
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.overview import MOST_FOLLOWERS, MOST_HELD, Backlog, ParkedEvent, WaitingOrder
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.domain.stock import UnfinishedWindow, WindowState
from sidecar.mysql.deliveries import Deliveries
from sidecar.mysql.fence import DOCUMENTS, STOCK
from sidecar.mysql.magento_store import release_facts_of
from sidecar.mysql.rows import clip, delivery_of
from sidecar.mysql.session import Row, Session, Work


class Insights:
    """The operators' side of the tables."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("insights")
        self._stock = Deliveries(session, STOCK)

    def backlog(self) -> Sequence[Backlog]:
        """One row per destination; states count events of documents and of stock, held ones up to MOST_HELD."""
        states: dict[str, dict[str, int]] = defaultdict(dict)
        with self._session.reading() as work:
            cursors = work.rows(self._sql["cursors"])
            for cursor in cursors:
                bounds = {"destination": cursor["destination"], "most": MOST_HELD + 1}
                for row in work.rows(self._sql["delivery_states"], **bounds):
                    states[cursor["destination"]][row["state"]] = row["events"]
        return [
            Backlog(
                destination=DestinationName(row["destination"]),
                accounted_to=row["accounted_to"],
                newest=int(row["newest"]),
                states=states[row["destination"]],
                open_gaps=row["open_gaps"],
                intents=row["intents"],
                held_because=row["held_because"],
            )
            for row in cursors
        ]

    def waiting_events(self, limit: int) -> Sequence[ParkedEvent]:
        """Heads that are not plain, parked ones first, then unknown ones."""
        bounds = {"limit": limit, "most": MOST_FOLLOWERS}
        with self._session.reading() as work:
            waiting = [
                _parked_event_of(row)
                for known in work.rows(self._sql["destinations"])
                for row in work.rows(self._sql["waiting_events"], destination=known["destination"], **bounds)
            ]
        return sorted(waiting, key=_urgency)[:limit]

    def waiting_orders(self, limit: int) -> Sequence[WaitingOrder]:
        """Orders that wait for their release, the oldest event first, with what Magento says of them now."""
        with self._session.reading() as work:
            return [
                WaitingOrder(
                    destination=DestinationName(row["destination"]),
                    event=OutboxId(row["outbox_id"]),
                    increment_id=row["increment_id"] or "",
                    reason=row["reason"],
                    facts=release_facts_of(row),
                )
                for known in work.rows(self._sql["destinations"])
                for row in work.rows(self._sql["waiting_orders"], destination=known["destination"], limit=limit)
            ][:limit]

    def open_findings(self, limit: int) -> Sequence[tuple[Finding, str, int]]:
        """Open findings, latest first, with their state and how often they were seen."""
        rows = self._session.rows(self._sql["open_findings"], limit=limit)
        return [(_finding_of(row), row["state"], row["seen_count"]) for row in rows]

    def retry_event(self, destination: DestinationName, event: OutboxId, actor: str, reason: str) -> bool:
        """Make a head RETRYING that is parked, unknown with nothing scheduled, or overdue; False when it is none.

        A stock delta becomes READY: it was never sent, and joins the next window.
        """

        def decide(work: Work, row: Row) -> None:
            state = DeliveryState.RETRYING if row["stream"] == DOCUMENTS else DeliveryState.READY
            self._set_state(work, destination, event, state, f"retried by {actor}: {reason}")

        return self._act("retry", DeliveryState.PARKED, destination, event, actor, reason, decide)

    def skip_event(self, destination: DestinationName, event: OutboxId, actor: str, reason: str) -> bool:
        """Make such a head, or a PAUSED one, SKIPPING, which the relay receipts; a stock delta is receipted at once."""

        def decide(work: Work, row: Row) -> None:
            if row["stream"] != STOCK:
                self._set_state(work, destination, event, DeliveryState.SKIPPING, f"skipped by {actor}: {reason}")
                return
            receipt = Receipt(
                destination, event, ReceiptOutcome.SKIPPED, attempts=row["attempts"], actor=actor, detail=reason
            )
            self._stock.receipt(work, [receipt])
            self._stock.settle(work, destination, [event])

        return self._act("skip", DeliveryState.PAUSED, destination, event, actor, reason, decide)

    def unfinished_windows(self, limit: int) -> Sequence[UnfinishedWindow]:
        """Stock windows that are not done, parked ones first."""
        rows = self._session.rows(self._sql["unfinished_windows"], limit=limit)
        return [UnfinishedWindow(**{**row, "state": WindowState(row["state"])}) for row in rows]

    def retry_window(
        self, destination: DestinationName, warehouse: str, sequence: int, actor: str, reason: str
    ) -> bool:
        """Make a parked window UNKNOWN with nothing to wait for, so that it is looked up before it is sent."""
        return self._act_on_window("retry", WindowState.UNKNOWN, (destination, warehouse, sequence), actor, reason)

    def skip_window(self, destination: DestinationName, warehouse: str, sequence: int, actor: str, reason: str) -> bool:
        """Make a parked window SKIPPED: it is not sent, and its warehouse goes on; False when it is not parked.

        Its lines that were held before it was begun were never part of it: they stand until theirs is decided.
        """
        return self._act_on_window("skip", WindowState.SKIPPED, (destination, warehouse, sequence), actor, reason)

    def _act_on_window(
        self, action: str, state: WindowState, name: tuple[DestinationName, str, int], actor: str, reason: str
    ) -> bool:
        destination, warehouse, sequence = name
        key = {"destination": destination, "warehouse": warehouse, "sequence": sequence}

        def body(work: Work) -> bool:
            rows = work.rows(self._sql["lock_window"], **key)
            if not rows:
                return False
            work.run(self._sql["decide_window"], **key, state=state)
            if state is WindowState.SKIPPED:
                work.run(self._sql["skip_lines"], **key)
            work.run(
                self._sql["record_action"],
                action=action,
                actor=clip(actor, 128),
                reason=clip(reason, 1024),
                destination=destination,
                event=None,
                lane=f"stock:{clip(warehouse, 64)}.{sequence}",
                state=rows[0]["state"],
                fault=rows[0]["fault"],
            )
            return True

        return self._session.transaction(body)

    def _act(
        self,
        action: str,
        or_state: DeliveryState,
        destination: DestinationName,
        event: OutboxId,
        actor: str,
        reason: str,
        decide: Callable[[Work, Row], None],
    ) -> bool:
        def body(work: Work) -> bool:
            rows = work.rows(self._sql["lock_delivery"], destination=destination, event=event, or_state=or_state)
            if not rows:
                return False
            decide(work, rows[0])
            work.run(
                self._sql["record_action"],
                action=action,
                actor=clip(actor, 128),
                reason=clip(reason, 1024),
                destination=destination,
                event=event,
                lane=rows[0]["lane"],
                state=rows[0]["state"],
                fault=rows[0]["fault"],
            )
            return True

        return self._session.transaction(body)

    def _set_state(
        self, work: Work, destination: DestinationName, event: OutboxId, state: DeliveryState, reason: str
    ) -> None:
        work.run(self._sql["decide"], destination=destination, event=event, state=state, reason=clip(reason, 512))


def _urgency(event: ParkedEvent) -> tuple[bool, bool, int]:
    state = event.delivery.state
    return state is not DeliveryState.PARKED, state is not DeliveryState.UNKNOWN, event.delivery.id


def _parked_event_of(row: Row) -> ParkedEvent:
    return ParkedEvent(
        destination=DestinationName(row["destination"]),
        delivery=delivery_of(row),
        type=row["type"],
        aggregate_id=row["aggregate_id"],
        followers=row["followers"],
    )


def _finding_of(row: Row) -> Finding:
    return Finding(
        destination=row["destination"],
        kind=FindingKind(row["kind"]),
        subject=row["subject"],
        path=row["path"],
        magento=row["magento_value"],
        erp=row["erp_value"],
        source=row["source"],
    )
