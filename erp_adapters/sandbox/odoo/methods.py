"""The methods that can be called, each with the arguments that it knows."""

from collections.abc import Callable, Mapping
from typing import Any

from erp_adapters.sandbox.odoo import orders, stock
from erp_adapters.sandbox.odoo.ledger import Record, Transaction
from erp_adapters.sandbox.odoo.loading import Mode, load
from erp_adapters.sandbox.odoo.models import MODELS
from erp_adapters.sandbox.odoo.reading import display_name, must_have, read, search, shown
from erp_adapters.sandbox.odoo.refusals import access_error, not_found, unprocessable, value_error

Arguments = dict[str, Any]
Method = Callable[[Transaction, str, Arguments, Mapping[str, Any]], Any]


class NothingKept(Exception):
    """An answer of a call whose writes are undone."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer


def call(work: Transaction, model: str, method: str, arguments: Arguments) -> Any:  # noqa: ANN401 -- any method's value
    """Run a method; raise Refusal as Odoo does, or NothingKept for an answer without effects."""
    if model not in MODELS:
        raise not_found(f"the model {model!r} does not exist")
    if method.startswith("_"):
        raise access_error(f"Private methods (such as '{model}.{method}') cannot be called remotely.")
    known = METHODS.get((model, method)) or METHODS.get(("", method))
    if known is None:
        raise not_found(f"The method '{model}.{method}' does not exist")
    names, run = known
    arguments = dict(arguments)
    context = arguments.pop("context", {})
    strange = sorted(arguments.keys() - names)
    if strange:
        raise unprocessable(f"got an unexpected keyword argument {strange[0]!r}")
    for company in context.get("allowed_company_ids", []):
        if not (work.find("res.company", company) or {}).get("is_open_to_shop"):
            raise access_error("Access to unauthorized or invalid companies.")
    return run(work, model, arguments, context)


def _load(work: Transaction, model: str, arguments: Arguments, context: Mapping[str, Any]) -> Record:
    if not _has_access(work, model, {"operation": "create"}, context):
        words = f"You are not allowed to create '{model}' ({model}) records.\n\nContact your administrator."
        raise NothingKept({"ids": False, "messages": [{"type": "error", "message": words}], "nextrow": 0})
    keys, messages = load(work, model, arguments["fields"], arguments["data"], Mode.of(context))
    if messages:
        raise NothingKept({"ids": False, "messages": messages, "nextrow": 0})
    return {"ids": keys, "messages": [], "nextrow": 0}


def _search_read(work: Transaction, model: str, arguments: Arguments, context: Mapping[str, Any]) -> list[Record]:
    must_have(model, arguments["fields"])
    found = _found(work, model, arguments, context)
    return [read(work, model, record, arguments["fields"]) for record in found]


def _found(work: Transaction, model: str, arguments: Arguments, context: Mapping[str, Any]) -> list[Record]:
    found = search(work, model, arguments.get("domain", []), archived=context.get("active_test") is False)
    allowed = context.get("allowed_company_ids")
    if allowed:  # what belongs to no company is everybody's
        found = [record for record in found if not record.get("company_id") or record["company_id"] in allowed]
    order = arguments.get("order", "id")
    if order not in ("id", "id desc", "sequence", "write_date, id"):
        raise value_error(f"an order that this sandbox does not know: {order!r}")
    field = order.partition(",")[0].removesuffix(" desc").replace("write_date", "write_us")
    found.sort(key=lambda record: (record[field], record["id"]), reverse=order.endswith("desc"))
    begin = arguments.get("offset", 0)
    limit = arguments.get("limit")
    return found[begin : None if limit is None else begin + limit]


def _read(work: Transaction, model: str, arguments: Arguments, _: Mapping[str, Any]) -> list[Record]:
    records = [record for key in arguments["ids"] if (record := work.find(model, key)) is not None]
    return [read(work, model, record, arguments["fields"]) for record in records]


def _get_metadata(work: Transaction, model: str, arguments: Arguments, _: Mapping[str, Any]) -> list[Record]:
    told = []
    for key in arguments["ids"]:
        record = work.get(model, key)
        names = [{"xmlid": n, "noupdate": one.noupdate} for n, one in work.names_of(model, key).items()]
        first = names[0] if names else {"xmlid": False, "noupdate": False}
        told.append({"id": key, "write_date": shown(record["write_us"]), "xmlids": names, **first})
    return told


def _fields_get(_: Transaction, model: str, arguments: Arguments, __: Mapping[str, Any]) -> Record:
    wanted = arguments.get("allfields") or list(MODELS[model])
    told = {name: MODELS[model][name] for name in wanted if name in MODELS[model]}
    return {
        name: {
            "type": field.type,
            "required": field.required,
            **({"relation": field.relation} if field.relation else {}),
        }
        for name, field in told.items()
    }


def _has_access(work: Transaction, model: str, arguments: Arguments, _: Mapping[str, Any]) -> bool:
    """What people have not taken from the shop's user, it may."""
    taken = ((record["model"], record["operation"]) for record in work.all("ir.model.access"))
    return (model, arguments["operation"]) not in taken


def _take_right(work: Transaction, told: Arguments) -> int:
    return work.create("ir.model.access", {"model": told["model"], "operation": told["operation"]})


