"""The contract, reduced: models, their fields, and the records that a new database has."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Field:
    """One field; `inverse` names the other model's for one2many, `given` is what a new record has, `choices`
    what a selection may be.
    """

    type: str
    relation: str = ""
    inverse: str = ""
    required: bool = False
    given: Any = False
    choices: tuple[str, ...] = ()


def _char(**more: Any) -> Field:  # noqa: ANN401 -- what Field takes
    return Field("char", **more)


def _one(relation: str, **more: Any) -> Field:  # noqa: ANN401 -- what Field takes
    return Field("many2one", relation, **more)


_DATETIME: Final = Field("datetime")
_FLOAT: Final = Field("float", given=0.0)
_ACTIVE: Final = Field("boolean", given=True)
_LOG: Final = {"id": Field("integer"), "create_date": _DATETIME, "write_date": _DATETIME}

MODELS: Final[dict[str, dict[str, Field]]] = {
    "res.company": {
        "name": _char(),
        "currency_id": _one("res.currency"),
        "tax_calculation_rounding_method": _char(given="round_globally"),
        "is_open_to_shop": Field("boolean"),
    },
    "ir.model.access": {"model": _char(), "operation": _char()},
    "res.currency": {
        "name": _char(),
        "active": Field("boolean", given=True),
        "rounding": Field("float", given=0.01),
    },
    "res.country": {"name": _char(), "code": _char()},
    "res.country.state": {"name": _char(), "code": _char(), "country_id": _one("res.country")},
    "product.pricelist": {
        "name": _char(required=True),
        "currency_id": _one("res.currency", required=True),
        "company_id": _one("res.company"),
    },
    "account.payment.term": {"name": _char(required=True)},
    "account.tax": {"name": _char(required=True), "amount": _FLOAT, "type_tax_use": _char()},
    "uom.uom": {"name": _char(), "rounding": Field("float", given=0.01)},
    "product.product": {
        "name": _char(required=True),
        "default_code": _char(),
        "type": _char(given="consu"),
        "is_storable": Field("boolean"),
        "invoice_policy": _char(given="order"),
        "company_id": _one("res.company"),
        "tracking": _char(given="none"),
        "uom_id": _one("uom.uom", given=1),
        "property_stock_inventory": _one("stock.location", given=2),
        "active": _ACTIVE,
    },
    "res.partner": {
        "name": _char(required=True),
        "is_company": Field("boolean"),
        "type": _char(given="contact"),
        "parent_id": _one("res.partner"),
        "street": _char(),
        "street2": _char(),
        "city": _char(),
        "zip": _char(),
        "state_id": _one("res.country.state"),
        "country_id": _one("res.country"),
        "country_code": _char(),
        "email": _char(),
        "phone": _char(),
        "vat": _char(),
        "ref": _char(),
        "lang": Field("selection", given="en_US", choices=("en_US",)),
        "child_ids": Field("one2many", "res.partner", "parent_id"),
        "active": _ACTIVE,
    },
    "sale.order": {
        "name": _char(),
        "client_order_ref": _char(),
        "origin": _char(),
        "state": _char(given="draft"),
        "partner_id": _one("res.partner", required=True),
        "partner_invoice_id": _one("res.partner"),
        "partner_shipping_id": _one("res.partner"),
        "company_id": _one("res.company", given=1),
        "pricelist_id": _one("product.pricelist"),
        "payment_term_id": _one("account.payment.term"),
        "warehouse_id": _one("stock.warehouse", given=1),
        "date_order": _DATETIME,
        "note": Field("html"),
        "currency_id": _one("res.currency"),
        "amount_untaxed": Field("monetary"),
        "amount_tax": Field("monetary"),
        "amount_total": Field("monetary"),
        "invoice_status": _char(),
        "delivery_status": _char(),
        "order_line": Field("one2many", "sale.order.line", "order_id"),
        "picking_ids": Field("one2many", "stock.picking", "sale_id"),
        "invoice_ids": Field("many2many", "account.move"),
    },
    "sale.order.line": {
        "order_id": _one("sale.order", required=True),
        "product_id": _one("product.product"),
        "product_uom_id": _one("uom.uom", given=1),
        "name": _char(),
        "sequence": Field("integer", given=10),
        "product_uom_qty": Field("float", given=1.0),
        "price_unit": _FLOAT,
        "tax_ids": Field("many2many", "account.tax", given=[]),
        "price_subtotal": Field("monetary"),
        "qty_delivered": _FLOAT,
        "qty_invoiced": _FLOAT,
        "display_type": _char(),
    },
    "stock.warehouse": {
        "name": _char(required=True),
        "code": _char(required=True),
        "company_id": _one("res.company", given=1),
        "lot_stock_id": _one("stock.location"),
        "int_type_id": _one("stock.picking.type"),
        "in_type_id": _one("stock.picking.type"),
    },
    "stock.location": {
        "name": _char(),
        "complete_name": _char(),
        "usage": _char(),
        "warehouse_id": _one("stock.warehouse"),
    },
    "stock.quant": {
        "product_id": _one("product.product"),
        "location_id": _one("stock.location"),
        "quantity": _FLOAT,
        "reserved_quantity": _FLOAT,
    },
    "stock.picking.type": {"name": _char(), "warehouse_id": _one("stock.warehouse"), "code": _char()},
    "stock.picking": {
        "name": _char(),
        "state": _char(),
        "sale_id": _one("sale.order"),
        "picking_type_id": _one("stock.picking.type", required=True),
        "picking_type_code": _char(),
        "origin": _char(),
        "location_id": _one("stock.location"),
        "location_dest_id": _one("stock.location"),
        "move_type": _char(given="direct"),
        "move_ids": Field("one2many", "stock.move", "picking_id"),
    },
    "stock.move": {
        "name": _char(),
        "picking_id": _one("stock.picking"),
        "product_id": _one("product.product"),
        "product_uom": _one("uom.uom"),
        "product_uom_qty": _FLOAT,
        "quantity": _FLOAT,
        "sale_line_id": _one("sale.order.line"),
        "state": _char(),
        "picked": Field("boolean"),
        "to_refund": Field("boolean"),
        "location_id": _one("stock.location"),
        "location_dest_id": _one("stock.location"),
    },
    "account.move": {
        "name": _char(),
        "move_type": _char(),
        "state": _char(),
        "posted_before": Field("boolean"),
        "ref": _char(),
        "partner_id": _one("res.partner"),
        "company_id": _one("res.company", given=1),
        "currency_id": _one("res.currency"),
        "invoice_origin": _char(),
        "invoice_date": Field("date"),
        "reversed_entry_id": _one("account.move"),
        "amount_tax": Field("monetary"),
        "amount_total": Field("monetary"),
        "line_ids": Field("one2many", "account.move.line", "move_id"),
        "invoice_line_ids": Field("one2many", "account.move.line", "move_id"),
    },
    "account.move.line": {
        "name": _char(),
        "move_id": _one("account.move"),
        "display_type": _char(given="product"),
        "product_id": _one("product.product"),
        "quantity": _FLOAT,
        "price_unit": _FLOAT,
        "tax_ids": Field("many2many", "account.tax", given=[]),
        "price_subtotal": Field("monetary"),
        "sale_line_ids": Field("many2many", "sale.order.line", given=[]),
    },
}
for _fields in MODELS.values():
    _fields.update(_LOG)

SEED: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("res.currency", "base.USD", {"name": "USD", "active": True}),
    ("res.currency", "base.EUR", {"name": "EUR", "active": False}),
    ("res.currency", "base.JPY", {"name": "JPY", "active": False, "rounding": 1.0}),
    ("res.currency", "base.KWD", {"name": "KWD", "active": False, "rounding": 0.001}),
    (
        "res.company",
        "base.main_company",
        {
            "name": "My Company",
            "currency_id": 1,
            "tax_calculation_rounding_method": "round_globally",
            "is_open_to_shop": True,
        },
    ),
    ("res.country", "base.de", {"name": "Germany", "code": "DE"}),
    ("res.country", "base.uk", {"name": "United Kingdom", "code": "GB"}),
    ("res.country", "base.us", {"name": "United States", "code": "US"}),
    ("res.country", "base.fr", {"name": "France", "code": "FR"}),
    ("res.country.state", "base.state_us_5", {"name": "California", "code": "CA", "country_id": 3}),
    ("uom.uom", "uom.product_uom_unit", {"name": "Units"}),
    (
        "stock.location",
        "stock.stock_location_stock",
        {"name": "Stock", "complete_name": "WH/Stock", "usage": "internal", "warehouse_id": 1},
    ),
    (
        "stock.location",
        "stock.location_inventory",
        {"name": "Inventory adjustment", "complete_name": "Inventory adjustment", "usage": "inventory"},
    ),
    (
        "stock.location",
        "stock.stock_location_customers",
        {"name": "Customers", "complete_name": "Customers", "usage": "customer"},
    ),
    (
        "stock.warehouse",
        "stock.warehouse0",
        {"name": "My Company", "code": "WH", "lot_stock_id": 1, "int_type_id": 2, "in_type_id": 3},
    ),
    (
        "stock.picking.type",
        "stock.picking_type_out",
        {"name": "Delivery Orders", "warehouse_id": 1, "code": "outgoing"},
    ),
    (
        "stock.picking.type",
        "stock.picking_type_internal",
        {"name": "Internal Transfers", "warehouse_id": 1, "code": "internal"},
    ),
    (
        "stock.picking.type",
        "stock.picking_type_in",
        {"name": "Receipts", "warehouse_id": 1, "code": "incoming"},
    ),
)
"""Model, external identifier, values; keys count from 1 in each model."""
