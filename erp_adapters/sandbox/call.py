"""One request as the departments of the ERP see it: who it is about, what it says, the house rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from erp_adapters.sandbox.answers import EPOCH, Detail, JsonObject, RefusedError, instant

MOST_REFERENCES = 100


@dataclass(frozen=True)
class House:
    """How this installation of the ERP is set up."""

    reject_duplicates: bool = False
    visibility_lag: timedelta = timedelta(0)
    latency: timedelta = timedelta(0)
    tick: timedelta = timedelta(microseconds=1)
    """How coarse the clock is that stamps changes."""

    @property
    def tick_us(self) -> int:
        """The same in microseconds."""
        return self.tick // timedelta(microseconds=1)

    def stamp(self, microseconds: int) -> str:
        """Write an instant as the coarse clock shows it."""
        return instant(microseconds // self.tick_us * self.tick_us)


@dataclass(frozen=True)
class Call:
    """A request whose key, permission and shape are in order."""

    operation: str
    house: House
    number: str | None
    query: Mapping[str, Sequence[str]]
    references: tuple[str, ...]
    sent: JsonObject
    stored: JsonObject
    dropped: tuple[str, ...]
    permissions: tuple[str, ...] = ()
    held_items: frozenset[str] = frozenset()
    """Items that the warehouse cannot move now."""

    @property
    def source_event(self) -> str | None:
        """The caller's event, if it named one."""
        return self.sent.get("sourceEvent")

    @property
    def named(self) -> str:
        """The number in the path. Only operations on one document ask for it."""
        return self.number or ""

    def limit(self, usual: int, most: int) -> int:
        """How many entries the caller wants on a page."""
        return self._digits("limit", usual, 1, most)

    def cursor(self, name: str) -> int:
        """Where the caller's last page ended; 0 is the beginning."""
        return self._digits(name, 0, 0, 10**18)

    def since_us(self, name: str) -> int:
        """An instant in the query, in microseconds."""
        try:
            at = datetime.fromisoformat(self.query.get(name, [""])[-1])
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise _bad_parameter(name, "must be an ISO 8601 instant with zone")
        return (at - EPOCH) // timedelta(microseconds=1)

    def offset(self) -> int:
        """How many entries the caller wants to pass over."""
        return self._digits("offset", 0, 0, 10**9)

    def searched(self) -> tuple[str, ...]:
        """Give the references of a search: at least one, at most a hundred."""
        return self.several("reference", least=1)

    def several(self, name: str, least: int = 0) -> tuple[str, ...]:
        """Give a query parameter that may stand several times."""
        values = tuple(self.query.get(name, ()))
        if not least <= len(values) <= MOST_REFERENCES:
            raise _bad_parameter(name, f"stands {len(values)} times; {least} to {MOST_REFERENCES} are allowed")
        return values

    def _digits(self, name: str, usual: int, lowest: int, highest: int) -> int:
        text = self.query.get(name, [""])[-1]
        if not text:
            return usual
        readable = text.isascii() and text.isdigit() and len(text) <= len(str(highest))
        if not readable or not lowest <= int(text) <= highest:
            raise _bad_parameter(name, f"must be a number from {lowest} to {highest}")
        return int(text)


def _bad_parameter(name: str, message: str) -> RefusedError:
    return RefusedError(400, "VALIDATION_FAILED", f"The parameter {name} {message}.", [Detail(name, message)])
