"""Orders that have to do with one another: of one quote, or one in the place of another. Read only, no names read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sidecar.domain.duplicates import Purchase, PurchasedLine
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.money import decimal_of
from sidecar.domain.replacements import Predecessor
from sidecar.mysql.rows import chunks
from sidecar.mysql.session import Row, Session


class RelatedOrders:
    """Reads Magento's rows, what the ERP has confirmed of them, and what people have let go."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("related_orders")

    def siblings(self, entity_ids: Sequence[int], window: timedelta) -> Mapping[int, Sequence[int]]:
        """The other orders of each order's quote, placed within the window of it, ascending."""
        found: dict[int, list[int]] = defaultdict(list)
        for row in self._rows("siblings", entity_ids, window_s=int(window.total_seconds())):
            found[row["entity_id"]].append(row["sibling"])
        return found

    def purchases(self, entity_ids: Sequence[int]) -> Mapping[int, Purchase]:
        """What was bought with these orders; absent ones are left out."""
        lines: dict[int, list[PurchasedLine]] = defaultdict(list)
        for row in self._rows("purchased_lines", entity_ids):
            amounts = decimal_of(row["quantity"]), decimal_of(row["row_total"])
            lines[row["order_id"]].append(PurchasedLine(row["sku"], *amounts))
        rows = self._rows("purchases", entity_ids)
        return {row["entity_id"]: _purchase_of(row, lines[row["entity_id"]]) for row in rows}

    def predecessors(self, entity_ids: Sequence[int]) -> Mapping[int, Predecessor]:
        """These orders, as far as others take their place; absent ones are left out."""
        return {
            row["entity_id"]: Predecessor(
                row["entity_id"],
                row["increment_id"],
                row["state"],
                bool(row["is_invoiced"]),
                entity_id_of(row["relation_parent_id"]),
            )
            for row in self._rows("predecessors", entity_ids)
        }

    def cancelled_there(self, destination: DestinationName, entity_ids: Sequence[int]) -> frozenset[int]:
        """Those of the orders whose cancellation the ERP has confirmed, and nothing after it."""
        rows = self._rows("cancelled_there", entity_ids, destination=destination)
        return frozenset(row["entity_id"] for row in rows)

    def let_go(self, destination: DestinationName, events: Sequence[OutboxId]) -> frozenset[OutboxId]:
        """Those of the events whose order a person has let go, although it looks like a duplicate or replaces one."""
        rows = self._session.rows(self._sql["let_go"], destination=destination, events=list(events))
        return frozenset(OutboxId(row["outbox_id"]) for row in rows)

    def _rows(self, name: str, entity_ids: Sequence[int], **binds: object) -> list[Row]:
        with self._session.reading() as work:
            return [
                row for chunk in chunks(entity_ids) for row in work.rows(self._sql[name], entity_ids=chunk, **binds)
            ]


def entity_id_of(text: str | None) -> int:
    """Read relation_parent_id, which is text; 0 where it is empty or names no order."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() else 0


def _purchase_of(row: Row, lines: Sequence[PurchasedLine]) -> Purchase:
    return Purchase(
        entity_id=row["entity_id"],
        increment_id=row["increment_id"] or "",
        quote_id=row["quote_id"] or 0,
        customer_id=row["customer_id"],
        quote_address_id=row["quote_address_id"],
        customer_address_id=row["customer_address_id"],
        currency=row["order_currency_code"] or "",
        grand_total=decimal_of(row["grand_total"]),
        lines=tuple(lines),
        placed_at=row["created_at"],
    )
