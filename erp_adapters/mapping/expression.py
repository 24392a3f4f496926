"""JMESPath expressions that are compiled where they are read, so that a typing error shows at the start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

CONSTANTS: Final = "constants"
"""Where paths find the blueprint's constants."""


class TemplateError(ValueError):
    """A template or an expression is written wrongly: where in it, what was found, what is allowed."""

    def __init__(self, at: str, found: str, allowed: str) -> None:
        super().__init__(f"{at}: found {found}, allowed: {allowed}" if at else f"found {found}, allowed: {allowed}")
        self.at, self.found, self.allowed = at, found, allowed


@dataclass(frozen=True, slots=True)
class Expression:
    """A JMESPath expression, its text, the names in it, and the blueprint's constants that it reads.

    `given` are those constants, where the documents that it is searched in do not hold them. `steps` are the names of a
    plain path, such as order.increment_id: most are, and walking one takes a tenth of the time.
    """

    text: str
    compiled: ParsedResult = field(repr=False, compare=False)
    names: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    constants: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    given: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    steps: tuple[str, ...] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def parse(cls, text: object, at: str = "") -> "Expression":
        """Compile; raise TemplateError for what is no expression."""
        if not isinstance(text, str) or not text.strip():
            raise TemplateError(at, repr(text), "a JMESPath expression such as order.increment_id")
        try:
            compiled = jmespath.compile(text)
        except JMESPathError as error:
            complaint = str(error).splitlines()[0]
            raise TemplateError(at, repr(text), f"a JMESPath expression ({complaint})") from error
        parts = list(_parts(compiled.parsed))
        names = frozenset(part["value"] for part in parts if part["type"] == "field")
        constants = frozenset(name for part in parts for name in _constant_in(part))
        return cls(text, compiled, names, constants, steps=_steps(compiled.parsed))

    def search(self, document: object) -> object:
        """Evaluate; None for what is not there. Raise ValueError where the data does not suit the expression."""
        if self.given and isinstance(document, Mapping):
            document = {**document, CONSTANTS: self.given}
        if self.steps is not None:
            for name in self.steps:
                if not isinstance(document, Mapping):
                    return None
                document = document.get(name)
            return document
        try:
            found: object = self.compiled.search(document)
        except JMESPathError as error:
            raise ValueError(f"{self.text!r} does not suit the data: {str(error).splitlines()[0]}") from error
        return found


def _parts(node: object) -> Iterator[dict[str, Any]]:
    """Every node of a parsed expression."""
    if isinstance(node, dict):
        yield node
        for child in node.get("children", ()):
            yield from _parts(child)


def _steps(node: object) -> tuple[str, ...] | None:
    """The names of a path that has nothing but names in it; None for any other expression."""
    match node:
        case {"type": "field", "value": str(name)}:
            return (name,)
        case {"type": "subexpression", "children": [*children]}:
            parts = [_steps(child) for child in children]
            return None if None in parts else tuple(name for part in parts if part is not None for name in part)
        case _:
            return None


def _constant_in(part: dict[str, Any]) -> Iterator[str]:
    match part:
        case {
            "type": "subexpression",
            "children": [{"type": "field", "value": "constants"}, {"type": "field", "value": str(name)}, *_],
        }:
            yield name
