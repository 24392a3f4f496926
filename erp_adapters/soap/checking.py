"""Holding a profile against its WSDL: operations, the names in templates, what expressions can find, money."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from erp_adapters.mapping import Expression, Node
from erp_adapters.mapping.template import Code, Constant, Each, Listing, Properties, Value, When, With
from erp_adapters.profiled.form import Part
from erp_adapters.profiled.listings import DocumentReading
from erp_adapters.profiled.readings import Header, Reading
from erp_adapters.soap.profile import Called, Profile, Search, StockRead
from erp_adapters.soap.shapes import Shape, sample
from erp_adapters.soap.wsdl import XSI_TYPE, Contract
from sidecar.configuration import Problem, listed


def problems_of(profile: Profile, contract: Contract) -> Iterator[Problem]:
    """Everything that can be seen without asking the ERP."""
    for name in type(profile.operations).model_fields:
        called: Called | None = getattr(profile.operations, name)
        if called is None:
            continue
        at = f"operations.{name}"
        if called.operation not in contract.operations:
            allowed = _nearest(called.operation, contract.operations)
            yield Problem(f"{at}.operation", f"{called.operation!r}, which the port does not have", allowed)
            continue
        shape = contract.input_shape(called.operation)
        yield from _Templates(contract).problems(called.arguments, shape, f"{at}.arguments")
        yield from _replies(profile, name, called, sample(contract.output_shape(called.operation)), at)


class _Templates:
    """Holds templates against the shapes of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def problems(self, node: Node, shape: Shape, at: str) -> Iterator[Problem]:
        """What of a template can never become what the shape says."""
        match node:
            case Properties(nodes):
                yield from self._table(nodes, shape, at)
            case Each(_, item) | With(_, item) | When(_, item):
                yield from self.problems(item, shape, at)
            case Listing(nodes):
                for place, child in enumerate(nodes):
                    yield from self.problems(child, shape, f"{at}[{place}]")
            case Value(kind="decimal") if shape.kind == "float":
                yield Problem(
                    at, "money or a quantity in an xsd:double", "xsd:decimal or a text: a double has no cents"
                )
            case Code() if shape.kind == "element" and shape.fields:
                yield Problem(at, "a value", f"a table: the WSDL has {listed(shape.fields)} here")
            case Value() | Code() | Constant():
                pass

    def _table(self, nodes: Mapping[str, Node], shape: Shape, at: str) -> Iterator[Problem]:
        """A table against an element; `xsi:type` names the type that stands in an abstract one's place."""
        named = nodes.get(XSI_TYPE)
        if isinstance(named, Constant):
            instead = self._contract.named_shape(str(named.value))
            if instead is None:
                yield Problem(f"{at}.{XSI_TYPE}", repr(named.value), "a type of the WSDL as {namespace}Name")
                return
            shape = instead
        if shape.kind != "element":
            yield Problem(at, "a table", f"a value: the WSDL has a {shape.kind} here")
            return
        for name, child in nodes.items():
            if name in shape.fields:
                yield from self.problems(child, shape.fields[name].shape, f"{at}.{name}")
            elif not name.startswith("_value_") and name != XSI_TYPE and not shape.open:
                yield Problem(f"{at}.{name}", "a name that the WSDL does not have", _nearest(name, shape.fields))
        if any(name.startswith("_value_") for name in nodes):
            return  # zeep's name for what has none, such as text beside attributes
        for name, field in shape.fields.items():
            if field.required and name not in nodes:
                yield Problem(f"{at}.{name}", "nothing", "a template: the WSDL requires it")


def _replies(profile: Profile, name: str, called: Called, reply: object, at: str) -> Iterator[Problem]:
    yield from _expressions(called, reply, at)
    if isinstance(called, StockRead):
        row = _first(_search(called.levels.each, reply))
        yield from _expressions(called.levels, row, f"{at}.levels", but=("each",))
    documents = getattr(called, "documents", None) or getattr(called, "document", None)
    if documents is None:
        return
    found = _search(documents, reply)
    one = _first(found)
    readings: dict[str, Header | DocumentReading | None] = {
        "find": profile.order,
        "read": profile.order,
        "list": profile.order,
        "refund_find": profile.refund,
        "customer_find": profile.customer,
        "stock_find": profile.movement,
        "deliveries": profile.delivery,
        "invoices": profile.invoice,
        "credit_memos": profile.credit_memo,
    }
    reading = readings.get(name)
    if one is None or reading is None:
        return
    if isinstance(called, Search) and not isinstance(found, list):
        yield Problem(f"{at}.documents", f"{documents.text}, which is no list", "a list: the documents that are found")
    at = next(key for key, value in profile if value is reading)
    yield from _expressions(reading, one, at)
    if not isinstance(reading, Reading | DocumentReading):
        return
    lines = _search(reading.lines.each, one)
    if isinstance(lines, list) and lines:
        yield from _expressions(reading.lines, lines[0], f"{at}.lines", but=("each",))


def _expressions(part: Part, scope: object, at: str, but: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Every expression of a part: it must be able to find something, and no number that has lost its cents."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name in but or name in ("lines", "levels", "tracks", "clock", "arguments", "headers"):
            continue
        if isinstance(value, Part):
            yield from _expressions(value, scope, f"{at}.{name}")
        elif isinstance(value, dict):
            for key, one in value.items():
                if isinstance(one, Expression):
                    yield from _expression(one, scope, f"{at}.{name}.{key}")
        elif isinstance(value, Expression):
            yield from _expression(value, scope, f"{at}.{name}")


def _expression(expression: Expression, scope: object, at: str) -> Iterator[Problem]:
    found = _search(expression, scope)
    if isinstance(found, float):
        yield Problem(at, f"{expression.text}, an xsd:double", "xsd:decimal or a text: a double has no cents")
    elif found is None and _is_a_path(expression):
        yield from _lost(expression, scope, at)


def _lost(expression: Expression, scope: object, at: str) -> Iterator[Problem]:
    here = scope
    for step in expression.text.split("."):
        if not isinstance(here, dict):
            return
        if step not in here:
            yield Problem(at, f"{expression.text}: the WSDL has no {step} there", _nearest(step, here))
            return
        here = here[step]


def _first(found: object) -> object:
    return found[0] if isinstance(found, list) and found else found


def _is_a_path(expression: Expression) -> bool:
    return all(step.isidentifier() for step in expression.text.split("."))


def _search(expression: Expression, scope: object) -> object:
    try:
        return expression.search(scope)
    except ValueError:
        return None


def _nearest(name: str, names: Iterable[str]) -> str:
    known = sorted(names)
    near = difflib.get_close_matches(name, known, 1)
    return f"{near[0]} (did you mean that?)" if near else listed(known[:20]) or "nothing"
