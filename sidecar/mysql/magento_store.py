"""Magento's own tables: what they say of orders now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.money import decimal_of
from sidecar.domain.order import lines_of, role_of, totals_of
from sidecar.domain.reconciliation import OrderFacts
from sidecar.domain.release import ReleaseFacts
from sidecar.mysql.related_orders import entity_id_of
from sidecar.mysql.rows import chunks
from sidecar.mysql.session import Row, Session


class MagentoStore:
    """Reads orders."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
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
