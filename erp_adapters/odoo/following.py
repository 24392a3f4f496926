"""What changed in Odoo, a page at a time: orders, deliveries, invoices and credit memos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from erp_adapters.mapping import CodeMaps
from erp_adapters.odoo.books import ORDER_FIELDS, Books
from erp_adapters.odoo.names import reference_of
from erp_adapters.odoo.reading import Record, Surroundings, delivery_of, invoice_of, key_of
from erp_adapters.odoo.walking import Step, Walk, walked
from sidecar.domain.delivery import ChangeKind
from sidecar.domain.documents import Page
from sidecar.domain.errors import Retryable
from sidecar.domain.inbound import InboundKind

DELIVERY_FIELDS: Final = ("name", "sale_id", "picking_type_id", "write_date")
TRACK_FIELDS: Final = ("carrier_id", "carrier_tracking_ref")
"""Where Odoo's module stock_delivery is."""

MOVE_FIELDS: Final = ("picking_id", "product_id", "product_uom", "quantity", "sale_line_id")
INVOICE_FIELDS: Final = ("name", "state", "currency_id", "amount_total", "write_date")
INVOICE_LINE_FIELDS: Final = ("move_id", "quantity", "price_subtotal", "sale_line_ids")
_INVOICES: Final = {
    ChangeKind.INVOICES: ("out_invoice", InboundKind.INVOICE),
    ChangeKind.CREDIT_MEMOS: ("out_refund", InboundKind.CREDIT_MEMO),
}


@dataclass(slots=True)
class Follower:
    """Pages of changes. Raises Retryable where they cannot be read now."""

    books: Books
    codes: CodeMaps
    walk: Walk = field(default_factory=Walk)
    _has_tracks: bool | None = None

    def page(self, kind: ChangeKind, cursor: str | None, ends_at: float) -> Page:
        """The next page of a kind after the cursor."""
        match kind:
            case ChangeKind.ORDERS:
                return self._orders(cursor, ends_at)
            case ChangeKind.DELIVERIES:
                return self._deliveries(cursor, ends_at)
            case _:
                return self._invoices(kind, cursor, ends_at)

    def _orders(self, cursor: str | None, ends_at: float) -> Page:
        step = self._step("sale.order", [["client_order_ref", "!=", False]], ORDER_FIELDS, cursor, ends_at)
        orders = self.books.orders_of(step.records, ends_at)
        return Page(tuple(order.snapshot() for order in orders), step.cursor, step.more)

    def _deliveries(self, cursor: str | None, ends_at: float) -> Page:
        fields = (*DELIVERY_FIELDS, *(TRACK_FIELDS if self._tracks_are_told(ends_at) else ()))
        domain = [["picking_type_code", "=", "outgoing"], ["state", "=", "done"], ["sale_id", "!=", False]]
        step = self._step("stock.picking", domain, fields, cursor, ends_at)
        around = self._surroundings((record["sale_id"] for record in step.records), ends_at, step.records)
        ours = [record for record in step.records if key_of(record["sale_id"]) in around.orders]
        moves = self._grouped("stock.move", "picking_id", ours, [["state", "=", "done"]], MOVE_FIELDS, ends_at)
        documents = tuple(delivery_of(record, moves.get(record["id"], []), around) for record in ours)
        return Page((), step.cursor, step.more, documents)

    def _invoices(self, kind: ChangeKind, cursor: str | None, ends_at: float) -> Page:
        move_type, inbound = _INVOICES[kind]
        # A draft that was posted before is being corrected: it is told once it is posted or cancelled again.
        domain = [
            ["move_type", "=", move_type],
            ["state", "in", ["posted", "cancel"]],
            ["posted_before", "=", True],
            ["line_ids.sale_line_ids", "!=", False],
        ]
        step = self._step("account.move", domain, INVOICE_FIELDS, cursor, ends_at)
        products = [["display_type", "=", "product"]]
        lines = self._grouped("account.move.line", "move_id", step.records, products, INVOICE_LINE_FIELDS, ends_at)
        sale_lines = {key for some in lines.values() for line in some for key in line["sale_line_ids"]}
        found = self.books.search("sale.order.line", [["id", "in", sorted(sale_lines)]], ("order_id",), ends_at)
        around = self._surroundings((record["order_id"] for record in found), ends_at)
        own = self._own(kind, step.records, ends_at)
        theirs = (record for record in step.records if record["id"] not in own)
        read = (invoice_of(inbound, record, lines.get(record["id"], []), around) for record in theirs)
        return Page((), step.cursor, step.more, tuple(document for document in read if document is not None))

    def _own(self, kind: ChangeKind, records: Sequence[Record], ends_at: float) -> set[int]:
        """Credit notes that Magento's own credit memos have become: Magento is not told of those again."""
        if kind is not ChangeKind.CREDIT_MEMOS:
            return set()
        names = self.books.names("account.move", [record["id"] for record in records], ends_at)
        return {key for key, some in names.items() if reference_of(some, "refund") is not None}

    def _step(
        self, model: str, domain: Sequence[object], fields: Sequence[str], cursor: str | None, ends_at: float
    ) -> Step:
        def fetch(since: str, passed_over: int, limit: int) -> list[Record]:
            changed = [*domain, ["write_date", ">=", since]]
            return self.books.search(
                model, changed, fields, ends_at, order="write_date, id", offset=passed_over, limit=limit
            )

        return walked(self.walk, cursor, fetch)

    def _grouped(
        self,
        model: str,
        by: str,
        owners: Sequence[Record],
        domain: Sequence[object],
        fields: Sequence[str],
        ends_at: float,
    ) -> dict[int, list[Record]]:
        if not owners:
            return {}
        wanted = [[by, "in", [record["id"] for record in owners]], *domain]
        groups: dict[int, list[Record]] = {}
        for record in self.books.search(model, wanted, fields, ends_at):
            groups.setdefault(key_of(record[by]), []).append(record)
        return groups

    def _surroundings(self, orders: Iterable[object], ends_at: float, transfers: Sequence[Record] = ()) -> Surroundings:
        keys = {key_of(order) for order in orders}
        known = self.books.by_key(keys, ends_at) if keys else {}
        return Surroundings(known, self._warehouses(transfers, ends_at), self.codes)

    def _warehouses(self, transfers: Sequence[Record], ends_at: float) -> Mapping[int, str]:
        """The code of the warehouse of each type of transfer."""
        kinds = sorted({key_of(record["picking_type_id"]) for record in transfers})
        if not kinds:
            return {}
        types = self.books.search("stock.picking.type", [["id", "in", kinds]], ("warehouse_id",), ends_at)
        wanted = sorted({key_of(record["warehouse_id"]) for record in types})
        warehouses = self.books.search("stock.warehouse", [["id", "in", wanted]], ("code",), ends_at)
        codes = {record["id"]: str(record["code"]) for record in warehouses}
        return {record["id"]: codes.get(key_of(record["warehouse_id"]), "") for record in types}

    def _tracks_are_told(self, ends_at: float) -> bool:
        if self._has_tracks is None:
            asked = {"allfields": list(TRACK_FIELDS), "attributes": ["type"]}
            known = self.books.door.ask("stock.picking", "fields_get", asked, ends_at)
            if not isinstance(known, Mapping):
                raise Retryable("Odoo answered stock.picking/fields_get with something else")
            self._has_tracks = known.keys() >= set(TRACK_FIELDS)
        return self._has_tracks
