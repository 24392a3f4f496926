"""Rules: what the blueprint says about turning Magento's words into an ERP's, as it holds for one document.

Three layers, the narrower one decides: the special cases that hold for the document, the rules of its store view, the
general ones. A layer decides about an entry when it names it; a code map's `*` names every code that its layer does not
name, so a store's `*` stands before a code that only the general map names. What no layer names is missing. A profile's
own code map is general where the blueprint has none of that name.

Special cases that hold at once may say different things, but not about the same entry: such a document is refused with
the names of both, before a byte is sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from erp_adapters.mapping.expression import Expression
from erp_adapters.mapping.fulfilment import Fulfilment
from erp_adapters.mapping.render import CodeMaps, MappingError
from sidecar.domain.customer import Customer
from sidecar.domain.documents import (
    CustomerDocument,
    Document,
    OrderCancellation,
    OrderDocument,
    RefundDocument,
)
from sidecar.domain.special_cases import EVERY_OTHER, Condition, Entry, Scope, entries_of, first_contradiction


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one document; `origins` tells of each entry that is not a general one which layer names it.

    `fulfilment` has no layers: it holds for the destination.
    """

    code_maps: CodeMaps = field(default_factory=dict)
    custom_fields: Mapping[str, Expression] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[Entry, str] = field(default_factory=dict)
    fulfilment: Fulfilment = field(default_factory=Fulfilment)

    def entries(self) -> Mapping[Entry, object]:
        """One entry at a time."""
        return entries_of(self.code_maps, self.constants, self.custom_fields)

    def under(self, narrower: "Rules", layer: str) -> "Rules":
        """These rules, with a narrower layer on top."""
        return Rules(
            {name: self._codes(name, narrower) for name in {**self.code_maps, **narrower.code_maps}},
            {**self.custom_fields, **narrower.custom_fields},
            {**self.constants, **narrower.constants},
            {**self.origins, **dict.fromkeys(narrower.entries(), layer)},
            self.fulfilment,
        )

    def complete(self) -> "Rules":
        """The same, its expressions knowing its constants: a payload, in which they are searched, holds none."""
        fields = {
            name: replace(field, given=self.constants) if field.constants else field
            for name, field in self.custom_fields.items()
        }
        return replace(self, custom_fields=fields)

    def _codes(self, name: str, narrower: "Rules") -> Mapping[str, str]:
        codes = narrower.code_maps.get(name, {})
        return codes if EVERY_OTHER in codes else {**self.code_maps.get(name, {}), **codes}


@dataclass(frozen=True, slots=True)
class SpecialCase:
    """Rules for few documents, with an owner and an end: the last day whose documents they hold for."""

    name: str
    owner: str
    until: date
    when: Condition
    rules: Rules

    def holds(self, scope: Scope) -> bool:
        """Tell whether it holds for a document."""
        return scope.day is not None and scope.day <= self.until and self.when.holds(scope)

    @property
    def layer(self) -> str:
        """How people are told of it."""
        return f"special case {self.name} of {self.owner}, until {self.until}"


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule of a destination. Thread-safe: what holds in a scope is put together once and kept."""

    general: Rules = field(default_factory=Rules)
    stores: Mapping[int, Rules] = field(default_factory=dict)
    cases: tuple[SpecialCase, ...] = ()
    fulfilment: Fulfilment = field(default_factory=Fulfilment)
    _made: dict[tuple[int | None, tuple[str, ...]], Rules] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def over(self, code_maps: CodeMaps) -> "RuleBook":
        """The same, with code maps that are general where this book has none of their name."""
        return replace(self, general=replace(self.general, code_maps={**code_maps, **self.general.code_maps}))

    def rules_for(self, scope: Scope) -> Rules:
        """The rules that hold in a scope; raises MappingError where special cases contradict one another."""
        holding = [case for case in self.cases if case.holds(scope)]
        store = scope.store_id if scope.store_id in self.stores else None
        key = store, tuple(case.name for case in holding)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._put_together(store, holding)
        return made

    def _put_together(self, store: int | None, holding: Iterable[SpecialCase]) -> Rules:
        cases = {case.name: case for case in holding}
        contradiction = first_contradiction({name: case.rules.entries() for name, case in cases.items()})
        if contradiction is not None:
            one, other, entry = contradiction
            message = f"the special cases {one} and {other} both hold, and say different things about {entry}"
            raise MappingError(entry, message, hint=f"narrow {one} or {other} in the blueprint, then retry the event")
        general = replace(self.general, fulfilment=self.fulfilment)
        rules = general if store is None else general.under(self.stores[store], f"store {store}")
        for case in cases.values():
            rules = rules.under(case.rules, case.layer)
        return rules.complete()


def scope_of(document: Document) -> Scope:
    """What of a document decides about its rules."""
    match document:
        case OrderDocument(order) | OrderCancellation(order):
            group = order.source["order"].get("customer_group_id")
            skus = frozenset(line.sku for line in order.lines)
            return Scope(order.store_id, _text(group), skus, _day(order.created_at))
        case RefundDocument(refund):
            group = refund.source["order"].get("customer_group_id")
            skus = frozenset(line.sku for line in refund.lines)
            return Scope(refund.store_id, _text(group), skus, _day(refund.created_at))
        case CustomerDocument(Customer(store_id=store_id, source=source)):
            group = source.get("customer", {}).get("group_id")
            return Scope(store_id, _text(group), day=_day(source.get("occurred_at")))
        case _:
            return Scope()


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _day(instant: object) -> date | None:
    """The day of an instant as Magento writes it, which is UTC."""
    try:
        return date.fromisoformat(instant[:10]) if isinstance(instant, str) else None
    except ValueError:
        return None
