"""How a destination's documents are put into its own words, and what is wrong with that as it is written.

General rules stand at the destination, narrower ones per store view, the narrowest in special cases. A special case has
a scope, an owner and an end, or it would become a general rule that nobody remembers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Final

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import BeforeValidator, Field, model_validator

from sidecar.blueprint.ground import Part, Text
from sidecar.configuration import Problem, invalid, listed, shown
from sidecar.domain.delivery import Vocabulary
from sidecar.domain.special_cases import EVERY_OTHER, Condition, Entry, Skus, contradiction, entries_of

RULES: Final = ("code_maps", "constants", "custom_fields")
_STORE: Final = re.compile(r"0|[1-9][0-9]{0,4}", re.ASCII)
SKUS_FORM: Final = "a list of SKUs, {prefix: ABC-}, or {from: A100, to: A199} with ends of one length"
_READ: Final = re.compile(r"\bconstants\.([A-Za-z][A-Za-z0-9_]*)", re.ASCII).findall
_NAME: Final = r"^[A-Za-z][A-Za-z0-9_]{0,39}$"


def _expression(value: object) -> str:
    try:
        expression = value if isinstance(value, str) else ""
        jmespath.compile(expression)
    except JMESPathError:
        raise invalid(shown(value), "a JMESPath expression over the order, such as order.customer_note") from None
    return expression


def _store(value: object) -> int:
    if _STORE.fullmatch(str(value)) is None:
        raise invalid(shown(value), "the number of a store view, such as 4")
    return int(str(value))


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and len(value) == len("2026-12-31"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise invalid(shown(value), "the last day that it holds for, such as 2026-12-31")


def _skus(value: object) -> Skus:
    match value:
        case [*named] if named and all(isinstance(one, str | int) and str(one) for one in named):
            return Skus(named=frozenset(str(one) for one in named))
        case {"prefix": str() | int() as prefix, **rest} if not rest and str(prefix):
            return Skus(prefix=str(prefix))
        case {"from": str() | int() as first, "to": str() | int() as last, **rest} if not rest and str(first):
            if len(str(first)) == len(str(last)) and str(first) <= str(last):
                return Skus(first=str(first), last=str(last))
    raise invalid(shown(value), SKUS_FORM)


SkuCondition = Annotated[Skus, BeforeValidator(_skus)]
ItemExpression = Annotated[str, BeforeValidator(_expression)]
StoreId = Annotated[int, BeforeValidator(_store)]
CodeMaps = Annotated[
    dict[Text, dict[Text, Text]],
    Field(default_factory=dict, description="tables {code of Magento: code of the ERP}"),
]
Constants = Annotated[
    dict[Annotated[str, Field(pattern=_NAME)], Text],
    Field(default_factory=dict, description="names (a letter, then up to 39 of A-Z a-z 0-9 _) with texts"),
]
CustomFields = Annotated[
    dict[Annotated[str, Field(pattern=_NAME)], Annotated[str, BeforeValidator(_expression)]],
    Field(default_factory=dict, description="names (a letter, then up to 39 of A-Z a-z 0-9 _) with expressions"),
]


class RulesPart(Part):
    """Rules of one layer."""

    code_maps: CodeMaps
    constants: Constants
    custom_fields: CustomFields

    def entries(self) -> Mapping[Entry, object]:
        """What it says, one entry at a time."""
        return entries_of(self.code_maps, self.constants, self.custom_fields)

    def names(self, key: str) -> bool:
        """Tell whether a code map has an entry such as payment_methods.checkmo, or one for every code."""
        return any(
            key.startswith(f"{name}.") and (key.removeprefix(f"{name}.") in codes or EVERY_OTHER in codes)
            for name, codes in self.code_maps.items()
        )


class WhenPart(Part):
    """Whom a special case holds for: every condition that is named, and at least one is."""

    stores: frozenset[StoreId] = Field(
        default=frozenset(), description="a list of the numbers of store views, such as [1, 4]"
    )
    customer_groups: frozenset[Text] = Field(
        default=frozenset(), description="a list of the numbers of customer groups, such as [2, 3]"
    )
    skus: SkuCondition | None = Field(default=None, description=SKUS_FORM)

    @model_validator(mode="after")
    def _is_narrow(self) -> "WhenPart":
        if not self.stores and not self.customer_groups and self.skus is None:
            raise invalid("a case for everybody", "at least one of stores, customer_groups and skus")
        return self

    def condition(self) -> Condition:
        """The same in the words of the domain."""
        return Condition(self.stores, self.customer_groups, self.skus)


class SpecialCasePart(RulesPart):
    """Rules for few documents."""

    name: Annotated[Text, Field(max_length=64)] = Field(description="a name of its own, up to 64 characters")
    owner: Annotated[Text, Field(max_length=64)] = Field(description="the team that decides about it")
    reason: Text = Field(description="why it is needed")
    until: Annotated[date, BeforeValidator(_day)] = Field(description="the last day that it holds for")
    when: WhenPart = Field(description="a table with stores, customer_groups, skus")


class MappedPart(RulesPart):
    """All rules of a destination: its own are the general ones."""

    per_store: dict[StoreId, RulesPart] = Field(
        default_factory=dict, description="tables {number of a store view: " + listed(RULES) + "}"
    )
    special_cases: tuple[SpecialCasePart, ...] = Field(
        default=(), description="a list of cases with name, owner, reason, until, when, and " + listed(RULES)
    )

    def narrower(self, at: str) -> dict[str, RulesPart]:
        """The layers above the general one, by where they stand."""
        stores: dict[str, RulesPart] = {f"{at}.per_store.{store}": part for store, part in self.per_store.items()}
        return {**stores, **{f"{at}.special_cases[{index}]": case for index, case in enumerate(self.special_cases)}}

    def stores_of(self, key: str) -> frozenset[int] | None:
        """For whose events an entry such as payment_methods.checkmo is there: none named, for all; None: for nobody's.

        A special case may still not hold for a document; then that is parked again.
        """
        cases = [case.when.stores for case in self.special_cases if case.names(key)]
        if self.names(key) or not all(cases):
            return frozenset()
        return frozenset(store for store, part in self.per_store.items() if part.names(key)).union(*cases) or None


def mapping_problems(at: str, part: MappedPart, stores: frozenset[int]) -> Iterator[Problem]:
    """What is empty, or says again what holds anyway; stores that the destination is not told of, where it names its
    stores; special cases that contradict one another.
    """
    for where, layer in part.narrower(at).items():
        for name, codes in layer.code_maps.items():
            if not codes:
                yield Problem(f"{where}.code_maps.{name}", "a table without an entry", "at least one, or no such map")
        if not layer.entries():
            yield Problem(where, "nothing that it changes", f"at least one of {listed(RULES)}")
    for store, layer in part.per_store.items():
        yield from _said_before(f"{at}.per_store.{store}", layer, part.entries())
    named = {f"{at}.per_store.{store}": {store} for store in part.per_store}
    named |= {f"{at}.special_cases[{i}].when.stores": set(c.when.stores) for i, c in enumerate(part.special_cases)}
    for where, ones in named.items():
        strangers = ones - stores if stores else ()
        if strangers:
            found = f"{listed(map(str, sorted(strangers)))}, whose events this destination does not take"
            yield Problem(where, found, listed(map(str, sorted(stores))))
    yield from _rival_cases(f"{at}.special_cases", part.special_cases)


def _said_before(at: str, layer: RulesPart, general: Mapping[Entry, object]) -> Iterator[Problem]:
    for entry, value in layer.entries().items():
        is_needed = entry[0] == "code_maps" and EVERY_OTHER in layer.code_maps[entry[1]]
        if general.get(entry) == value and not is_needed:
            yield Problem(f"{at}.{'.'.join(entry)}", f"{value!r}, as for every store", "only what is different there")


def _rival_cases(at: str, cases: tuple[SpecialCasePart, ...]) -> Iterator[Problem]:
    for index, case in enumerate(cases):
        for earlier in cases[:index]:
            if earlier.name == case.name:
                yield Problem(f"{at}[{index}].name", f"{case.name!r} a second time", "a name of its own")
            entry = contradiction(earlier.entries(), case.entries())
            if entry is not None and earlier.when.condition().meets(case.when.condition()):
                found = f"{entry}, about which {earlier.name} says something else for the same documents"
                yield Problem(f"{at}[{index}]", found, "one of the two, or conditions that never hold together")


def unread_problems(at: str, part: MappedPart, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Entries that nothing reads, most often for a typing error in a name; constants that are read and not there."""
    layers = {at: part, **part.narrower(at)}
    in_fields = {name for layer in layers.values() for text in layer.custom_fields.values() for name in _READ(text)}
    for where, layer in layers.items():
        yield from _unread(f"{where}.code_maps", layer.code_maps, vocabulary.code_maps, "a code map")
        yield from _unread(f"{where}.constants", layer.constants, vocabulary.constants | in_fields, "a constant")
        if layer.custom_fields and not vocabulary.custom_fields:
            yield Problem(f"{where}.custom_fields", "fields that nothing reads", "none: this ERP's mapping reads none")
    for name in sorted(vocabulary.needed.union(in_fields).difference(part.constants)):
        yield Problem(f"{at}.constants.{name}", "nothing", "a text, which is read for every document")


def _unread(at: str, names: Iterable[str], read: frozenset[str], what: str) -> Iterator[Problem]:
    for name in names:
        if name not in read:
            allowed = listed(sorted(read)) or "none: this ERP's mapping reads none"
            yield Problem(f"{at}.{name}", f"{what} that nothing reads", allowed)
