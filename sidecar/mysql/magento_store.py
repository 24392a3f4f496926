"""Magento's own tables: current facts read from them, acknowledgements written to them, never waiting for a lock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sidecar.domain.errors import ConfigurationError, MalformedEvent, TransactionConflict
from sidecar.domain.lifecycle import Acknowledgement
from sidecar.domain.money import decimal_of
from sidecar.domain.order import lines_of, role_of, totals_of
from sidecar.domain.reconciliation import OrderFacts
from sidecar.domain.release import ReleaseFacts
from sidecar.mysql.related_orders import entity_id_of
from sidecar.mysql.rows import chunks, clip
from sidecar.mysql.session import Row, Session, Work

NUMBER_LIMIT: Final = 32
"""sales_order.ext_order_id is varchar(32); Magento itself would cut a longer number without a word."""

COMMENT_LIMIT: Final = 15_000


class MagentoStore:
    """Reads and writes orders beside Magento's own code."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("magento_store")

    def release_facts(self, entity_ids: Sequence[int]) -> Mapping[int, ReleaseFacts]:
        """The current rows of these orders, amounts in base currency; absent orders are left out."""
        return {row["entity_id"]: release_facts_of(row) for row in self._rows("release_facts", entity_ids)}

    def order_facts(self, entity_ids: Sequence[int]) -> Mapping[int, OrderFacts]:
        """Orders with their lines and totals as Magento holds them now; absent orders are left out.

        One that cannot be read says why; it keeps none of the others from being read.
        """
        items: dict[int, list[Row]] = defaultdict(list)
        for item in self._rows("order_items", entity_ids):
            items[item["order_id"]].append(item)
        headers = self._rows("order_headers", entity_ids)
        return {header["entity_id"]: _order_facts_of(header, items[header["entity_id"]]) for header in headers}

    def order_states(self, entity_ids: Sequence[int]) -> Mapping[int, str]:
        """The current state of these orders; absent orders are left out."""
        return {row["entity_id"]: row["state"] or "" for row in self._rows("order_states", entity_ids)}

    def acknowledge_order(self, acknowledgement: Acknowledgement) -> bool:
        """Write ext_order_id, the comment, the status and the grid row of one order in one transaction.

        Idempotent: what is already there is left alone, `updated_at` included; the comment is written only with the
        number; the status only while the order is in the state that it was chosen for. False, and nothing written,
        when somebody else holds the order's row or its grid row right now, or when the ERP has told more since
        than is acknowledged: its acknowledgement may be there already. An order that is gone needs nothing:
        True. Raises ConfigurationError for a number that Magento would cut, and for a status that
        sales_order_status_state does not pair with the state.
        """
        if len(acknowledgement.erp_number) > NUMBER_LIMIT:
            message = (
                f"{acknowledgement.destination} numbers its documents with {len(acknowledgement.erp_number)} "
                f"characters ({acknowledgement.erp_number}); sales_order.ext_order_id holds {NUMBER_LIMIT}"
            )
            raise ConfigurationError(message, hint="let the blueprint map the ERP's short document number")
        try:
            return self._session.transaction(lambda work: self._acknowledge(work, acknowledgement), attempts=1)
        except TransactionConflict:
            return False

    def _acknowledge(self, work: Work, acknowledgement: Acknowledgement) -> bool:
        key = {"entity_id": acknowledgement.entity_id}
        orders = work.rows(self._sql["lock_order"], **key)
        if not orders:
            return True
        # Whoever showed a newer change has held the order's row: read after the lock, it cannot be missed.
        if work.rows(
            self._sql["newer_change"],
            **key,
            destination=acknowledgement.destination,
            change=acknowledgement.change,
        ):
            return False
        grid = work.rows(self._sql["lock_grid"], **key)
        status = self._status_to_write(work, acknowledgement, orders[0])
        if status is not None and status != orders[0]["status"]:
            work.run(self._sql["set_status"], **key, status=status, state=acknowledgement.state)
        number = acknowledgement.erp_number
        current = orders[0]["status"] if status is None else status
        if orders[0]["ext_order_id"] != number:
            work.run(self._sql["acknowledge_order"], **key, erp_number=number)
            if acknowledgement.comment is not None:
                comment = clip(acknowledgement.comment, COMMENT_LIMIT)
                work.run(self._sql["add_comment"], **key, comment=comment, status=current)
        if grid and (grid[0]["ext_order_id"], grid[0]["status"]) != (number, current):
            work.run(self._sql["update_grid"], **key, erp_number=number, status=current)
        return True

    def _status_to_write(self, work: Work, acknowledgement: Acknowledgement, order: Row) -> str | None:
        if acknowledgement.status is None or acknowledgement.state != order["state"]:
            return None
        pair = {"status": acknowledgement.status, "state": acknowledgement.state}
        if work.rows(self._sql["status_pairs"], **pair)[0]["pairs"]:
            return acknowledgement.status
        message = f"status {acknowledgement.status!r} is not assigned to state {acknowledgement.state!r} in Magento"
        raise ConfigurationError(
            message,
            hint="assign it under Stores > Order Status, or name another status in the blueprint's lifecycle map",
        )

    def _rows(self, name: str, entity_ids: Sequence[int]) -> list[Row]:
        with self._session.reading() as work:
            return [row for chunk in chunks(entity_ids) for row in work.rows(self._sql[name], entity_ids=chunk)]


def release_facts_of(row: Row) -> ReleaseFacts:
    """Read a row of release_facts, or of any statement with the same columns."""
    return ReleaseFacts(
        entity_id=row["entity_id"],
        state=row["state"] or "",
        status=row["status"] or "",
        payment_method=row["method"] or "",
        grand_total=decimal_of(row["grand_total"]),
        paid=decimal_of(row["paid"]),
        authorized=decimal_of(row["authorized"]),
        age=timedelta(microseconds=row["age_us"]),
        canceled=decimal_of(row["canceled"]),
        has_siblings=bool(row.get("has_siblings")),
        predecessor=entity_id_of(row.get("relation_parent_id")),
    )


def _order_facts_of(header: Row, items: Iterable[Row]) -> OrderFacts:
    facts = OrderFacts(
        entity_id=header["entity_id"],
        increment_id=header["increment_id"] or "",
        currency=header["order_currency_code"] or "",
        lines=(),
        totals={},
        state=header["state"] or "",
    )
    try:
        return replace(facts, lines=tuple(lines_of(_with_roles(items))), totals=totals_of(header))
    except MalformedEvent as error:
        return replace(facts, unreadable=str(error))


def _with_roles(items: Iterable[Row]) -> list[Row]:
    rows = list(items)
    parents = {row["item_id"]: row for row in rows}
    return [{**row, "role": role_of(row, parents.get(row["parent_item_id"]))} for row in rows]
