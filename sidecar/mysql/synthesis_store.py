"""Writes the OrderPlaced that the module did not write, from the order's own rows, under the order's own lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import Final
from uuid import uuid4

from sidecar.domain.audit import order_without_event
from sidecar.domain.errors import ConfigurationError, LeaseLost
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.order_event import ORIGIN, event_id_of, order_placed
from sidecar.mysql.actions import Actions
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.rights import require_rights
from sidecar.mysql.session import Row, Session, Work
from sidecar.mysql.whole_orders import WholeOrders, must_fit

_ROLE: Final = "synthesis"
_TERMS: Final = LeaseTerms(ttl=timedelta(minutes=10))


class SynthesisStore:
    """Reads whole orders and inserts events; needs the janitor's grants."""

    def __init__(self, session: Session, instance: str) -> None:
        """`instance` is the shop's name in the blueprint: part of what an event's id is made from."""
        self._session, self._instance = session, instance
        self._sql = session.statements("synthesis_store")
        self._actions, self._leases = Actions(session), LeaseStore(session)
        self._owner, self._token = f"synthesis {uuid4().hex}", 0
        self._orders = WholeOrders(session)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only one who synthesises; raises ConfigurationError where somebody else does."""
        require_rights(self._session, "synthesis_store", "whole_orders")
        token = self._leases.acquire(_ROLE, "", self._owner, _TERMS)
        if token is None:
            hint = f"look again when it has ended; one that was killed stands in the way for {_TERMS.ttl}"
            raise ConfigurationError("somebody else synthesises events now", hint=hint)
        self._token = token
        try:
            yield
        finally:
            self._token = 0
            self._leases.release(_ROLE, "", self._owner, token)

    def preview(self, entity_id: int) -> str:
        """The payload that would be written now; raises MalformedEvent where the order cannot be told."""
        return self._session.transaction(lambda work: self._built(work, self._order(work, entity_id))[1])

    def write_order_placed(self, entity_id: int, walked_to: int, actor: str, reason: str) -> int | None:
        """Insert the order's OrderPlaced and return its outbox id; None where the order is gone, or has one by now.

        Events up to `walked_to` were looked through; here the later ones are, with the order's row locked.
        Raises MalformedEvent, and writes nothing, where the order cannot be told exactly; LeaseLost where the turn
        took so long that somebody else has one now.
        """
        if not self._leases.renew(_ROLE, "", self._owner, self._token, _TERMS):
            raise LeaseLost("this turn is over", hint="type it again: what is written stays, and is not written twice")

        def body(work: Work) -> int | None:
            order = self._order(work, entity_id)
            lane = f"order:{entity_id}"
            if not order or work.rows(self._sql["placed_since"], walked_to=walked_to, lane=lane):
                return None
            event_id, payload, occurred_at_us = self._built(work, order)
            outbox_id = work.insert(
                self._sql["insert_event"],
                event_id=event_id,
                lane=lane,
                aggregate_id=str(entity_id),
                store_id=order["store_id"],
                occurred_at_us=occurred_at_us,
                origin=ORIGIN,
                payload_bytes=len(payload),
                payload=payload,
            )
            self._actions.record(work, "synthesise", actor, reason, event=outbox_id, lane=lane)
            work.run(self._sql["close_finding"], fingerprint=order_without_event(entity_id).fingerprint)
            return outbox_id

        return self._session.transaction(body)

    def _order(self, work: Work, entity_id: int) -> Row:
        rows = work.rows(self._sql["lock_whole_order"], entity_id=entity_id)
        return rows[0] if rows else {}

    def _built(self, work: Work, order: Row) -> tuple[str, str, int]:
        rows = self._orders.rows_of(work, order)
        now = work.rows(self._sql["read_now"])[0]["now"].replace(tzinfo=UTC)
        event_id = event_id_of(self._instance, order)
        microseconds = int(now.replace(microsecond=0).timestamp()) * 1_000_000 + now.microsecond
        payload = order_placed(rows, self._orders.definitions, event_id, now)
        must_fit(payload, self._orders.packet(work))
        return event_id, payload, microseconds
