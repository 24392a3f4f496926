"""The form of what a blueprint says about an ERP's stock in Magento, and what must not be said together.

stock_feed:
  quantity: available                       # what the ERP's level counts: on_hand, available, atp
  warehouses:                               # the ERP's warehouse: Magento's source
    W1: west
    W2: west                                # several of one source are added up
    HUB: [{source: hub, share: 0.7}, {source: outlet, share: 0.3}]
  unit: PCE
  units: [{unit: BOX, holds: 12, skus: {prefix: SCREW-}}]
  share: 0.8
  safety_stock: [{skus: [MUG], quantity: 10}, {quantity: 2}]
  every: 15m
  write: rest
  guards: {jump: {share: 0.5, at_least: 20}, negative: hold, missing: keep, oldest: 1h}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sidecar.blueprint.ground import Part, Text, as_text
from sidecar.blueprint.inbound import InboundPart
from sidecar.blueprint.mapping import SKUS_FORM, SkuCondition
from sidecar.blueprint.units import UnitName, UnitPart, units_of
from sidecar.configuration import PositiveDuration, Problem, invalid, listed, shown
from sidecar.domain.delivery import Capabilities, ChangeKind
from sidecar.domain.money import decimal_of
from sidecar.domain.stock_feed import (
    FeedGuards,
    Quantity,
    SafetyStock,
    SourceShare,
    StockFeedPolicy,
)

_GUARDS: Final = FeedGuards()
_FEED: Final = StockFeedPolicy(Quantity.ON_HAND, {})
_SHORTEST: Final = timedelta(seconds=10)
_DEMANDED: Final = frozenset({"order", "invoice", "shipment"})
"""Reasons of deltas that say what an order has said: an available level counts it with the order."""

_SAFETY_FORM: Final = "a quantity such as 5, or a list of {quantity, skus} of which the first that fits counts"
_SOURCES_FORM: Final = "a source, or a list of {source, share} whose shares add up to 1"
_NOT_NEGATIVE: Final = "a decimal such as 12 or 0.5, not negative, up to 4 places"
_PLACES: Final = 4


def _decimal(value: object) -> Decimal:
    """A number of YAML is written out again as it was read: 0.1 is 0.1."""
    text = as_text(value)
    try:
        number = decimal_of(str(text) if isinstance(value, float) else text)
    except ValueError:
        raise invalid(shown(value), _NOT_NEGATIVE) from None
    if number < 0 or number != round(number, _PLACES):
        raise invalid(shown(value), _NOT_NEGATIVE)
    return number


def _part_of_one(value: Decimal) -> Decimal:
    if not 0 < value <= 1:
        raise invalid(str(value), "a share above 0, up to 1")
    return value


def _not_too_often(value: timedelta) -> timedelta:
    if value < _SHORTEST:
        raise invalid(f"less than {_SHORTEST} ({value})", "a duration from 10s on: every page is a call to the ERP")
    return value


Number = Annotated[Decimal, BeforeValidator(_decimal)]
Share = Annotated[Number, AfterValidator(_part_of_one)]


class SourceSharePart(Part):
    """One source of a warehouse that several sell from."""

    source: Text = Field(description="one of Magento's sources")
    share: Share = Field(description="a share above 0, up to 1")


class SafetyStockPart(Part):
    """What is kept back of some SKUs."""

    quantity: Number = Field(description=_NOT_NEGATIVE)
    skus: SkuCondition | None = Field(default=None, description=SKUS_FORM)


class JumpPart(Part):
    """When a change is too large to be believed."""

    share: Number = Field(default=Decimal("0.5"), description=_NOT_NEGATIVE)
    at_least: Number = Field(default=_GUARDS.jump_at_least, description=_NOT_NEGATIVE)


def _no_jump(value: object) -> object:
    return None if value == "any" else value


class GuardsPart(Part):
    """What is not written before a person has looked."""

    jump: Annotated[JumpPart | None, BeforeValidator(_no_jump)] = Field(
        default=JumpPart(), description="a table with share and at_least, or any"
    )
    negative: Literal["hold", "zero"] = _GUARDS.negative
    missing: Literal["keep", "zero"] = _GUARDS.missing
    oldest: PositiveDuration = _GUARDS.oldest


def _sources(value: object) -> object:
    return [{"source": value, "share": "1"}] if isinstance(value, str) else value


def _whole(parts: tuple[SourceSharePart, ...]) -> tuple[SourceSharePart, ...]:
    total = sum((part.share for part in parts), Decimal(0))
    if total != 1:
        raise invalid(f"shares that add up to {total}", _SOURCES_FORM)
    if len({part.source for part in parts}) < len(parts):
        raise invalid("one source twice", "each source of a warehouse once")
    return parts


def _safety(value: object) -> object:
    return value if isinstance(value, list | tuple) else [{"quantity": value}]


Sources = Annotated[tuple[SourceSharePart, ...], BeforeValidator(_sources), AfterValidator(_whole)]


class StockFeedPart(Part):
    """How an ERP's stock becomes Magento's."""

    quantity: Quantity = Field(description="what the ERP's level counts: " + listed(Quantity))
    warehouses: dict[Text, Sources] = Field(
        min_length=1, description=f"for each of the ERP's warehouses {_SOURCES_FORM}"
    )
    unit: UnitName | None = Field(default=None, description="the ERP's word for what Magento counts one by one")
    units: tuple[UnitPart, ...] = Field(default=(), description="a list of " + listed(UnitPart.model_fields))
    safety_stock: Annotated[tuple[SafetyStockPart, ...], BeforeValidator(_safety)] = Field(
        default=(), description=_SAFETY_FORM
    )
    share: Share = Field(default=_FEED.share, description="a share above 0, up to 1")
    decimals: Literal[0, 4] = Field(default=_FEED.decimals, description="0 for whole units, 4")
    every: Annotated[PositiveDuration, AfterValidator(_not_too_often)] = _FEED.every
    write: Literal["rest", "sql"] = Field(default=_FEED.write, description="rest, sql")
    out_of_stock: Literal["status", "quantity"] = Field(default=_FEED.out_of_stock, description="status, quantity")
    uncertainty: PositiveDuration = _FEED.uncertainty
    guards: GuardsPart = Field(default=GuardsPart(), description="a table with " + listed(GuardsPart.model_fields))

    def policy(self) -> StockFeedPolicy:
        """The same in the words of the domain."""
        jump = self.guards.jump
        return StockFeedPolicy(
            quantity=self.quantity,
            warehouses={
                name: tuple(SourceShare(part.source, part.share) for part in parts)
                for name, parts in self.warehouses.items()
            },
            every=self.every,
            write=self.write,
            units=units_of(self.unit or "", self.units),
            safety_stock=tuple(SafetyStock(safety.quantity, safety.skus) for safety in self.safety_stock),
            share=self.share,
            decimals=self.decimals,
            out_of_stock=self.out_of_stock,
            uncertainty=self.uncertainty,
            guards=FeedGuards(
                None if jump is None else jump.share,
                _GUARDS.jump_at_least if jump is None else jump.at_least,
                self.guards.negative,
                self.guards.missing,
                self.guards.oldest,
            ),
        )


@dataclass(frozen=True, slots=True)
class FeedSurroundings:
    """What else a blueprint says of the destination; `authority` None: nobody is named, which is told elsewhere.

    `sources` are Magento's for the ERP's warehouses, as deliveries leave them.
    """

    authority: str | None
    takes_orders: bool
    takes_events: bool
    withholds_echoes: bool
    inbound: InboundPart | None
    reasons: frozenset[str]
    sources: Mapping[str, str]


def stock_feed_problems(at: str, name: str, part: StockFeedPart | None, around: FeedSurroundings) -> Iterator[Problem]:
    """What is missing or contradicts itself."""
    if part is None:
        return
    if around.takes_events:
        yield Problem(at, "a table that is never used", "none: a receiver of events has no stock to read")
        return
    if around.authority not in (None, name):
        found = f"{around.authority} while the stock of {name} becomes Magento's"
        yield Problem("domains.stock.authority", found, f"{name}: of two authorities each would undo the other")
    if around.authority is None:
        yield Problem("domains.stock", f"nothing, as the stock of {name} becomes Magento's", f"an entry of {name}'s")
    if not around.withholds_echoes:
        found = "sent, although the ERP's stock becomes Magento's (stock_feed)"
        yield Problem(f"{at.removesuffix('stock_feed')}echoes", found, "withheld: it would be told its own stock")
    yield from _unfed_orders(at, part, around)
    inbound = around.inbound
    if inbound is not None and ChangeKind.CREDIT_MEMOS in inbound.takes and inbound.restock != "never":
        found = f"{inbound.restock} although the ERP's stock becomes Magento's"
        allowed = "never: what came back lies in the ERP's level already, and would be put on sale twice"
        yield Problem(f"{at.removesuffix('stock_feed')}inbound.restock", found, allowed)
    for warehouse, parts in part.warehouses.items():
        source = around.sources.get(warehouse)
        if source is not None and source not in {one.source for one in parts}:
            found = f"{listed(one.source for one in parts)}, while deliveries from {warehouse} leave {source}"
            yield Problem(f"{at}.warehouses.{warehouse}", found, f"{source} among them, or other inbound.sources")


def _unfed_orders(at: str, part: StockFeedPart, around: FeedSurroundings) -> Iterator[Problem]:
    """What the rule needs to know of orders and of goods that have left."""
    deliveries = around.inbound is not None and ChangeKind.DELIVERIES in around.inbound.takes
    if (
        part.quantity is Quantity.ON_HAND
        and around.takes_orders
        and not deliveries
        and "shipment" not in around.reasons
    ):
        found = "on_hand, and nobody tells which goods have left: neither inbound.takes deliveries nor stock.reasons"
        allowed = "deliveries in inbound.takes, or shipment in stock.reasons; or available, if the ERP tells that"
        yield Problem(f"{at}.quantity", found, allowed)
    twice = sorted(around.reasons & _DEMANDED)
    if part.quantity is not Quantity.ON_HAND and around.takes_orders and twice:
        found = f"{part.quantity}, while {listed(twice)} flows as deltas (stock.reasons) beside the orders"
        yield Problem(f"{at}.quantity", found, "on_hand; or none of them: the ERP's level would count an order twice")


def fed_twice(feeds: Mapping[str, StockFeedPart]) -> Iterator[Problem]:
    """Two ERPs that both say what a source holds undo one another."""
    fed: dict[str, str] = {}
    for name, part in feeds.items():
        for source in part.policy().sources:
            first = fed.setdefault(source, name)
            if first != name:
                found = f"{source}, which destinations.{first} feeds too"
                yield Problem(f"destinations.{name}.stock_feed.warehouses", found, "each source fed by one ERP")


def unfed_problems(at: str, feed: StockFeedPolicy | None, caps: Capabilities) -> Iterator[Problem]:
    """What is to be read and the destination's adapter cannot."""
    if feed is not None and not caps.reads_stock:
        yield Problem(at, "a feed of an ERP whose adapter reads no stock", "none; or a profile that reads stock levels")
