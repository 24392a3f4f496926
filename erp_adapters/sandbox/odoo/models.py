"""The contract, reduced: models, their fields, and the records that a new database has."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Field:
    """One field; `inverse` names the field of the other model for one2many, `given` what a new record has."""

    type: str
    relation: str = ""
    inverse: str = ""
    required: bool = False
    given: Any = False


def _char(**more: Any) -> Field:  # noqa: ANN401 -- what Field takes
    return Field("char", **more)


def _one(relation: str, **more: Any) -> Field:  # noqa: ANN401 -- what Field takes
    return Field("many2one", relation, **more)


_DATETIME: Final = Field("datetime")
_FLOAT: Final = Field("float", given=0.0)
_LOG: Final = {"id": Field("integer"), "create_date": _DATETIME, "write_date": _DATETIME}

MODELS: Final[dict[str, dict[str, Field]]] = {
    "res.company": {
        "name": _char(),
        "currency_id": _one("res.currency"),
        "tax_calculation_rounding_method": _char(),
    },
    "res.currency": {"name": _char(), "active": Field("boolean", given=True)},
    "res.country": {"name": _char(), "code": _char()},
    "res.country.state": {"name": _char(), "code": _char(), "country_id": _one("res.country")},
    "product.pricelist": {"name": _char(required=True), "currency_id": _one("res.currency", required=True)},
    "account.payment.term": {"name": _char(required=True)},
    "account.tax": {"name": _char(required=True), "amount": _FLOAT, "type_tax_use": _char()},
    "uom.uom": {"name": _char()},
    "product.product": {
        "name": _char(required=True),
        "default_code": _char(),
        "type": _char(given="consu"),
        "is_storable": Field("boolean"),
        "invoice_policy": _char(given="order"),
        "company_id": _one("res.company"),
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
    "stock.warehouse": {"name": _char(), "code": _char()},
    "stock.picking.type": {"name": _char(), "warehouse_id": _one("stock.warehouse"), "code": _char()},
    "stock.picking": {
        "name": _char(),
        "state": _char(),
        "sale_id": _one("sale.order"),
        "picking_type_id": _one("stock.picking.type"),
        "picking_type_code": _char(),
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
    },
    "account.move": {
        "name": _char(),
        "move_type": _char(),
        "state": _char(),
        "posted_before": Field("boolean"),
        "ref": _char(),
        "currency_id": _one("res.currency"),
        "amount_total": Field("monetary"),
        "line_ids": Field("one2many", "account.move.line", "move_id"),
    },
    "account.move.line": {
        "name": _char(),
        "move_id": _one("account.move"),
        "display_type": _char(),
        "quantity": _FLOAT,
        "price_subtotal": Field("monetary"),
        "sale_line_ids": Field("many2many", "sale.order.line", given=[]),
    },
}
for _fields in MODELS.values():
    _fields.update(_LOG)

SEED: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("res.currency", "base.USD", {"name": "USD", "active": True}),
    ("res.currency", "base.EUR", {"name": "EUR", "active": False}),
    (
        "res.company",
        "base.main_company",
        {"name": "My Company", "currency_id": 1, "tax_calculation_rounding_method": "round_globally"},
    ),
    ("res.country", "base.de", {"name": "Germany", "code": "DE"}),
    ("res.country", "base.uk", {"name": "United Kingdom", "code": "GB"}),
    ("res.country", "base.us", {"name": "United States", "code": "US"}),
    ("res.country", "base.fr", {"name": "France", "code": "FR"}),
    ("res.country.state", "base.state_us_5", {"name": "California", "code": "CA", "country_id": 3}),
    ("uom.uom", "uom.product_uom_unit", {"name": "Units"}),
    ("stock.warehouse", "stock.warehouse0", {"name": "My Company", "code": "WH"}),
    (
        "stock.picking.type",
        "stock.picking_type_out",
        {"name": "Delivery Orders", "warehouse_id": 1, "code": "outgoing"},
    ),
)
"""Model, external identifier, values; keys count from 1 in each model."""
