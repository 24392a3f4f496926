"""Looking records up in Odoo: orders with their lines, and what followed them. Changes nothing.

An ordinary user may not read the table of external identifiers, but may ask any record that it may read for its own
(`get_metadata`). So an order is searched for by `client_order_ref`, and its external identifier proves that it is ours:
a copy, or one that somebody has entered by hand, is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from erp_adapters.odoo.door import Door
from erp_adapters.odoo.names import line_of, order_of
from erp_adapters.odoo.reading import OrderRecord, Record, key_of, line_record, order_record, text
from sidecar.domain.errors import Retryable

BATCH: Final = 250
"""References in one search: five calls for all of them."""

ORDER_FIELDS: Final = (
    "name", "client_order_ref", "origin", "state", "currency_id", "amount_tax", "amount_total", "write_date",
    "invoice_status", "delivery_status",
)  # fmt: skip
LINE_FIELDS: Final = (
    "order_id", "product_id", "product_uom_id", "product_uom_qty", "price_subtotal", "qty_delivered", "qty_invoiced",
    "display_type",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Books:
    """Orders as Odoo holds them. Raises Retryable where they cannot be read now."""

    door: Door

    def by_reference(self, references: Sequence[str], ends_at: float) -> dict[str, OrderRecord]:
        """Our orders under these references, cancelled ones included; each reference has one or none."""
        found: dict[str, OrderRecord] = {}
        for start in range(0, len(references), BATCH):
            part = list(references[start : start + BATCH])
            domain = [["client_order_ref", "in", part]]
            records = self.search("sale.order", domain, ORDER_FIELDS, ends_at)
            found |= {o.reference: o for o in self.orders_of(records, ends_at) if o.reference in part}
        return found

    def by_key(self, keys: Iterable[int], ends_at: float) -> dict[int, OrderRecord]:
        """Our orders among these."""
        domain = [["id", "in", sorted(set(keys))]]
        records = self.search("sale.order", domain, ORDER_FIELDS, ends_at)
        return {order.order_id: order for order in self.orders_of(records, ends_at)}

    def header(self, key: int, ends_at: float) -> OrderRecord | None:
        """An order that is known to be ours, without its lines and our reference of it: one call."""
        records = self.search("sale.order", [["id", "=", key]], ORDER_FIELDS, ends_at)
        try:
            return order_record(records[0], "", ()) if records else None
        except ValueError as error:
            raise _unreadable("an order", error) from error

    def orders_of(self, records: Sequence[Record], ends_at: float) -> list[OrderRecord]:
        """Those of the records that are ours, with their lines, in the same order."""
        references = {
            key: reference
            for key, names in self._names("sale.order", [record["id"] for record in records], ends_at).items()
            if (reference := order_of(names)) is not None
        }
        ours = [record for record in records if record["id"] in references]
        lines = self._lines([record["id"] for record in ours], ends_at)
        try:
            return [order_record(record, references[record["id"]], lines.get(record["id"], ())) for record in ours]
        except ValueError as error:
            raise _unreadable("an order", error) from error

    def _lines(self, orders: Sequence[int], ends_at: float) -> dict[int, list[Any]]:
        domain = [["order_id", "in", list(orders)], ["display_type", "=", False]]
        records = self.search("sale.order.line", domain, LINE_FIELDS, ends_at) if orders else []
        names = self._names("sale.order.line", [record["id"] for record in records], ends_at)
        lines: dict[int, list[Any]] = {}
        try:
            skus = self._skus({key_of(record["product_id"]) for record in records}, ends_at)
            for record in records:
                ours = line_of(names.get(record["id"], []))
                line = line_record(record, ours[1] if ours else None, skus)
                lines.setdefault(key_of(record["order_id"]), []).append(line)
        except ValueError as error:
            raise _unreadable("a line", error) from error
        return lines

    def _skus(self, products: set[int], ends_at: float) -> dict[int, str]:
        if not products:
            return {}
        domain = [["id", "in", sorted(products)]]
        found = self.search("product.product", domain, ("default_code",), ends_at, context={"active_test": False})
        return {record["id"]: text(record, "default_code") for record in found}

    def _names(self, model: str, keys: Sequence[int], ends_at: float) -> dict[int, list[str]]:
        if not keys:
            return {}
        told = self.door.ask(model, "get_metadata", {"ids": list(keys)}, ends_at)
        try:
            return {record["id"]: [name["xmlid"] for name in record["xmlids"]] for record in told}
        except (KeyError, TypeError) as error:
            raise Retryable(f"Odoo answered {model}/get_metadata with something else") from error

    def search(
        self,
        model: str,
        domain: Sequence[object],
        fields: Sequence[str],
        ends_at: float,
        *,
        context: Mapping[str, Any] | None = None,
        **more: object,
    ) -> list[Record]:
        """Records of a model; raise Retryable for an answer that is no list of them."""
        arguments = {"domain": domain, "fields": list(fields), **more}
        found = self.door.ask(model, "search_read", arguments, ends_at, context)
        if not isinstance(found, list) or not all(
            isinstance(r, Mapping) and isinstance(r.get("id"), int) for r in found
        ):
            raise Retryable(f"Odoo answered {model}/search_read with something else")
        return found


def _unreadable(what: str, error: ValueError) -> Retryable:
    return Retryable(f"Odoo answered with {what} that cannot be read: {error}")
