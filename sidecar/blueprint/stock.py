"""The form of what a blueprint says about stock that Magento tells an ERP, and what must not be said together.

stock:
  reasons: [shipment, refund, manual]
  warehouses:                               # Magento's source: the ERP's warehouse
    west: W1
    north: W1
    hub:                                    # the first rule that holds decides; the last one holds for all
      - {reasons: [refund], warehouse: Q1}
      - {skus: {prefix: HAZ-}, warehouse: HZ}
      - {warehouse: H1}
  demand: {1: W1}                           # Magento's stock: the ERP's warehouse, or its sales channel
  window: {age: 60s, deltas: 5000, crossing: 0, crossing_pause: 5s, every: 10m}
  unit: PCE                                 # the ERP's word for what Magento counts one by one
  units:                                    # what it counts otherwise
    - {skus: {prefix: CASE-}, unit: BOX, holds: 12}
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sidecar.blueprint.ground import Part, Text, as_text
from sidecar.blueprint.mapping import SKUS_FORM, SkuCondition
from sidecar.blueprint.units import UNITS_FORM, UnitName, UnitPart, units_of, units_problems
from sidecar.configuration import Duration, PositiveDuration, Problem, invalid, listed, shown
from sidecar.domain.events import STOCK_TYPES, EventType
from sidecar.domain.policy import StockPolicy
from sidecar.domain.special_cases import Skus
from sidecar.domain.stock import MOST_DELTAS
from sidecar.domain.warehouses import WarehouseRule, sources_of

StockReason = Literal[
    "shipment", "refund", "manual", "import", "transfer", "correction", "order", "invoice", "rename", "deletion"
]
_STOCK: Final = StockPolicy()
_NEVER: Final = "never"
_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,16}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_DECIMAL: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?", re.ASCII)
_LONGEST_THROTTLE: Final = timedelta(days=1)
_CODE_FORM: Final = "up to 16 of A-Z a-z 0-9 _ . : -"
_WAREHOUSES_FORM: Final = f"the ERP's warehouse for each of Magento's sources, {_CODE_FORM}"
_REASONS_FORM: Final = (
    "a list of shipment, refund, manual, import, transfer, correction, order, invoice, rename, deletion"
)


def _warehouse(value: object) -> str:
    text = as_text(value)
    if not isinstance(text, str) or _CODE.fullmatch(text) is None:
        raise invalid(shown(value), _WAREHOUSES_FORM)
    return text


def _rules(value: object) -> object:
    """A warehouse by itself is a rule that holds for all."""
    return value if isinstance(value, list | tuple) else [{"warehouse": _warehouse(value)}]


def _stock_id(value: object) -> int:
    text = as_text(value)
    if not isinstance(text, str) or _NUMBER.fullmatch(text) is None:
        raise invalid(shown(value), "the number of one of Magento's stocks, such as 1")
    return int(text)


def _crossing(value: object) -> Decimal | None:
    text = as_text(value)
    if text == _NEVER:
        return None
    if not isinstance(text, str) or _DECIMAL.fullmatch(text) is None:
        raise invalid(shown(value), f"a quantity such as 0, up to 4 places, or {_NEVER}")
    return Decimal(text)


def _bearable(value: timedelta) -> timedelta:
    if value > _LONGEST_THROTTLE:
        raise invalid(f"more than a day ({value})", "up to 1d: what waits is read again after each restart")
    return value


Warehouse = Annotated[str, BeforeValidator(_warehouse)]


class WarehouseRulePart(Part):
    """The warehouse of some of a source's changes."""

    warehouse: Warehouse = Field(description=f"the ERP's warehouse, {_CODE_FORM}")
    reasons: frozenset[StockReason] = Field(default=frozenset(), min_length=1, description=_REASONS_FORM)
    skus: SkuCondition | None = Field(default=None, description=SKUS_FORM)

    def rule(self) -> WarehouseRule:
        """The same in the words of the domain."""
        return WarehouseRule(self.warehouse, frozenset(self.reasons), self.skus)


class WindowPart(Part):
    """When a stock window closes: by age, by size or by a threshold, whichever comes first, and never too often."""

    age: PositiveDuration = _STOCK.window_age
    deltas: Annotated[int, Field(strict=True)] = Field(
        default=_STOCK.window_deltas, ge=1, le=MOST_DELTAS, description=f"a whole number from 1 to {MOST_DELTAS}"
    )
    crossing: Annotated[Any, BeforeValidator(_crossing)] = Field(
        default=_STOCK.crossing, description=f"a quantity such as 0, or {_NEVER}"
    )
    crossing_pause: Duration = _STOCK.crossing_pause
    every: Annotated[Duration, AfterValidator(_bearable)] = _STOCK.every


