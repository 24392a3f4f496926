"""One person's rows: found by order, by address and by what payloads say; overwritten where they quote the person."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from sidecar.domain.erasure import ERASED, Matched, Person, StillDue, erased
from sidecar.domain.events import DestinationName, OutboxId, lane_of
from sidecar.mysql.accounts import Accounts
from sidecar.mysql.actions import Actions
from sidecar.mysql.fence import DOCUMENTS
from sidecar.mysql.rights import require_rights
from sidecar.mysql.rows import chunks
from sidecar.mysql.session import Session, Work

_RANGE: Final = 2_000
"""Ids that one look takes in, however many there are."""

_TOGETHER: Final = 200
"""Payloads that one transaction overwrites."""


_TRAILS: Final = {"actions_page": "erase_actions", "findings_page": "erase_findings"}


class ErasureStore:
    """The one place where an event is ever changed; needs the janitor's grants."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("erasure_store")
        self._accounts, self._actions = Accounts(session), Actions(session)

    def require_rights(self) -> None:
        """Raise SchemaError, with the grants to give as its hint, unless the user may do all of this."""
        require_rights(self._session, "erasure_store")

    def find(self, person: Person) -> tuple[Sequence[int], Sequence[Matched]]:
        """The person's orders in Magento, and every event of these orders, or that says it is about the person."""
        orders = self._orders_of(person)
        lanes = {*person.lanes, *(f"order:{entity_id}" for entity_id in orders)}
        while True:
            events = self._events_of(person, sorted(lanes))
            more = {str(event.lane) for event in events} - lanes
            if not more:
                return orders, events
            lanes |= more

    def unfinished(self, events: Sequence[Matched]) -> Sequence[StillDue]:
        """Those of the events that some destination still has to be sent, or to give up."""
        found: list[StillDue] = []
        with self._session.reading() as work:
            for cursor in self._accounts.cursors(work):
                if cursor["stream"] != DOCUMENTS:
                    continue
                destination = DestinationName(cursor["destination"])
                waiting = self._waiting(work, destination, [event.id for event in events])
                for event in events:
                    no_receipt = self._accounts.without_receipt(work, destination, event.id, event.id)
                    if event.id in waiting or event.id > cursor["accounted_to"] or no_receipt:
                        found.append(StillDue(destination, event.id, event.lane))
        return found

    def count_trails(self, lanes: Sequence[str]) -> int:
        """How many edits, actions and findings are about these orders."""
        with self._session.reading() as work:
            edits = sum(len(work.rows(self._sql["edits"], lanes=list(chunk))) for chunk in chunks(lanes))
            return edits + sum(len(self._about(work, page, lanes)) for page in _TRAILS)

    def erase(self, events: Sequence[Matched], lanes: Sequence[str], actor: str, reason: str) -> int:
        """Overwrite payloads and words, and record it; returns how many edits, actions and findings were overwritten.

        The record is written last, so a crash leaves something to be done and never a record of what was not.
        """
        ids = [event.id for event in events]
        for start in range(0, len(ids), _TOGETHER):
            self._session.transaction(partial(self._erase_events, ids=ids[start : start + _TOGETHER]))
        trails = self._session.transaction(lambda work: self._erase_trails(work, lanes))
        told = f"{sum(lane.startswith('order:') for lane in lanes)} orders, {len(events)} events: {reason}"
        self._session.transaction(lambda work: self._actions.record(work, "erase", actor, told))
        return trails

    def _orders_of(self, person: Person) -> list[int]:
        with self._session.reading() as work:
            if person.customer_id is not None:
                rows = work.rows(self._sql["orders_of_customer"], customer_id=person.customer_id)
                return [row["entity_id"] for row in rows]
            last = int(work.rows(self._sql["last_order"])[0]["entity_id"])
            return [
                row["entity_id"]
                for after in range(0, last, _RANGE)
                for row in work.rows(self._sql["orders_of_email"], after=after, upto=after + _RANGE, email=person.email)
            ]

    def _events_of(self, person: Person, lanes: Sequence[str]) -> list[Matched]:
        with self._session.reading() as work:
            (ends,) = work.rows(self._sql["outbox_ends"])
            return [
                Matched(OutboxId(row["id"]), lane_of(row["lane"], row["id"]), row["type"])
                for after in range(max(int(ends["first"]) - 1, 0), int(ends["last"]), _RANGE)
                for row in work.rows(
                    self._sql["events_of_person"],
                    after=after,
                    upto=after + _RANGE,
                    lanes=list(lanes),
                    pattern=person.pattern,
                )
            ]

    def _waiting(self, work: Work, destination: str, ids: Sequence[int]) -> set[int]:
        return {
            row["outbox_id"]
            for chunk in chunks(ids)
            for row in work.rows(self._sql["delivery_of"], destination=destination, ids=chunk)
        }

    def _erase_events(self, work: Work, ids: Sequence[int]) -> None:
        for row in work.rows(self._sql["lock_payloads"], ids=list(ids)):
            payload = erased(row["payload"])
            work.run(self._sql["erase_payload"], id=row["id"], payload=payload, payload_bytes=len(payload))
        for destination in sorted({cursor["destination"] for cursor in self._accounts.cursors(work)}):
            work.run(self._sql["erase_receipts"], destination=destination, ids=list(ids), erased=ERASED)
            work.run(self._sql["erase_rejections"], destination=destination, ids=list(ids), erased=ERASED)

    def _erase_trails(self, work: Work, lanes: Sequence[str]) -> int:
        count = 0
        for chunk in chunks(lanes):
            for edit in work.rows(self._sql["edits"], lanes=list(chunk)):
                before, after = erased(edit["payload_before"]), erased(edit["payload_after"])
                work.run(self._sql["erase_edit"], id=edit["id"], payload_before=before, payload_after=after)
                count += 1
        for page, erase in _TRAILS.items():
            ids = self._about(work, page, lanes)
            for some in chunks(ids):
                work.run(self._sql[erase], ids=list(some), erased=ERASED)
            count += len(ids)
        return count

    def _about(self, work: Work, page: str, lanes: Sequence[str]) -> list[int]:
        """The rows of a trail that are about these orders, read page by page."""
        wanted, found, after = set(lanes), [], 0
        while rows := work.rows(self._sql[page], after=after, limit=_RANGE):
            found += [row["id"] for row in rows if row["subject"] in wanted]
            after = rows[-1]["id"]
        return found
