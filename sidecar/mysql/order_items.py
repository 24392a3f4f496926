"""A row of `sales_order_item` as the domain sees it."""

from collections.abc import Mapping

from sidecar.domain.money import decimal_of
from sidecar.domain.order_standing import OrderItem
from sidecar.mysql.session import Row


def item_of(row: Row, options: Mapping[str, object]) -> OrderItem:
    """An item and what has become of it; `options` are a bundle's, which decide what ships and what is charged."""
    return OrderItem(
        item_id=row["item_id"],
        parent_id=row["parent_item_id"],
        product_type=row["product_type"] or "",
        sku=row["sku"] or "",
        ordered=decimal_of(row["ordered"]),
        shipped=decimal_of(row["shipped"]),
        invoiced=decimal_of(row["invoiced"]),
        refunded=decimal_of(row["refunded"]),
        canceled=decimal_of(row["canceled"]),
        is_virtual=bool(row["is_virtual"]),
        ships_separately=options.get("shipment_type") in (1, "1"),
        children_calculated=options.get("product_calculations") in (0, "0"),
    )
