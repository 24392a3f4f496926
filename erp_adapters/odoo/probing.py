"""Asking Odoo who it is and whether we may; changes nothing there."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from erp_adapters.odoo.books import LINE_FIELDS, ORDER_FIELDS
from erp_adapters.odoo.contacts import COLUMNS
from erp_adapters.odoo.door import Door, Refused, Reply, Said
from erp_adapters.odoo.following import DELIVERY_FIELDS, INVOICE_FIELDS, INVOICE_LINE_FIELDS, MOVE_FIELDS
from erp_adapters.odoo.refunds import REFUND_FIELDS, REFUND_LINE_FIELDS
from erp_adapters.odoo.stock import PRODUCT_FIELDS, TRANSFER_FIELDS, TRANSFER_MOVE_FIELDS, WAREHOUSE_FIELDS
from erp_adapters.odoo.terms import OdooTerms
from sidecar.domain.contract import digest_of
from sidecar.domain.documents import Health
from sidecar.transport import NoAnswer

_WRITTEN: Final = (
    "client_order_ref", "origin", "company_id", "pricelist_id", "date_order", "note", "payment_term_id", "warehouse_id",
)  # fmt: skip
_WRITTEN_LINES: Final = ("sequence", "name", "price_unit", "tax_ids")
_WRITTEN_TRANSFERS: Final = ("picking_type_id", "location_id", "location_dest_id", "move_type", "move_ids")
_WRITTEN_MOVES: Final = ("product_uom_qty", "location_id", "to_refund")
_WRITTEN_NOTES: Final = (
    "move_type", "posted_before", "line_ids", "invoice_line_ids", "partner_id", "company_id", "invoice_date",
    "reversed_entry_id",
)  # fmt: skip
_WRITTEN_NOTE_LINES: Final = ("name", "price_unit", "tax_ids")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sale.order": (*ORDER_FIELDS, *_WRITTEN),
    "sale.order.line": (*LINE_FIELDS, *_WRITTEN_LINES),
    "res.partner": (*(name.partition("/")[0] for name in COLUMNS if name != "id"), "lang", "active"),
    "product.product": PRODUCT_FIELDS,
    "uom.uom": ("rounding",),
    "stock.warehouse": (*WAREHOUSE_FIELDS, "in_type_id"),
    "stock.location": ("usage", "warehouse_id"),
    "stock.quant": ("product_id", "location_id", "quantity", "reserved_quantity"),
    "stock.picking": tuple({*DELIVERY_FIELDS, *TRANSFER_FIELDS, *_WRITTEN_TRANSFERS, "picking_type_code"}),
    "stock.move": tuple({*MOVE_FIELDS, *TRANSFER_MOVE_FIELDS, *_WRITTEN_MOVES}),
    "account.move": tuple({*INVOICE_FIELDS, *REFUND_FIELDS, *_WRITTEN_NOTES}),
    "account.move.line": tuple({*INVOICE_LINE_FIELDS, *REFUND_LINE_FIELDS, *_WRITTEN_NOTE_LINES, "display_type"}),
}
"""Every field that the adapter names: what it rests on of an Odoo."""

RIGHTS: Final = (
    ("sale.order", "create"), ("sale.order", "write"), ("sale.order.line", "create"), ("sale.order.line", "unlink"),
    ("res.partner", "create"), ("res.partner", "write"), ("product.product", "read"), ("stock.quant", "read"),
    ("stock.picking", "create"), ("stock.move", "create"), ("account.move", "create"), ("account.move", "write"),
)  # fmt: skip


def probe(door: Door, terms: OdooTerms, custom_fields: tuple[str, ...], ends_at: float) -> Health:
    """What an operator should know: version, clock, rights, and fields that are missing."""
    version = door.version(ends_at)
    if isinstance(version, NoAnswer):
        return Health(reachable=False, problems=(f"Odoo does not answer: {version.words}",))
    number, skew = version
    if not number:
        return Health(reachable=True, problems=("what answers there is not Odoo 19",))
    company = door.call("res.company", "read", _company(terms), ends_at)
    refusal = _refusal(company, "the company")
    if refusal:
        return Health(reachable=True, product=f"Odoo {number}", clock_skew=skew, problems=(refusal,))
    problems = [*_rights(door, ends_at)]
    more = {"sale.order": custom_fields, "res.partner": (terms.customer_field,)}
    contract, missing = _terms(door, more, ends_at)
    product = f"Odoo {number}, {_rounding(company)}, contract {digest_of(contract)[:12]}"
    return Health(reachable=True, product=product, clock_skew=skew, problems=(*problems, *missing), terms=contract)


def _company(terms: OdooTerms) -> dict[str, object]:
    return {"ids": [terms.company], "fields": ["tax_calculation_rounding_method"]}


def _refusal(reply: Reply, what: str) -> str:
    match reply:
        case Said():
            return ""
        case NoAnswer(reason=reason):
            return f"Odoo did not answer for {what}: {reason}"
        case Refused(status, name, words):
            return f"Odoo answered for {what} with {status} {name}: {words}; check the credential and its user's rights"


def _rounding(company: Reply) -> str:
    """Odoo computes taxes again: where it rounds them is where its totals may part from Magento's by a cent."""
    match company:
        case Said([{"tax_calculation_rounding_method": "round_per_line"}]):
            return "taxes rounded per line"
        case Said([{"tax_calculation_rounding_method": "round_globally"}]):
            return "taxes rounded per order"
        case _:
            return "taxes rounded nobody knows where"


def _rights(door: Door, ends_at: float) -> Iterator[str]:
    for model, operation in RIGHTS:
        reply = door.call(model, "has_access", {"ids": [], "operation": operation}, ends_at)
        refusal = _refusal(reply, model)
        if refusal:
            yield refusal
        elif isinstance(reply, Said) and reply.value is not True:
            yield f"the credential's user may not {operation} {model}; give it the groups that the README names"


def _terms(door: Door, more: Mapping[str, tuple[str, ...]], ends_at: float) -> tuple[dict[str, str], list[str]]:
    """Type, target and writability of every field in use, and what is missing; no terms where not all could be read."""
    terms: dict[str, str] = {}
    problems: list[str] = []
    for model, names in FIELDS.items():
        wanted = sorted({*names, *more.get(model, ())})
        asked = {"allfields": wanted, "attributes": ["type", "relation", "readonly", "required", "digits"]}
        reply = door.call(model, "fields_get", asked, ends_at)
        refusal = _refusal(reply, model)
        known = reply.value if isinstance(reply, Said) and isinstance(reply.value, Mapping) else {}
        missing = [name for name in wanted if name not in known]
        if refusal:
            return {}, [*problems, refusal]
        if missing:
            problems.append(f"Odoo's {model} has no field {', '.join(missing)}")
        terms |= {f"{model}.{name}": json.dumps(known[name], sort_keys=True) for name in wanted if name in known}
    return terms, problems
