"""What a request may look like, as data; and the one function that holds a request against it.

Unknown properties are dropped without a word, as many ERPs do: the names are kept for the ledger.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from erp_adapters.sandbox.answers import Detail, JsonObject, RefusedError

DECIMAL = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,4})?")
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?")
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Text:
    """Text of 1 to `limit` characters, of a stated form where `form` is given."""

    limit: int
    form: re.Pattern[str] | None = None
    says: str = ""


@dataclass(frozen=True)
class Amount:
    """A decimal, written as a string."""

    positive: bool = False
    zero: bool = True


@dataclass(frozen=True)
class Whole:
    """A JSON integer."""

    lowest: int = 0
    highest: int = LARGEST_INTEGER


@dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Moment:
    """A date, or an instant with its zone."""


@dataclass(frozen=True)
class Pairs:
    """Free fields: a name and a text each."""

    limit: int
    text: Text


@dataclass(frozen=True)
class Rows:
    """A list of things of one shape."""

    each: "Shape"
    most: int
    least: int = 0


@dataclass(frozen=True)
class Record:
    """An object with named properties; others are dropped."""

    required: Mapping[str, "Shape"] = field(default_factory=dict)
    optional: Mapping[str, "Shape"] = field(default_factory=dict)


@dataclass(frozen=True)
class Whatever:
    """Any value: somebody else looks at it."""


Single = Text | Amount | Whole | Flag | Choice | Moment | Whatever
Shape = Single | Pairs | Rows | Record


@dataclass(frozen=True)
class Kept:
    """A request that fits its shape: what is stored, and the names of what was dropped."""

    body: JsonObject
    dropped: tuple[str, ...]


class MisfitError(Exception):
    """A value that does not fit its shape, in words for the caller."""


@dataclass
class Inspection:
    """The faults of one request, all of them and not only the first."""

    faults: list[Detail] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    wrong_decimals: bool = False

    def record(self, shape: Record, value: JsonObject, path: str) -> JsonObject:
        """Keep what the shape knows, in the caller's order; nulls count as absent."""
        known = {**shape.required, **shape.optional}
        present = {name: part for name, part in value.items() if part is not None}
        prefix = f"{path}." if path else ""
        self.dropped += [prefix + name for name in value if name not in known]
        self.faults += [Detail(prefix + name, "is missing") for name in shape.required if name not in present]
        return {name: self.value(known[name], part, prefix + name) for name, part in present.items() if name in known}

    def value(self, shape: Shape, value: object, path: str) -> object:
        """Keep one value, or note why it does not fit."""
        try:
            return self._fit(shape, value, path)
        except MisfitError as misfit:
            self.faults.append(Detail(path, str(misfit)))
            self.wrong_decimals |= isinstance(shape, Amount)
            return None

    def _fit(self, shape: Shape, value: object, path: str) -> object:
        kept: object
        match shape:
            case Record():
                kept = self.record(shape, _an_object(value), path)
            case Rows():
                rows = _a_list(value, shape.least, shape.most)
                kept = [self.value(shape.each, row, f"{path}[{place}]") for place, row in enumerate(rows)]
            case Pairs():
                kept = self._pairs(shape, _an_object(value), path)
            case _:
                kept = _single(shape, value)
        return kept

    def _pairs(self, shape: Pairs, value: JsonObject, path: str) -> JsonObject:
        if len(value) > shape.limit:
            raise MisfitError(f"has {len(value)} fields; {shape.limit} are allowed")
        self.faults += [
            Detail(path, "has a name that is not a letter followed by up to 39 letters, digits or _")
            for name in value
            if not FIELD_NAME.fullmatch(name)
        ]
        return {
            name: self.value(shape.text, text, f"{path}.{name}") for name, text in value.items() if text is not None
        }


def inspect(shape: Record, body: JsonObject) -> Kept:
    """Hold a request against its shape. Raises a refusal (400) that lists every fault."""
    inspection = Inspection()
    kept = inspection.record(shape, body, "")
    if not inspection.faults:
        return Kept(kept, tuple(inspection.dropped))
    code = "INVALID_DECIMAL" if inspection.wrong_decimals else "VALIDATION_FAILED"
    raise RefusedError(400, code, _count(inspection.faults), inspection.faults)


def _count(faults: Iterable[Detail]) -> str:
    paths = [fault.path for fault in faults]
    return f"The request has {len(paths)} fault(s), the first at {paths[0]}."


def _an_object(value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise MisfitError("must be an object")
    return value


def _a_list(value: object, least: int, most: int) -> list[object]:
    if not isinstance(value, list):
        raise MisfitError("must be a list")
    if not least <= len(value) <= most:
        raise MisfitError(f"has {len(value)} entries; {least} to {most} are allowed")
    return value


def _single(shape: Single, value: object) -> object:
    match shape:
        case Text():
            return _text(shape, value)
        case Amount():
            return _amount(shape, value)
        case Whole():
            return _whole(shape, value)
        case Flag():
            return _flag(value)
        case Choice():
            return _choice(shape, value)
        case Moment():
            return _moment(value)
        case Whatever():
            return value
        case _:
            assert_never(shape)


def _text(shape: Text, value: object) -> str:
    if not isinstance(value, str):
        raise MisfitError("must be text")
    if not 1 <= len(value) <= shape.limit:
        raise MisfitError(f"has {len(value)} characters; 1 to {shape.limit} are allowed")
    if NOT_TEXT.search(value):
        raise MisfitError("holds characters that no text has")
    if shape.form and not shape.form.fullmatch(value):
        raise MisfitError(shape.says)
    return value


def _amount(shape: Amount, value: object) -> str:
    if not isinstance(value, str) or not DECIMAL.fullmatch(value):
        raise MisfitError('must be a decimal in a string, such as "12.5000"')
    if shape.positive and Decimal(value) <= 0:
        raise MisfitError("must be greater than 0")
    if not shape.zero and Decimal(value) == 0:
        raise MisfitError("must not be 0")
    return value


def _whole(shape: Whole, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not shape.lowest <= value <= shape.highest:
        raise MisfitError(f"must be an integer from {shape.lowest} to {shape.highest}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise MisfitError("must be true or false")
    return value


def _choice(shape: Choice, value: object) -> str:
    if not isinstance(value, str) or value not in shape.words:
        raise MisfitError(f"must be one of {', '.join(shape.words)}")
    return value


def _moment(value: object) -> str:
    problem = "must be a date (YYYY-MM-DD) or an ISO 8601 instant with zone"
    if not isinstance(value, str) or not DATED.fullmatch(value):
        raise MisfitError(problem)
    try:
        at = datetime.fromisoformat(value)
    except ValueError as unreadable:
        raise MisfitError(problem) from unreadable
    if "T" in value and at.tzinfo is None:
        raise MisfitError(problem)
    return value
