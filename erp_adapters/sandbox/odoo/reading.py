"""Reading: fields as Odoo shows them, those that it computes included, and searches by domain."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erp_adapters.sandbox.odoo.ledger import Record, Transaction
from erp_adapters.sandbox.odoo.models import MODELS
from erp_adapters.sandbox.odoo.refusals import value_error

CENT = Decimal("0.01")


def money(value: Decimal, step: Decimal = CENT) -> Decimal:
    """To the next step, halves away from zero."""
    return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def exact(value: float | str) -> Decimal:
    """A float as people read it."""
    return Decimal(str(value))


def lines_of(work: Transaction, order: int) -> list[Record]:
    """An order's lines, in their order."""
    lines = [line for line in work.all("sale.order.line") if line["order_id"] == order]
    return sorted(lines, key=lambda line: (line["sequence"], line["id"]))


def step_of(work: Transaction, currency: int) -> Decimal:
    """What amounts of a currency are rounded to."""
    return exact(work.get("res.currency", currency)["rounding"])


def subtotal(work: Transaction, line: Record) -> Decimal:
    """What an order's line costs without tax."""
    step = step_of(work, _currency(work, work.get("sale.order", line["order_id"])))
    return money(exact(line["product_uom_qty"]) * exact(line["price_unit"]), step)


def charged(work: Transaction, line: Record) -> Decimal:
    """What an invoice's line costs without tax."""
    step = step_of(work, work.get("account.move", line["move_id"])["currency_id"])
    return money(exact(line["quantity"]) * exact(line["price_unit"]), step)


def tax_of(
    work: Transaction, bases: Sequence[tuple[Decimal, Sequence[int]]], company: int, step: Decimal = CENT
) -> Decimal:
    """Taxes as the company rounds them: each tax's bases are added up, then rounded; or rounded line by line."""
    per_line = work.get("res.company", company)["tax_calculation_rounding_method"] == "round_per_line"
    sums: dict[int, Decimal] = {}
    for base, taxes in bases:
        for tax in taxes:
            part = base * exact(work.get("account.tax", tax)["amount"]) / 100
            sums[tax] = sums.get(tax, Decimal(0)) + (money(part, step) if per_line else part)
    return sum((money(part, step) for part in sums.values()), Decimal(0))


def _untaxed(work: Transaction, order: Record) -> Decimal:
    return sum((subtotal(work, line) for line in lines_of(work, order["id"])), Decimal(0))


def _tax(work: Transaction, order: Record) -> Decimal:
    bases = [(subtotal(work, line), line["tax_ids"]) for line in lines_of(work, order["id"])]
    return tax_of(work, bases, order["company_id"], step_of(work, _currency(work, order)))


def _move_untaxed(work: Transaction, move: Record) -> Decimal:
    return sum((charged(work, line) for line in _lines_of_move(work, move)), Decimal(0))


def _move_tax(work: Transaction, move: Record) -> Decimal:
    bases = [(charged(work, line), line["tax_ids"]) for line in _lines_of_move(work, move)]
    return tax_of(work, bases, move["company_id"], step_of(work, move["currency_id"]))


def _lines_of_move(work: Transaction, move: Record) -> list[Record]:
    return [line for line in work.all("account.move.line") if line["move_id"] == move["id"]]


def _currency(work: Transaction, order: Record) -> int:
    if order["pricelist_id"]:
        return int(work.get("product.pricelist", order["pricelist_id"])["currency_id"])
    return int(work.get("res.company", order["company_id"])["currency_id"])


def _delivery_status(work: Transaction, order: Record) -> str | bool:
    states = {one["state"] for one in work.all("stock.picking") if one["sale_id"] == order["id"]} - {"cancel"}
    if not states:
        return False
    return "full" if states == {"done"} else "partial" if "done" in states else "pending"


def _invoice_status(work: Transaction, order: Record) -> str:
    lines = lines_of(work, order["id"])
    if order["state"] != "sale" or not lines:
        return "no"
    done = all(invoiced(work, line["id"]) >= line["product_uom_qty"] for line in lines)
    return "invoiced" if done else "to invoice"


def invoiced(work: Transaction, sale_line: int) -> float:
    """What stands on invoices that are not cancelled, less what was credited."""
    total = Decimal(0)
    for line in work.all("account.move.line"):
        if sale_line in line["sale_line_ids"]:
            move = work.get("account.move", line["move_id"])
            sign = 0 if move["state"] == "cancel" else 1 if move["move_type"] == "out_invoice" else -1
            total += sign * exact(line["quantity"])
    return float(total)


def delivered(work: Transaction, sale_line: int) -> float:
    """What has left, less what came back to be refunded."""
    total = Decimal(0)
    for move in work.all("stock.move"):
        if move["sale_line_id"] == sale_line and move["state"] == "done":
            total += exact(move["quantity"]) * (-1 if move["to_refund"] else 1)
    return float(total)


def _invoices(work: Transaction, order: Record) -> list[int]:
    ours = {line["id"] for line in lines_of(work, order["id"])}
    return sorted({line["move_id"] for line in work.all("account.move.line") if ours & set(line["sale_line_ids"])})


def _country(work: Transaction, partner: Record) -> str | bool:
    return str(work.get("res.country", partner["country_id"])["code"]) if partner["country_id"] else False


