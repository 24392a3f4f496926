"""What people do to lanes and events: pause, resume, edit, confirm. Each deed and its record are one transaction.

Nothing here speaks to an ERP or writes a receipt: the relay carries out what was decided.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import DeliveryState, NamedDocument
from sidecar.domain.edits import Edited, sha256_of
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName, Event, EventType, Lane, OutboxId, lane_of
from sidecar.domain.overview import (
    ActionRecord,
    EditRecord,
    EventRecord,
    EventStanding,
    HeldOrder,
    LaneStanding,
    RejectedOrder,
)
from sidecar.domain.rejection import REASONS
from sidecar.domain.release import LIFTED_BY_PEOPLE
from sidecar.domain.subjects import subject_in
from sidecar.mysql.fence import DOCUMENTS
from sidecar.mysql.insights import Insights
from sidecar.mysql.rows import clip, covers
from sidecar.mysql.session import Row, Session, Work

_STOPPED: Final = frozenset({DeliveryState.PARKED, DeliveryState.PAUSED})
"""States in which the relay leaves a head alone until a person acts."""

_IN_QUESTION: Final = frozenset({DeliveryState.UNKNOWN, DeliveryState.PENDING})
"""States in which the ERP may hold the document; a person may name it where nothing is scheduled, or it is overdue."""


class OperatorStore:
    """The tables that people write through the command line."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("operator_store")
        self._insights = Insights(session)

    # -- lanes -----------------------------------------------------------------------------------------------

    def pause_lane(self, destination: DestinationName, lane: Lane, actor: str, reason: str) -> bool:
        """Stop a lane, whether it has an event now or not; False when it is paused already."""
        return self._act_on_lane("pause", destination, lane, actor, reason)

    def resume_lane(self, destination: DestinationName, lane: Lane, actor: str, reason: str) -> bool:
        """Let a lane go again; False when it is not paused."""
        return self._act_on_lane("resume", destination, lane, actor, reason)

    def lanes(self, limit: int) -> Sequence[LaneStanding]:
        """Lanes that stand, paused ones first, the longest first."""
        heads = {(event.destination, event.delivery.lane): event for event in self._insights.waiting_events(limit)}
        paused = [
            LaneStanding(
                destination=DestinationName(row["destination"]),
                lane=Lane(row["lane"]),
                head=heads.pop((row["destination"], row["lane"]), None),
                paused_by=row["paused_by"],
                paused_because=row["reason"],
                paused_for=timedelta(microseconds=row["paused_for_us"]),
            )
            for row in self._session.rows(self._sql["pauses"], limit=limit)
        ]
        return [*paused, *(LaneStanding(where, lane, head) for (where, lane), head in heads.items())][:limit]

    def _act_on_lane(self, action: str, destination: DestinationName, lane: Lane, actor: str, reason: str) -> bool:
        key = {"destination": destination, "lane": lane}

        def body(work: Work) -> bool:
            if action == "pause":
                values = {**key, "actor": clip(actor, 128), "reason": clip(reason, 1024)}
                changed = work.run(self._sql["pause_lane"], **values)
            else:
                changed = work.run(self._sql["resume_lane"], **key)
            if changed:
                self._record(work, action, destination, None, actor, reason, {"lane": lane})
            return bool(changed)

        return self._session.transaction(body)

    # -- events ----------------------------------------------------------------------------------------------

    def event(self, event: OutboxId, destinations: Sequence[DestinationName]) -> EventRecord:
        """An event with all that became of it; raises NotPossible when the outbox has none of this id."""
        where = {"event": event, "destinations": list(destinations)}
        with self._session.reading() as work:
            row = self._outbox_row(work, event)
            done = [
                EventStanding(r["destination"], r["outcome"], r["erp_number"], r["attempts"], r["detail"])
                for r in work.rows(self._sql["receipts_of"], **where)
            ]
            ranges = [
                EventStanding(r["destination"], r["outcome"], None, 0, r["detail"])
                for r in work.rows(self._sql["ranges_of"], **where)
                if covers((event, event, r["holes"]), event)
            ]
            undone = [
                EventStanding(r["destination"], r["state"], None, r["attempts"], r["reason"])
                for r in work.rows(self._sql["deliveries_of"], **where)
            ]
            edits = [EditRecord(**_renamed(r)) for r in work.rows(self._sql["edits_of"], **where)]
            actions = [ActionRecord(**r) for r in work.rows(self._sql["actions_on"], **where)]
        return EventRecord(_event_of(row), row["origin"], row["payload"], [*done, *ranges, *undone], edits, actions)

    def edit_event(
        self,
        destination: DestinationName,
        event: OutboxId,
        change: Callable[[Event, str], Edited],
        actor: str,
        reason: str,
        *,
        dry_run: bool,
    ) -> Edited:
        """Put another payload in the place of a head's own; a parked head goes again with it, a paused one stays.

        `change` is given the event and what would go out now. Raises NotPossible while the relay may send the event,
        or while the ERP may hold what was sent of it.
        """

        def body(work: Work) -> Edited:
            row = self._locked(work, destination, event)
            _must_be_editable(event, row)
            outbox_row = self._outbox_row(work, event)
            latest = work.rows(self._sql["latest_edit"], destination=destination, event=event)
            before = latest[0]["payload_after"] if latest else outbox_row["payload"]
            edited = change(_event_of(outbox_row), before)
            if not edited.changes:
                message = "the edit changes nothing"
                raise NotPossible(message, hint="erp-sidecar event show prints the present payload")
            if not dry_run:
                self._write_edit(work, destination, event, row, before, edited, actor, reason)
            return edited

        return self._session.transaction(body)

    def confirm_event(
        self, destination: DestinationName, event: OutboxId, named: NamedDocument, actor: str, reason: str
    ) -> None:
        """Tie an event to the ERP's document that a person has found; the relay checks what it can and receipts it."""

        def body(work: Work) -> None:
            row = self._locked(work, destination, event)
            if row["stream"] != DOCUMENTS:
                message = f"event {event} is a stock change, which has no document of its own"
                raise NotPossible(message, hint="erp-sidecar window list shows stock windows")
            if not (row["state"] in _STOPPED or (row["state"] in _IN_QUESTION and row["awaits_a_person"])):
                raise _still_moving(event, row)
            self._must_be_free(work, destination, self._outbox_row(work, event), named)
            words = clip(f"confirmed by {actor} as {named.erp_number}: {reason}", 512)
            key = {"destination": destination, "event": event}
            work.run(self._sql["confirm_event"], **key, reason=words, handle=named.handle)
            detail = f"number {named.erp_number}, key {named.erp_id}"
            self._record(work, "confirm", destination, event, actor, reason, {**row, "detail": detail})

        self._session.transaction(body)

    # -- orders ----------------------------------------------------------------------------------------------

    def held_orders(self, reason: str, destinations: Sequence[DestinationName], limit: int) -> Sequence[HeldOrder]:
        """Orders that wait for a reason that begins so, the oldest first."""
        bounds = {"destinations": list(destinations), "reason": reason, "limit": limit}
        return [
            HeldOrder(
                DestinationName(row["destination"]),
                OutboxId(row["outbox_id"]),
                row["increment_id"],
                f"{row['grand_total']} {row['currency']}",
                timedelta(microseconds=row["age_us"]),
                row["reason"],
                row["hint"],
            )
            for row in self._session.rows(self._sql["held_orders"], **bounds)
        ]

    def rejected_orders(self, destinations: Sequence[DestinationName], limit: int) -> Sequence[RejectedOrder]:
        """Orders that the ERP refuses, or could not read, the oldest event first."""
        bounds = {"destinations": list(destinations), "reasons": REASONS, "limit": limit}
        return [
            RejectedOrder(
                destination=DestinationName(row["destination"]),
                event=OutboxId(row["outbox_id"]),
                increment_id=row["increment_id"],
                state=row["state"],
                status=row["status"],
                reason=row["reason"],
                words=row["fault"],
                hint=row["hint"],
                attempts=row["attempts"],
                age=timedelta(microseconds=row["age_us"]),
                is_shown=bool(row["is_shown"]),
            )
            for row in self._session.rows(self._sql["rejected_orders"], **bounds)
        ]

    def release_order(
        self, number: str, destinations: Sequence[DestinationName], actor: str, reason: str
    ) -> Sequence[DestinationName]:
        """Let an order go that is held for another one's sake; returns where. Its release rule still counts.

        Raises NotPossible where it is not held, or held by its release rule, which nobody lifts.
        """

        def body(work: Work) -> Sequence[DestinationName]:
            orders = work.rows(self._sql["orders_numbered"], number=number)
            if not orders:
                message = f"Magento has no order {number}"
                raise NotPossible(message, hint="erp-sidecar order duplicates shows the numbers")
            lanes = [f"order:{row['entity_id']}" for row in orders]
            rows = work.rows(self._sql["lock_waiting"], destinations=list(destinations), lanes=lanes)
            held = [row for row in rows if row["reason"].startswith(LIFTED_BY_PEOPLE)]
            if not held:
                raise _not_held(number, rows)
            if len({row["lane"] for row in held}) > 1:
                message = f"several orders carry the number {number}: {', '.join(sorted({r['lane'] for r in held}))}"
                raise NotPossible(message, hint="cancel in Magento what is not meant; the other then goes by itself")
            for row in held:
                words = clip(f"let go by {actor}: {reason}", 512)
                key = {"destination": row["destination"], "event": row["outbox_id"]}
                work.run(self._sql["decide_event"], **key, state=DeliveryState.READY, reason=words)
                before = {**row, "detail": row["reason"]}
                self._record(work, "release", row["destination"], row["outbox_id"], actor, reason, before)
            return [DestinationName(row["destination"]) for row in held]

        return self._session.transaction(body)

    def _must_be_free(self, work: Work, destination: DestinationName, event: Row, named: NamedDocument) -> None:
        """One document stands for one order, refund or customer: refuse a number that contradicts what is known."""
        latest = work.rows(self._sql["latest_edit"], destination=destination, event=event["id"])
        subject = subject_in(_event_of(event), latest[0]["payload_after"] if latest else event["payload"])
        if subject is None:
            message = f"event {event['id']} ({event['type']}) is not about an order as a whole, and no document is"
            hint = "erp-sidecar event retry, as a receiver knows an event by its id; or event skip, if it shall not go"
            raise NotPossible(message, hint=hint)
        where = {"destination": destination, "entity_type": subject.type, "entity_id": subject.entity_id}
        known = work.rows(self._sql["document_of"], **where)
        if not known and event["type"] == EventType.ORDER_CANCELLED:
            message = f"event {event['id']} cancels an order that the ERP has not confirmed"
            raise NotPossible(message, hint="cancel it in the ERP if it is there, then: erp-sidecar event skip")
        if known and known[0]["erp_number"] != named.erp_number:
            message = f"the {subject.type} is {known[0]['erp_number']} in the ERP already, not {named.erp_number}"
            raise NotPossible(message, hint=f"confirm this change as --number {known[0]['erp_number']}, or skip it")
        other = work.rows(self._sql["entity_of_document"], **where, erp_number=named.erp_number)
        if other:
            message = f"{named.erp_number} is the document of {subject.type} {other[0]['entity_id']} already"
            raise NotPossible(message, hint="look the number up in the ERP again")

    def _write_edit(
        self,
        work: Work,
        destination: DestinationName,
        event: OutboxId,
        row: Row,
        before: str,
        edited: Edited,
        actor: str,
        reason: str,
    ) -> None:
        key = {"destination": destination, "event": event}
        work.run(
            self._sql["edit_event"],
            **key,
            lane=row["lane"],
            payload_before=before,
            payload_after=edited.payload,
            sha256_before=sha256_of(before),
            sha256_after=sha256_of(edited.payload),
            actor=clip(actor, 128),
        )
        if row["state"] == DeliveryState.PARKED:
            state = DeliveryState.RETRYING if row["stream"] == DOCUMENTS else DeliveryState.READY
            work.run(self._sql["decide_event"], **key, state=state, reason=clip(f"edited by {actor}: {reason}", 512))
        paths = ", ".join(one.path for one in edited.changes)
        self._record(work, "edit", destination, event, actor, reason, {**row, "detail": f"changed {paths}"})

    def _locked(self, work: Work, destination: DestinationName, event: OutboxId) -> Row:
        key = {"destination": destination, "event": event}
        rows = work.rows(self._sql["lock_event"], **key)
        if rows:
            return rows[0]
        receipts = work.rows(self._sql["receipt_of"], **key)
        if receipts:
            message = f"event {event} is done at {destination}: {receipts[0]['outcome']}"
            raise NotPossible(message, hint=f"erp-sidecar event show {event}")
        message = f"event {event} does not stand at {destination}: it may go at any moment, or there is none"
        raise NotPossible(message, hint="erp-sidecar lane pause holds it; erp-sidecar event list shows what stands")

    def _outbox_row(self, work: Work, event: OutboxId) -> Row:
        rows = work.rows(self._sql["event"], event=event)
        if not rows:
            message = f"the outbox has no event {event}"
            raise NotPossible(message, hint="erp-sidecar event list shows the ids")
        return rows[0]

    def _record(
        self,
        work: Work,
        action: str,
        destination: DestinationName,
        event: OutboxId | None,
        actor: str,
        reason: str,
        before: Row,
    ) -> None:
        work.run(
            self._sql["record_decision"],
            action=action,
            actor=clip(actor, 128),
            reason=clip(reason, 1024),
            destination=destination,
            event=event,
            lane=before["lane"],
            state=before.get("state"),
            fault=before.get("fault"),
            detail=clip(before["detail"], 2048) if "detail" in before else None,
        )


