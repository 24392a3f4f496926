"""Looking records up in Odoo: orders with their lines, and what followed them. Changes nothing.

An ordinary user may not read the table of external identifiers, but may ask any record that it may read for its own
(`get_metadata`). So an order is searched for by `client_order_ref`, and its external identifier proves that it is ours:
a copy, or one that somebody has entered by hand, is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from erp_adapters.odoo.door import Door
from erp_adapters.odoo.mapping import CENT
from erp_adapters.odoo.names import line_of, order_of
from erp_adapters.odoo.reading import OrderRecord, Record, amount, key_of, line_record, order_record, text
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
    _steps: dict[str, Decimal] = field(default_factory=dict, init=False, repr=False)

    def step_of(self, currency: str, ends_at: float) -> Decimal:
        """What Odoo rounds amounts of a currency to: 0.01, 1 or 0.05; a cent where it does not know the currency."""
        if currency not in self._steps:
            context = {"active_test": False}
            found = self.search("res.currency", [["name", "=", currency]], ("rounding",), ends_at, context=context)
            self._steps[currency] = amount(found[0], "rounding") if found else CENT
        return self._steps[currency]

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
            for key, names in self.names("sale.order", [record["id"] for record in records], ends_at).items()
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
        names = self.names("sale.order.line", [record["id"] for record in records], ends_at)
        lines: dict[int, list[Any]] = {}
        try:
            skus = self.skus({key_of(record["product_id"]) for record in records}, ends_at)
            for record in records:
                ours = line_of(names.get(record["id"], []))
                line = line_record(record, ours[1] if ours else None, skus)
                lines.setdefault(key_of(record["order_id"]), []).append(line)
        except ValueError as error:
            raise _unreadable("a line", error) from error
        return lines

    def skus(self, products: set[int], ends_at: float) -> dict[int, str]:
        """The internal references of products, archived ones included."""
        if not products:
            return {}
        domain = [["id", "in", sorted(products)]]
        found = self.search("product.product", domain, ("default_code",), ends_at, context={"active_test": False})
        return {record["id"]: text(record, "default_code") for record in found}

    def names(self, model: str, keys: Sequence[int], ends_at: float) -> dict[int, list[str]]:
        """The external identifiers of each record."""
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
        return self.said(model, arguments, ends_at, context)[0]

    def said(
        self, model: str, arguments: Mapping[str, Any], ends_at: float, context: Mapping[str, Any] | None = None
    ) -> tuple[list[Record], datetime | None]:
        """The same, with the instant at which Odoo said it, by its clock."""
        said = self.door.told(model, "search_read", arguments, ends_at, context)
        found = said.value
        if not isinstance(found, list) or not all(
            isinstance(r, Mapping) and isinstance(r.get("id"), int) for r in found
        ):
            raise Retryable(f"Odoo answered {model}/search_read with something else")
        return found, said.at

    def grouped_quants(self, domain: Sequence[object], ends_at: float) -> list[Record]:
        """What lies where, by product and place, lots, packages and owners summed up."""
        arguments = {
            "domain": domain,
            "groupby": ["product_id", "location_id"],
            "aggregates": ["quantity:sum", "reserved_quantity:sum"],
        }
        found = self.door.ask("stock.quant", "formatted_read_group", arguments, ends_at)
        if not isinstance(found, list) or not all(isinstance(group, Mapping) for group in found):
            raise Retryable("Odoo answered stock.quant/formatted_read_group with something else")
        return found


def _unreadable(what: str, error: ValueError) -> Retryable:
    return Retryable(f"Odoo answered with {what} that cannot be read: {error}")
