"""What a contract allows at a place: the names below it, which of them must be there, what a leaf holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

_LEAVES: Final[Mapping[str, object]] = {
    "text": "text",
    "float": 1.5,
    "integer": 1,
    "decimal": Decimal("1.5"),
    "boolean": True,
    "instant": "2026-11-23T10:15:00+00:00",
}
_DEEPEST: Final = 8


@dataclass(slots=True)
class Shape:
    """A type: a leaf of a kind, or an element with fields. `open`: anything else may stand there too."""

    kind: str
    fields: dict[str, "Field"] = field(default_factory=dict)
    open: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """An element or an attribute."""

    shape: Shape
    required: bool
    repeated: bool


def sample(shape: Shape, depth: int = 0) -> object:
    """Data in which everything is there once: what expressions that find nothing here can never find."""
    if shape.kind != "element":
        return _LEAVES[shape.kind]
    if depth == _DEEPEST:
        return {}
    made = {name: sample(one.shape, depth + 1) for name, one in shape.fields.items()}
    return {name: [value] if shape.fields[name].repeated else value for name, value in made.items()}
