"""Special cases of the mapping: whom they hold for, and when two of them contradict one another.

A special case holds for a document when each of its conditions does: the store view, the customer's group, and at
least one line with a SKU of its. It ends with a day, and that is the day of the document and not of the call: the
day on which the order was placed, a refund's order too, or the customer saved, in UTC as Magento writes it. So no clock
is asked. An order is told, told again after a lost answer, changed and refunded by the same rules, however late; and
whoever looks at it years after sees which rules those were. A document that tells no day is nobody's special case.

What no order tells, such as a stock movement of many orders, is mapped by the general rules alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Final

from sidecar.domain.examination import Check, Verdict

Entry = tuple[str, ...]
"""The way to one entry: code_maps, a map and a code; constants and a name; custom_fields and a name."""

EVERY_OTHER: Final = "*"
"""The code that stands for every one that its map does not name."""

NOTICE: Final = timedelta(days=14)
"""So long before its end a special case is pointed out to its owner."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a document decides which rules hold for it; None: the document does not say."""

    store_id: int | None = None
    customer_group: str | None = None
    skus: frozenset[str] = frozenset()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Skus:
    """SKUs by name, or by how they begin, or from one to another, both included.

    They are compared to the letter. A range holds only SKUs that are as long as its ends: A100 to A199 has A150 in it,
    and not A1500.
    """

    named: frozenset[str] = frozenset()
    prefix: str = ""
    first: str = ""
    last: str = ""

    def have(self, sku: str) -> bool:
        """Tell whether a SKU is one of them."""
        if self.prefix:
            return sku.startswith(self.prefix)
        if self.first:
            return len(sku) == len(self.first) and self.first <= sku <= self.last
        return sku in self.named

    def overlap(self, other: "Skus") -> bool:
        """Tell whether some SKU could be one of both."""
        if self.named or other.named:
            names, rest = (self.named, other) if self.named else (other.named, self)
            return any(rest.have(name) for name in names)
        if self.prefix and other.prefix:
            return self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)
        if self.prefix or other.prefix:
            prefix, span = (self.prefix, other) if self.prefix else (other.prefix, self)
            return len(prefix) <= len(span.first) and span.first[: len(prefix)] <= prefix <= span.last[: len(prefix)]
        longer_first, shorter_last = max(self.first, other.first), min(self.last, other.last)
        return len(self.first) == len(other.first) and longer_first <= shorter_last


@dataclass(frozen=True, slots=True)
class Condition:
    """Whom a special case holds for; what is left empty is not asked."""

    stores: frozenset[int] = frozenset()
    customer_groups: frozenset[str] = frozenset()
    skus: Skus | None = None

    def holds(self, scope: Scope) -> bool:
        """Tell whether a document is meant."""
        return (
            (not self.stores or scope.store_id in self.stores)
            and (not self.customer_groups or scope.customer_group in self.customer_groups)
            and (self.skus is None or any(self.skus.have(sku) for sku in scope.skus))
        )

    def meets(self, other: "Condition") -> bool:
        """Tell whether both hold for some document as they are written.

        Of SKUs that have nothing in common nobody can tell: an order may have lines of both kinds.
        """
        return (
            _in_common(self.stores, other.stores)
            and _in_common(self.customer_groups, other.customer_groups)
            and (self.skus is None or other.skus is None or self.skus.overlap(other.skus))
        )


def _in_common(ones: frozenset[int] | frozenset[str], others: frozenset[int] | frozenset[str]) -> bool:
    return not ones or not others or bool(ones & others)


def entries_of(
    code_maps: Mapping[str, Mapping[str, str]], constants: Mapping[str, str], custom_fields: Mapping[str, object]
) -> dict[Entry, object]:
    """What rules say, one entry at a time."""
    said: dict[Entry, object] = {}
    for name, codes in code_maps.items():
        said |= {("code_maps", name, code): value for code, value in codes.items()}
    said |= {("constants", name): value for name, value in constants.items()}
    said |= {("custom_fields", name): value for name, value in custom_fields.items()}
    return said


def contradiction(one: Mapping[Entry, object], other: Mapping[Entry, object]) -> str | None:
    """The first entry about which both say something, and not the same; a map's `*` speaks of every code."""
    disputed = sorted({*_disputed(one, other), *_disputed(other, one)})
    return ".".join(disputed[0]) if disputed else None


def _disputed(one: Mapping[Entry, object], other: Mapping[Entry, object]) -> Iterator[Entry]:
    for entry, value in one.items():
        if entry in other:
            if other[entry] != value:
                yield entry
        elif entry[0] == "code_maps" and other.get((*entry[:2], EVERY_OTHER), value) != value:
            yield entry


def first_contradiction(cases: Mapping[str, Mapping[Entry, object]]) -> tuple[str, str, str] | None:
    """Of cases that hold at once, by their names: two that contradict one another, and about what."""
    for (one, said), (other, says) in combinations(cases.items(), 2):
        entry = contradiction(said, says)
        if entry is not None:
            return one, other, entry
    return None


@dataclass(frozen=True, slots=True)
class Term:
    """Until when a special case holds, and who decides about it."""

    destination: str
    name: str
    owner: str
    until: date


def judge_terms(terms: Sequence[Term], today: date) -> list[Check]:
    """Which special cases end soon or have ended; `today` is the database's, in UTC, as the documents' days are."""
    checks = []
    for term in terms:
        left = (term.until - today).days
        if term.until >= today + NOTICE:
            continue
        found = f"{term.name} ends in {_days(left)}" if left > 0 else f"{term.name} ends today"
        do = f"ask {term.owner}: later orders go by the general rules, unless the blueprint gives it a later until"
        if left < 0:
            found = f"{term.name} ended {_days(-left)} ago; only documents of before still go by it"
            do = f"take it out of the blueprint once none of them waits, or let {term.owner} give it a later until"
        checks.append(Check(f"special cases of {term.destination}", Verdict.WARN, found, do))
    if terms and not checks:
        checks.append(Check("special cases", Verdict.OK, f"none of {len(terms)} ends within {NOTICE.days} days"))
    return checks


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