def _give_right(work: Transaction, told: Arguments) -> int:
    work.unlink("ir.model.access", told["right"])
    return int(told["right"])


def _let_in(work: Transaction, told: Arguments) -> int:
    work.write("res.company", told["company"], {"is_open_to_shop": True})
    return int(told["company"])


def _write(work: Transaction, model: str, arguments: Arguments, _: Mapping[str, Any]) -> bool:
    _must_know(model, arguments["vals"])
    for key in arguments["ids"]:
        work.write(model, key, arguments["vals"])
        if model == "sale.order.line":
            work.write("sale.order", work.get(model, key)["order_id"], {})
    return True


def _create(work: Transaction, model: str, arguments: Arguments, _: Mapping[str, Any]) -> list[int]:
    for values in arguments["vals_list"]:
        _must_know(model, values)
    return [work.create(model, values) for values in arguments["vals_list"]]


def _must_know(model: str, values: Record) -> None:
    for name in values:
        if name not in MODELS[model]:
            raise value_error(f"Invalid field {name!r} in {model!r}")


def _copy(work: Transaction, model: str, arguments: Arguments, _: Mapping[str, Any]) -> list[int]:
    """A quotation with the same lines; neither its reference nor its external identifiers are copied."""
    made = []
    for key in arguments["ids"]:
        values = {**work.get(model, key), "client_order_ref": False, "state": "draft"}
        copied = work.create(model, values)
        work.write(model, copied, {"name": f"S{copied:05}"})
        for line in [line for line in work.all("sale.order.line") if line["order_id"] == key]:
            work.create("sale.order.line", {**line, "order_id": copied})
        made.append(copied)
    return made


def _post(work: Transaction, _: str, arguments: Arguments, __: Mapping[str, Any]) -> bool:
    for key in arguments["ids"]:
        orders.post(work, key)
    return False


def _grouped(work: Transaction, model: str, arguments: Arguments, _: Mapping[str, Any]) -> list[Record]:
    wanted = (["product_id", "location_id"], ["quantity:sum", "reserved_quantity:sum"])
    if (arguments.get("groupby"), arguments.get("aggregates")) != wanted:
        raise value_error("a grouping that this sandbox does not know")
    quants = search(work, model, arguments.get("domain", []))
    names = {of: {record["id"]: display_name(work, of, record["id"]) for record in work.all(of)} for of in _NAMED}
    return stock.grouped(quants, names)


def _put(work: Transaction, told: Arguments) -> int:
    place = work.get("stock.warehouse", told["warehouse"])["lot_stock_id"]
    return stock.put(work, told["product"], place, float(told["quantity"]))


def _take_back(work: Transaction, told: Arguments) -> int:
    orders.take_back(work, told["move"])
    return int(told["move"])


def _on_each(effect: Callable[[Transaction, int], None]) -> Method:
    def run(work: Transaction, model: str, arguments: Arguments, _: Mapping[str, Any]) -> bool:
        for key in arguments["ids"]:
            work.get(model, key)
            effect(work, key)
        return True

    return run


_SEARCH = frozenset({"domain", "fields", "offset", "limit", "order"})
_IDS = frozenset({"ids"})
_NAMED = ("product.product", "stock.location")
METHODS: dict[tuple[str, str], tuple[frozenset[str], Method]] = {
    ("", "load"): (frozenset({"fields", "data"}), _load),
    ("", "search_read"): (_SEARCH, _search_read),
    ("", "search"): (_SEARCH, lambda w, m, a, c: [record["id"] for record in _found(w, m, a, c)]),
    ("", "search_count"): (frozenset({"domain"}), lambda w, m, a, _: len(search(w, m, a["domain"]))),
    ("", "read"): (frozenset({"ids", "fields"}), _read),
    ("", "get_metadata"): (_IDS, _get_metadata),
    ("", "fields_get"): (frozenset({"allfields", "attributes"}), _fields_get),
    ("", "has_access"): (frozenset({"ids", "operation"}), _has_access),
    ("stock.quant", "formatted_read_group"): (frozenset({"domain", "groupby", "aggregates"}), _grouped),
    ("stock.picking", "button_validate"): (_IDS, _on_each(stock.validate)),
    ("stock.picking", "action_cancel"): (_IDS, _on_each(stock.cancel)),
    ("account.move", "action_post"): (_IDS, _post),
    ("", "write"): (frozenset({"ids", "vals"}), _write),
    ("", "create"): (frozenset({"vals_list"}), _create),
    ("sale.order", "copy"): (_IDS, _copy),
    ("sale.order", "action_confirm"): (_IDS, _on_each(orders.confirm)),
    ("sale.order", "action_cancel"): (_IDS, _on_each(orders.cancel)),
    ("sale.order.line", "unlink"): (_IDS, _on_each(orders.unlink_line)),
}
"""By model and method; those of no model are every model's."""

PEOPLE: dict[str, Callable[[Transaction, Arguments], int]] = {
    "deliver": lambda work, told: orders.deliver(work, told["order"], told.get("quantities")),
    "invoice": lambda work, told: orders.invoice(work, told["order"]),
    "credit": lambda work, told: orders.credit(work, told["invoice"]),
    "take_back": _take_back,
    "put": _put,
    "take_right": _take_right,
    "give_right": _give_right,
    "let_in": _let_in,
}
"""What people do in Odoo's screens, in one step each."""
