"""Fields of a payload, read one by one: the first that is wrong is named, with what is allowed there."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.money import ZERO, decimal_of

Row = Mapping[str, Any]

EDIT_OR_SKIP: Final = "edit and replay the event, or skip it"


class Reader:
    """Reads a payload's objects and lists, and the fields that must be there."""

    def __init__(self, payload: Row) -> None:
        """Read this payload."""
        self._payload = payload

    def row(self, name: str) -> Row:
        """An object."""
        value = self._payload.get(name)
        if not isinstance(value, Mapping):
            raise malformed(name, value, "an object")
        return value

    def rows(self, name: str, *, at_least: int = 1) -> list[Row]:
        """A list of objects."""
        value = self._payload.get(name)
        is_list = isinstance(value, list) and all(isinstance(row, Mapping) for row in value)
        if not isinstance(value, list) or not is_list or len(value) < at_least:
            enough = " with at least one entry" if at_least else ""
            raise malformed(name, value, f"a list of objects{enough}")
        return value

    def text(self, row: str, name: str) -> str:
        """Text that is not empty, of an object."""
        value = self.row(row).get(name)
        if not isinstance(value, str) or not value:
            raise malformed(f"{row}.{name}", value, "text")
        return value

    def integer(self, row: str, name: str) -> int:
        """A whole number of an object."""
        value = self.row(row).get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise malformed(f"{row}.{name}", value, "an integer")
        return value


def is_integer(value: object) -> bool:
    """Tell whether a value is a whole number, which true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def words_in(row: Row, name: str, path: str) -> str:
    """Text; empty where there is none."""
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value or ""
    raise malformed(f"{path}.{name}", value, "text or null")


def integer_in(row: Row, name: str, path: str) -> int:
    """A whole number; 0 where there is none."""
    value = row.get(name)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise malformed(f"{path}.{name}", value, "an integer or null")
    return value


def amount_in(row: Row, name: str, path: str) -> Decimal:
    """A decimal; 0 where there is none."""
    value = row.get(name)
    if value is None:
        return ZERO
    try:
        return decimal_of(value)
    except (RecursionError, ValueError):  # a refused value is quoted, however deeply it nests
        raise malformed(f"{path}.{name}", value, "a decimal string") from None


def malformed(path: str, found: object, allowed: str) -> MalformedEvent:
    """The refusal of a field's value, which is never quoted: it may be a person's."""
    return MalformedEvent(f"payload field {path} is {type(found).__name__}, not {allowed}", hint=EDIT_OR_SKIP)


def without(row: object, names: frozenset[str]) -> object:
    """A row without some of its columns; what is no row stays as it is."""
    return {k: v for k, v in row.items() if k not in names} if isinstance(row, Mapping) else row


def rows_without(rows: object, names: frozenset[str]) -> object:
    """The same of each row of a list; raise MalformedEvent for what is none."""
    if rows is not None and not isinstance(rows, list):
        message = f"the payload cannot be hashed: rows are {type(rows).__name__}, not a list"
        raise MalformedEvent(message, hint=EDIT_OR_SKIP)
    return [without(row, names) for row in rows or ()]


def hash_of(content: Row) -> str:
    """Hash content, whatever the order of its keys; raise MalformedEvent where nothing can hash it."""
    try:
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    except (RecursionError, TypeError, ValueError) as error:
        message = f"the payload cannot be hashed: {error}"
        raise MalformedEvent(message, hint=EDIT_OR_SKIP) from error
    return hashlib.sha256(canonical.encode()).hexdigest()
