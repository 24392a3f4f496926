"""Rendering: a template and a canonical document make the request's body, or an error that says what to change.

Nothing is guessed, rounded or cut: decimals go through as the strings they are, a missing value, a text that is
too long or a code without an entry stops the document before a byte is sent. What is null is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from erp_adapters.mapping.expression import CONSTANTS, Expression
from erp_adapters.mapping.template import Code, Constant, Each, Listing, Node, Properties, Value, When, With
from sidecar.domain.delivery import ErpMessage, MissingEntry, Outcome, Result
from sidecar.domain.errors import Rejected
from sidecar.domain.money import decimal_of

CodeMaps = Mapping[str, Mapping[str, str]]
"""Per name of a code map: Magento's value to the ERP's; the entry '*' stands for every value not named."""


class MappingError(Rejected):
    """The document cannot be written in the ERP's terms; nothing was sent, a person decides."""

    def __init__(self, path: str, message: str, *, hint: str, missing: MissingEntry | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.missing = missing

    def result(self) -> Result:
        """What becomes of the document: refused, and what to do about it."""
        message = ErpMessage("error", "MAPPING", str(self), self.path)
        missing = () if self.missing is None else (self.missing,)
        return Result(Outcome.REJECTED_INVALID, messages=(message,), hint=self.hint, missing=missing)


@dataclass(frozen=True, slots=True)
class _Book:
    """What the blueprint adds to every scope."""

    codes: CodeMaps
    constants: object


def render(node: Node, scope: object, codes: CodeMaps, at: str = "") -> object:
    """Fill the template from `scope`; None where there is nothing. Raise MappingError naming the place."""
    constants = scope.get(CONSTANTS) if isinstance(scope, Mapping) else None
    return _render(node, scope, _Book(codes, constants), at)


def _render(node: Node, scope: object, book: _Book, at: str) -> object:
    match node:
        case Constant(value):
            return value
        case Value():
            return _value(node, scope, book, at)
        case Code():
            return _code(node, scope, book, at)
        case Each(path, item):
            elements = _search(path, scope, book, at) or []
            if not isinstance(elements, list):
                raise _misfit(at, f"{path.text} is not a list")
            made = (_render(item, element, book, f"{at}[{i}]") for i, element in enumerate(elements))
            return [element for element in made if element is not None]
        case With(path, item):
            found = _search(path, scope, book, at)
            return None if found is None else _render(item, found, book, at)
        case When(condition, item):
            return _render(item, scope, book, at) if _search(condition, scope, book, at) else None
        case Properties(nodes):
            filled = {
                name: _render(child, scope, book, f"{at}.{name}" if at else name) for name, child in nodes.items()
            }
            return {name: value for name, value in filled.items() if value is not None}
        case Listing(nodes):
            return [_render(child, scope, book, f"{at}[{i}]") for i, child in enumerate(nodes)]
        case _:
            assert_never(node)


def _value(node: Value, scope: object, book: _Book, at: str) -> object:
    found = _search(node.path, scope, book, at)
    if found is None or found == "":
        if node.optional:
            return None
        raise _misfit(at, f"{node.path.text} is empty in the {'blueprint' if node.path.constants else 'order'}")
    checked = _plain(_as_kind(node, found, at), at)
    for place, text in _texts(checked, at):
        _check_text(node, text, place)
    return checked


def _as_kind(node: Value, found: object, at: str) -> object:
    match node.kind:
        case "text" if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        case "text" if not isinstance(found, str):
            raise _misfit(at, f"{node.path.text} is {type(found).__name__}, not text")
        case "integer" if not isinstance(found, int) or isinstance(found, bool):
            raise _misfit(at, f"{node.path.text} is {type(found).__name__}, not a whole number")
        case "decimal":
            try:
                decimal_of(found)
            except ValueError as error:
                raise _misfit(at, f"{node.path.text} is {type(found).__name__}, not a decimal string") from error
    return found


def _plain(value: object, at: str) -> object:
    """Refuse floats at any depth: they have lost digits already."""
    match value:
        case float() | Decimal():
            raise _misfit(at, "a number with a point must be a decimal string")
        case list():
            return [_plain(element, at) for element in value]
        case dict():
            return {name: _plain(element, f"{at}.{name}") for name, element in value.items() if element is not None}
        case _:
            return value


def _texts(value: object, at: str) -> Iterator[tuple[str, str]]:
    """Every text in a value, with where it stands."""
    match value:
        case str():
            yield at, value
        case list():
            for place, element in enumerate(value):
                yield from _texts(element, f"{at}[{place}]")
        case dict():
            for name, element in value.items():
                yield from _texts(element, f"{at}.{name}")
        case _:
            pass


def _check_text(node: Value, text: str, at: str) -> None:
    if node.max is not None and len(text) > node.max:
        raise MappingError(
            at,
            f"{at} is {len(text)} characters long, the ERP takes {node.max}",
            hint="shorten it in Magento and retry the event, or map another field",
        )
    if node.pattern is not None and not node.pattern.fullmatch(text):
        raise MappingError(
            at,
            f"{at} holds characters that the ERP does not take; allowed: {node.pattern.pattern}",
            hint="change it in Magento and retry the event, or map another field",
        )


def _code(node: Code, scope: object, book: _Book, at: str) -> str | None:
    name, value = node.map, node.value
    found = _value(Value(value.path, optional=value.optional, kind="text"), scope, book, at)
    if not isinstance(found, str):
        return None
    entries = book.codes.get(name, {})
    code = entries.get(found, entries.get("*", found if node.unnamed_is_same else None))
    if code is None:
        raise MappingError(
            at,
            f"{at}: {found!r} has no entry in the code map {name}",
            hint=f"add code_maps.{name}.{found} to the destination's blueprint, then restart the sidecar",
            missing=MissingEntry(name, found),
        )
    _check_text(value, code, at)
    return code


def _search(path: Expression, scope: object, book: _Book, at: str) -> object:
    """What a path finds; the blueprint's constants lie beside whatever an element has, for paths that name them."""
    if CONSTANTS in path.names and isinstance(scope, Mapping):
        scope = {**scope, CONSTANTS: book.constants}
    try:
        return path.search(scope)
    except ValueError as error:
        raise _misfit(at, str(error)) from error


def _misfit(at: str, what: str) -> MappingError:
    return MappingError(at, f"{at}: {what}", hint="correct the order in Magento, or the mapping, then retry the event")