class StockPart(Part):
    """Which stock deltas flow to the ERP."""

    reasons: frozenset[StockReason] = Field(default=frozenset(), min_length=1, description=_REASONS_FORM)
    warehouses: dict[Text, Annotated[tuple[WarehouseRulePart, ...], BeforeValidator(_rules), Field(min_length=1)]] = (
        Field(default_factory=dict, min_length=1, description=_WAREHOUSES_FORM)
    )
    demand: dict[Annotated[int, BeforeValidator(_stock_id)], Warehouse] = Field(
        default_factory=dict, min_length=1, description="the ERP's warehouse or channel for each of Magento's stocks"
    )
    window: WindowPart = Field(default=WindowPart(), description="a table with " + listed(WindowPart.model_fields))
    unit: UnitName = Field(default="", description="the ERP's word for what Magento counts one by one, such as PCE")
    units: tuple[UnitPart, ...] = Field(default=(), description=UNITS_FORM)

    def by_source(self) -> Mapping[str, str | Sequence[WarehouseRule]]:
        """The warehouses in the words of the domain: where one rule holds for all, its warehouse alone."""
        rules = {source: [part.rule() for part in parts] for source, parts in self.warehouses.items()}
        return {
            source: said[0].warehouse if said[0].is_for_all else tuple(said) for source, said in rules.items() if said
        }

    def policy(self, drop_shipped: Skus | None = None) -> StockPolicy:
        """The same in the words of the domain."""
        return StockPolicy(
            reasons=frozenset(self.reasons),
            warehouses=self.by_source(),
            demand=self.demand,
            window_age=self.window.age,
            window_deltas=self.window.deltas,
            crossing=self.window.crossing,
            crossing_pause=self.window.crossing_pause,
            every=self.window.every,
            drop_shipped=drop_shipped,
            units=units_of(self.unit, self.units),
        )


def backwards(part: StockPart | None) -> Mapping[str, Sequence[str]]:
    """For each of the ERP's warehouses the sources whose changes it may get."""
    return {} if part is None else sources_of(part.by_source())


def stock_problems(at: str, part: StockPart | None, takes: Collection[str], *, takes_events: bool) -> Iterator[Problem]:
    """What is missing, never used, or never reached."""
    takes = frozenset() if takes_events else frozenset(takes) & STOCK_TYPES
    if part is None:
        if takes:
            allowed = "a table with reasons and warehouses, as the destination takes deltas"
            demanded = "a table with demand, as the destination takes InventoryReserved"
            yield Problem(at, "nothing", allowed if EventType.INVENTORY_ADJUSTED in takes else demanded)
        return
    if not takes:
        yield Problem(at, "a table that is never used", f"none, or {EventType.INVENTORY_ADJUSTED} in takes")
        return
    forms = {"reasons": _REASONS_FORM, "warehouses": _WAREHOUSES_FORM}
    yield from _halves(at, part, forms, EventType.INVENTORY_ADJUSTED, takes)
    demand = {"demand": "for each of Magento's stocks the ERP's warehouse or channel, such as {1: W1}"}
    yield from _halves(at, part, demand, EventType.INVENTORY_RESERVED, takes)
    yield from units_problems(f"{at}.units", part.units)
    for source, rules in part.warehouses.items():
        yield from _rule_problems(f"{at}.warehouses.{source}", rules, part.reasons)
    if part.window.crossing is None and "crossing_pause" in part.window.model_fields_set:
        yield Problem(f"{at}.window.crossing_pause", "a pause that is never made", f"none, as crossing is {_NEVER}")


def _halves(
    at: str, part: StockPart, forms: Mapping[str, str], kind: EventType, takes: Collection[str]
) -> Iterator[Problem]:
    """What a type of event needs is said where it is taken, and only there."""
    for name, form in forms.items():
        if kind in takes and not getattr(part, name):
            yield Problem(f"{at}.{name}", "nothing", form)
        if kind not in takes and getattr(part, name):
            yield Problem(f"{at}.{name}", "a table that is never used", f"none, or {kind} in takes")


def _rule_problems(at: str, rules: Sequence[WarehouseRulePart], reasons: Collection[str]) -> Iterator[Problem]:
    for index, part in enumerate(rules):
        is_last, is_for_all = index == len(rules) - 1, part.rule().is_for_all
        if is_last and not is_for_all:
            found, allowed = "a last rule that does not hold for all", "one more with nothing but a warehouse"
            yield Problem(f"{at}[{index}]", found, f"{allowed}: what no rule holds for would go nowhere")
        if is_for_all and not is_last:
            yield Problem(f"{at}[{index}]", "a rule for all before the last", "reasons, skus; or the end of the list")
        for reason in sorted(part.reasons.difference(reasons)):
            yield Problem(f"{at}[{index}].reasons", f"{reason}, which does not flow", f"{listed(sorted(reasons))}")
