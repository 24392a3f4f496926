"""Goods that a refund puts back on sale, taken in as a transfer from the customer: once, and before the credit note.

Only of what Odoo has delivered: what never left it cannot come back to it. A transfer that is done has lowered what was
delivered, so a refund that is sent again takes nothing in twice, and the credit note proves that all of it is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from erp_adapters.odoo.names import move_name, transfer_name
from erp_adapters.odoo.reading import OrderLineRecord, OrderRecord, key_of
from erp_adapters.odoo.writing import Writing
from sidecar.domain.delivery import Reference, Result
from sidecar.domain.money import text_of
from sidecar.domain.refund import Refund, RefundLine

RETURN_FIELDS: Final = ("in_type_id", "lot_stock_id")


@dataclass(frozen=True, slots=True)
class Returns:
    """Transfers of what comes back."""

    writing: Writing

    def take_in(self, refund: Refund, order: OrderRecord, ref: Reference, ends_at: float) -> Result | None:
        """Take in what is to be sold again; None where that is done, or nothing is to be done."""
        delivered = {line.line_ref: line for line in order.lines if line.delivered}
        back = [
            (line, delivered[line.line_ref])
            for line in refund.lines
            if line.line_ref in delivered and 0 < line.restocked <= delivered[line.line_ref].delivered
        ]
        if not back:
            return None
        head = self._head(order, ref, ends_at)
        moves = [_move(ref, line, of_order, head) for line, of_order in back]
        names = [*head, *(f"move_ids/{name}" for name in moves[0])]
        rows = [[*([""] * len(head) if number else head.values()), *move.values()] for number, move in enumerate(moves)]
        keys = self.writing.load("stock.picking", names, rows, ends_at, create_only=True)
        if isinstance(keys, Result):
            return keys
        return self.writing.act("stock.picking", "button_validate", keys, ends_at, "refund")

    def _head(self, order: OrderRecord, ref: Reference, ends_at: float) -> dict[str, str]:
        books = self.writing.books
        (sold,) = books.search("sale.order", [["id", "=", order.order_id]], ("warehouse_id",), ends_at)
        domain = [["id", "=", key_of(sold["warehouse_id"])]]
        (warehouse,) = books.search("stock.warehouse", domain, RETURN_FIELDS, ends_at)
        outside = books.search("stock.location", [["usage", "=", "customer"]], ("usage",), ends_at, order="id", limit=1)
        return {
            "id": transfer_name(ref.external_ref, "return"),
            "origin": ref.external_ref,
            "picking_type_id/.id": str(key_of(warehouse["in_type_id"])),
            "location_id/.id": str(outside[0]["id"]),
            "location_dest_id/.id": str(key_of(warehouse["lot_stock_id"])),
            "move_type": "direct",
        }


def _move(ref: Reference, line: RefundLine, of_order: OrderLineRecord, head: Mapping[str, str]) -> dict[str, str]:
    quantity = text_of(line.restocked)
    return {
        "id": move_name(ref.external_ref, line.line_ref),
        "product_id/.id": str(of_order.product_id),
        "product_uom_qty": quantity,
        "quantity": quantity,
        "picked": "1",
        "location_id/.id": head["location_id/.id"],
        "location_dest_id/.id": head["location_dest_id/.id"],
        "sale_line_id/.id": str(of_order.line_id),
        "to_refund": "1",
    }