def _must_be_editable(event: OutboxId, row: Row) -> None:
    if row["state"] == DeliveryState.HELD:
        message = f"event {event} is held behind its lane's head"
        raise NotPossible(message, hint="edit it when it is the head; erp-sidecar lane list shows the heads")
    if row["state"] not in _STOPPED:
        raise _still_moving(event, row)
    if row["revision"] or row["resubmitted"]:
        message = f"the ERP may hold event {event} as it was sent"
        raise NotPossible(
            message, hint="erp-sidecar event retry looks in the ERP first; event confirm takes its number"
        )


def _not_held(number: str, rows: Sequence[Row]) -> NotPossible:
    if rows:
        message = f"order {number} waits for its release rule: {rows[0]['reason']}"
        return NotPossible(message, hint="change that in Magento; no command lifts a release rule")
    message = f"order {number} is not held: it was sent, it is under way, or it is parked"
    return NotPossible(message, hint="erp-sidecar order waiting and event list show what stands")


def _still_moving(event: OutboxId, row: Row) -> NotPossible:
    if row["state"] == DeliveryState.UNKNOWN and row["awaits_a_person"]:
        message = f"the outcome of event {event} is unknown: the ERP may hold it as it was sent"
        return NotPossible(message, hint="find out first: erp-sidecar event confirm, or event retry")
    if row["state"] == DeliveryState.PENDING:
        message = f"the ERP has accepted event {event} as it was sent, and works on it"
        return NotPossible(message, hint="erp-sidecar event list shows what becomes of it, and what to do once overdue")
    message = f"event {event} is {row['state']}: the relay may send it, or ask for it, at any moment"
    return NotPossible(message, hint=f"erp-sidecar lane pause, with the lane {row['lane']}, holds it within a second")


def _renamed(row: Row) -> Row:
    return {("payload" if name == "payload_after" else name): value for name, value in row.items()}


def _event_of(row: Row) -> Event:
    return Event(
        id=OutboxId(row["id"]),
        event_id=row["event_id"],
        type=row["type"],
        schema_version=row["schema_version"],
        lane=lane_of(row["lane"], row["id"]),
        aggregate_id=row["aggregate_id"],
        store_id=row["store_id"],
        occurred_at_us=row["occurred_at_us"],
        trace_parent=row["trace_parent"],
        origin=row["origin"],
    )
