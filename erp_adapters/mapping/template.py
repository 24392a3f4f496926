"""Templates: the shape of an ERP's request as a tree of data.

A template is written as YAML or JSON. A bare value is a constant, a list is a list, an object is an object,
except that an object with one of these keys is an instruction:

    {path: order.increment_id}                 the value of a JMESPath expression over the canonical document
    {path: lines, each: {...}}                 one object per element; paths inside start at the element
    {path: source.addresses.shipping, with: {...}}   one object, left out where the path gives nothing
    {when: order.shipping_method, then: {...}}       one object, left out where the expression is empty or false
    {map: payment_methods, path: order.payment_method}   the value translated by a code map of the blueprint
    {map: skus, path: sku, unnamed: same}      what the code map does not name goes out as it is
    {const: {...}}                             a constant that looks like an instruction

`constants.NAME` is a constant of the blueprint's, at any depth. A path may add `optional: true` (else nothing found is
an error), `as: text | decimal | integer`, `max: 35` (a longer text is an error and is never cut) and
`pattern: "[A-Z]{3}"` (which must match all of the text).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from erp_adapters.mapping.expression import Expression, TemplateError

_T = TypeVar("_T")
Kind = Literal["any", "text", "decimal", "integer"]

_INSTRUCTIONS = frozenset({"path", "map", "const", "each", "with", "when"})
_ALLOWED = {
    "path": frozenset({"path", "optional", "as", "max", "pattern"}),
    "map": frozenset({"map", "path", "optional", "max", "unnamed"}),
    "const": frozenset({"const"}),
    "each": frozenset({"path", "each"}),
    "with": frozenset({"path", "with"}),
    "when": frozenset({"when", "then"}),
}
_KINDS = ("text", "decimal", "integer")


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value always."""

    value: Any


@dataclass(frozen=True, slots=True)
class Value:
    """A value found in the document, checked."""

    path: Expression
    optional: bool = False
    kind: Kind = "any"
    max: int | None = None
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A value found in the document and translated by a code map."""

    map: str
    value: Value
    unnamed_is_same: bool = False


@dataclass(frozen=True, slots=True)
class Each:
    """One item per element that the path finds."""

    path: Expression
    item: "Node"


@dataclass(frozen=True, slots=True)
class With:
    """One item made from what the path finds, or nothing."""

    path: Expression
    item: "Node"


@dataclass(frozen=True, slots=True)
class When:
    """One item made from where we are, or nothing."""

    condition: Expression
    item: "Node"


@dataclass(frozen=True, slots=True)
class Properties:
    """An object."""

    nodes: Mapping[str, "Node"]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of fixed length."""

    nodes: tuple["Node", ...]


Node = Constant | Value | Code | Each | With | When | Properties | Listing


def parse_template(data: object, at: str = "") -> Node:
    """Read a template; raise TemplateError naming the place in it."""
    match data:
        case float():
            raise TemplateError(at, f"the number {data!r}", "a decimal in quotes")
        case list():
            return Listing(tuple(parse_template(node, f"{at}[{index}]") for index, node in enumerate(data)))
        case dict() if _INSTRUCTIONS & data.keys():
            return _instruction(data, at)
        case dict():
            return Properties({str(name): parse_template(node, _under(at, name)) for name, node in data.items()})
        case _:
            return Constant(data)


def _instruction(data: Mapping[Any, Any], at: str) -> Node:
    kind = next(name for name in ("const", "map", "each", "with", "when", "path") if name in data)
    unknown = [str(key) for key in data if key not in _ALLOWED[kind]]
    if unknown:
        raise TemplateError(at, f"{unknown[0]!r} beside {kind!r}", ", ".join(sorted(_ALLOWED[kind])))
    if kind == "const":
        return Constant(data["const"])
    if kind == "when":
        condition = Expression.parse(data["when"], _under(at, "when"))
        return When(condition, parse_template(data.get("then"), _under(at, "then")))
    path = Expression.parse(data.get("path"), _under(at, "path"))
    match kind:
        case "each":
            return Each(path, parse_template(data["each"], _under(at, "each")))
        case "with":
            return With(path, parse_template(data["with"], _under(at, "with")))
        case "map":
            name = _typed(data["map"], str, _under(at, "map"), "the name of a code map")
            unnamed = data.get("unnamed")
            if unnamed not in (None, "same"):
                raise TemplateError(_under(at, "unnamed"), repr(unnamed), "same")
            return Code(name, _value(data, path, at), unnamed_is_same=unnamed == "same")
        case _:
            return _value(data, path, at)


def _value(data: Mapping[Any, Any], path: Expression, at: str) -> Value:
    kind = data.get("as", "any")
    if "as" in data and kind not in _KINDS:
        raise TemplateError(_under(at, "as"), repr(kind), ", ".join(_KINDS))
    return Value(
        path,
        optional=_typed(data.get("optional", False), bool, _under(at, "optional"), "true or false"),
        kind=cast("Kind", kind),
        max=None if "max" not in data else _limit(data["max"], _under(at, "max")),
        pattern=None if "pattern" not in data else _pattern(data["pattern"], _under(at, "pattern")),
    )


def _limit(value: object, at: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TemplateError(at, repr(value), "a whole number from 1")
    return value


def _pattern(value: object, at: str) -> re.Pattern[str]:
    try:
        return re.compile(_typed(value, str, at, "a regular expression"))
    except re.error as error:
        raise TemplateError(at, repr(value), f"a regular expression ({error})") from error


def _typed(value: object, kind: type[_T], at: str, allowed: str) -> _T:
    if not isinstance(value, kind):
        raise TemplateError(at, repr(value), allowed)
    return value


def _under(at: str, name: object) -> str:
    return f"{at}.{name}" if at else str(name)