COMPUTED: dict[tuple[str, str], Callable[[Transaction, Record], Any]] = {
    ("sale.order", "amount_untaxed"): lambda work, order: float(_untaxed(work, order)),
    ("sale.order", "amount_tax"): lambda work, order: float(_tax(work, order)),
    ("sale.order", "amount_total"): lambda work, order: float(_untaxed(work, order) + _tax(work, order)),
    ("sale.order", "currency_id"): _currency,
    ("sale.order", "delivery_status"): _delivery_status,
    ("sale.order", "invoice_status"): _invoice_status,
    ("sale.order", "invoice_ids"): _invoices,
    ("sale.order.line", "price_subtotal"): lambda work, line: float(subtotal(work, line)),
    ("sale.order.line", "qty_delivered"): lambda work, line: delivered(work, line["id"]),
    ("sale.order.line", "qty_invoiced"): lambda work, line: invoiced(work, line["id"]),
    ("account.move", "amount_tax"): lambda work, move: float(_move_tax(work, move)),
    ("account.move", "amount_total"): lambda work, move: float(_move_untaxed(work, move) + _move_tax(work, move)),
    ("account.move.line", "price_subtotal"): lambda work, line: float(charged(work, line)),
    ("res.partner", "country_code"): _country,
}


def value_of(work: Transaction, model: str, record: Record, name: str) -> Any:  # noqa: ANN401 -- any type of field
    """A field's value as it is kept or computed: keys for relations."""
    must_have(model, [name])
    field = MODELS[model][name]
    if (model, name) in COMPUTED:
        return COMPUTED[model, name](work, record)
    if field.type == "one2many":
        return [one["id"] for one in work.all(field.relation) if one[field.inverse] == record["id"]]
    if name in ("create_date", "write_date"):
        return shown(record[name.replace("date", "us")])
    return record.get(name, field.given)


def shown(at_us: int) -> str:
    """An instant to the second, which is all that is told of it."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def read(work: Transaction, model: str, record: Record, names: Sequence[str]) -> Record:
    """A record as `read()` returns it: relations to one are a key and a name."""
    told: Record = {"id": record["id"]}
    for name in names:
        value = value_of(work, model, record, name)
        field = MODELS[model][name]
        if field.type == "many2one" and value:
            value = [value, display_name(work, field.relation, value)]
        told[name] = False if value is None else value
    return told


def display_name(work: Transaction, model: str, key: int) -> str:
    """What people see of a record."""
    record = work.get(model, key)
    if model == "product.product" and record["default_code"]:
        return f"[{record['default_code']}] {record['name']}"
    return str(record.get("name") or f"{model},{key}")


def search(work: Transaction, model: str, domain: Sequence[Any], *, archived: bool = False) -> list[Record]:
    """The records that fit, those that are archived only where they are asked for; a strange field is refused first."""
    for term in domain:
        if term not in ("|", "&"):
            _must_be_known(model, term)
    shown_ones = (record for record in work.all(model) if archived or record.get("active") is not False)
    return [record for record in shown_ones if _fits(work, model, record, domain)]


def _fits(work: Transaction, model: str, record: Record, domain: Sequence[Any]) -> bool:
    stack: list[bool] = []
    for term in reversed(domain):
        if term in ("|", "&"):
            left, right = stack.pop(), stack.pop()
            stack.append(left or right if term == "|" else left and right)
        else:
            stack.append(_holds(work, model, record, term))
    return all(stack)


def _holds(work: Transaction, model: str, record: Record, term: Sequence[Any]) -> bool:
    path, operator, wanted = term
    found = list(_values(work, model, record, path.split(".")))
    match operator:
        case "=":
            return wanted in found if wanted is not False else not any(found)
        case "!=":
            return wanted not in found if wanted is not False else any(found)
        case "in":
            return any(value in wanted for value in found)
        case "not in":
            return not any(value in wanted for value in found)
        case ">=" if path == "write_date":
            return shown(record["write_us"]) >= str(wanted)
        case ">" if path == "id":
            return bool(record["id"] > wanted)
        case "=like":
            pattern = _pattern(str(wanted))
            return any(isinstance(value, str) and pattern.fullmatch(value) for value in found)
        case "=ilike":
            return any(isinstance(value, str) and value.lower() == wanted.lower() for value in found)
        case _:
            raise value_error(f"Invalid operator {operator!r} in condition {tuple(term)!r}")


def must_have(model: str, names: Sequence[str]) -> None:
    """Refuse fields that a model does not have, whether or not there is a record to read."""
    for name in names:
        if name not in MODELS[model]:
            raise value_error(f"Invalid field {name!r} on {model!r}")


def _must_be_known(model: str, term: Sequence[Any]) -> None:
    for name in str(term[0]).split("."):
        if name not in MODELS[model]:
            raise value_error(f"Invalid field {model}.{name} in condition {tuple(term)!r}")
        model = MODELS[model][name].relation or model


def _values(work: Transaction, model: str, record: Record, path: Sequence[str]) -> Iterator[Any]:
    name, *rest = path
    value = value_of(work, model, record, name)
    each = value if isinstance(value, list) else [value]
    if not rest:
        yield from each
        return
    relation = MODELS[model][name].relation
    for key in each:
        if key:
            yield from _values(work, relation, work.get(relation, key), rest)


def _pattern(like: str) -> re.Pattern[str]:
    """PostgreSQL's LIKE: % is anything, _ a character, and a backslash takes the next one as it is."""
    parts = re.findall(r"\\(.)|(%)|(_)|(.)", like, flags=re.DOTALL)
    written = (".*" if many else "." if one else re.escape(escaped or plain) for escaped, many, one, plain in parts)
    return re.compile("".join(written), re.DOTALL)
