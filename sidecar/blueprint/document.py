"""The form of `blueprint.yaml`: its keys, and for each of them what is allowed."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from sidecar.blueprint.ground import Part, Text, as_text
from sidecar.blueprint.inbound import InboundPart
from sidecar.blueprint.intents import AllocationPart, IntentsPart
from sidecar.blueprint.lifecycle import LifecyclePart
from sidecar.blueprint.mapping import MappedPart
from sidecar.blueprint.odoo import OdooPart
from sidecar.blueprint.stock import StockPart
from sidecar.blueprint.stock_feed import StockFeedPart
from sidecar.configuration import Duration, PositiveDuration, invalid, listed, shown
from sidecar.domain.events import EventType
from sidecar.domain.numbers import NUMBER_LIMIT, NumberRule
from sidecar.domain.policy import PATIENCE, BatchPolicy, QuarantinePolicy, RetryPolicy
from sidecar.domain.quiet_hours import QuietHours, QuietRange
from sidecar.domain.start import UNSAID, Start

MAGENTO: Final = "magento"
EVENT_TYPES: Final = tuple(sorted(EventType))
_QUARANTINE: Final = QuarantinePolicy()
_RETRY: Final = RetryPolicy()
_BATCH: Final = BatchPolicy()
NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)
_CLOCK: Final = re.compile(r"([0-9]{1,2}):([0-5][0-9])", re.ASCII)
DAY_IN_MINUTES: Final = 24 * 60
NUMBER_FORM: Final = (
    'one rule for numbers of more than 32 characters: {last: 32}, {after: "-"} (what follows the last one) '
    'or {without: "-"}'
)
START_FORM: Final = "now, beginning, a date (from 00:00 UTC) or an instant such as 2026-11-01T08:00:00+01:00"
_METHOD: Final = re.compile(r"[A-Za-z0-9_.*-]{1,128}", re.ASCII)
_DECIMAL: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?", re.ASCII)


BATCH_KIND: Final = "cloudevents_batch"
EVENT_KINDS: Final = frozenset({"cloudevents", BATCH_KIND})
"""Kinds of destinations that take events as they are; all others take documents."""


class Domain(StrEnum):
    """The kinds of data that two systems could both want to decide."""

    PRODUCTS = "products"
    PRICES = "prices"
    STOCK = "stock"
    CUSTOMERS = "customers"
    ORDERS = "orders"
    PAYMENTS = "payments"
    INVOICES = "invoices"
    SHIPMENTS = "shipments"
    RETURNS = "returns"
    REFUNDS = "refunds"


Direction = Literal["magento_to_erp", "erp_to_magento", "both"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)


def _decimal(value: object) -> Decimal:
    text = as_text(value)
    if not isinstance(text, str) or _DECIMAL.fullmatch(text) is None:
        raise invalid(shown(value), "a decimal such as 0.01, not negative, up to 4 places")
    return Decimal(text)


def _method(value: object) -> str:
    if not isinstance(value, str) or _METHOD.fullmatch(value) is None:
        raise invalid(shown(value), "a payment method's code, in which * stands for any text")
    return value


def _address(value: object) -> str:
    """Accept an http or https address; one with a password in it is refused without repeating it."""
    allowed = "an address such as https://erp.example.com/api, without user, password, query and fragment"
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        plain = False
    if not plain:
        raise invalid("something that is no such address", allowed)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise invalid("an address with more in it", allowed)
    return str(value).rstrip("/")


def _one_name(value: object) -> str:
    if isinstance(value, list | tuple) and len(value) > 1:
        found = f"{len(value)} authorities ({listed(str(name) for name in value)})"
        raise invalid(found, "one name: of two authorities nobody knows which is right")
    if not isinstance(value, str) or not value:
        raise invalid(shown(value), f"one name: {MAGENTO} or a destination")
    return value


def _name(value: object) -> str:
    if not isinstance(value, str) or NAME.fullmatch(value) is None:
        raise invalid(shown(value), "a name of small letters, digits, _ and -, up to 32, a letter first")
    return value


def _a_second(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise invalid(f"less than a second ({value})", "a duration from 1s on")
    return value


def _minute(value: object) -> int:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match else -1
    if not 0 <= minute <= DAY_IN_MINUTES:
        raise invalid(shown(value), "a time on the clock from 00:00 to 24:00, such as 22:30")
    return minute


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(shown(value), "a time zone that this host knows, such as Europe/Berlin") from None


def _start(value: object) -> Start:
    if value in ("now", "beginning"):
        return Start(str(value))
    try:
        since = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise invalid(shown(value), START_FORM) from None
    if since.tzinfo is None and len(str(value)) > len("2026-11-01"):
        raise invalid(f"{shown(value)} without a zone", START_FORM)
    return Start(str(value), since if since.tzinfo is not None else since.replace(tzinfo=UTC))


def _number(value: object) -> NumberRule:
    match value:
        case {"last": int(last), **rest} if not rest and not isinstance(last, bool) and 0 < last <= NUMBER_LIMIT:
            return NumberRule(last=last)
        case {"after": str(sign), **rest} if not rest and sign.isprintable() and 0 < len(sign) <= NUMBER_LIMIT:
            return NumberRule(after=sign)
        case {"without": str(sign), **rest} if not rest and sign.isprintable() and 0 < len(sign) <= NUMBER_LIMIT:
            return NumberRule(without=sign)
        case _:
            raise invalid(shown(value), NUMBER_FORM)


Name = Annotated[str, BeforeValidator(_name)]
Count = Annotated[int, Field(strict=True)]


class ReleasePart(Part):
    """A release rule; the first whose methods match decides."""

    methods: tuple[Annotated[str, BeforeValidator(_method)], ...] = Field(
        min_length=1, description="a list of payment methods, such as [checkmo, banktransfer] or ['*']"
    )
    when: Literal["placed", "authorized", "paid"] = Field(description="placed, authorized, paid")
    settle: Duration = timedelta()
    deadline: PositiveDuration | None = None


def _replacement(value: object) -> object:
    """Accept what is built; an order change is named because an ERP's owners will ask for it."""
    if value == "change":
        found = "'change', which is not built: the predecessor's document has its own reference and key"
        raise invalid(found, "wait, independent")
    return value


class DuplicatesPart(Part):
    """Orders of one quote that are one purchase."""

    window: Duration = _QUARANTINE.window


class ReplacementsPart(Part):
    """What becomes of an order that takes the place of an edited one."""

    mode: Annotated[Literal["wait", "independent"], BeforeValidator(_replacement)] = Field(
        default="wait", description="wait, independent"
    )
    deadline: PositiveDuration = _QUARANTINE.deadline


class RetryPart(Part):
    """How often and how long a call is repeated."""

    first: PositiveDuration = _RETRY.first
    factor: Annotated[Decimal, BeforeValidator(_decimal)] = Field(
        default=Decimal(2), ge=1, le=10, description="a number from 1 to 10"
    )
    ceiling: PositiveDuration = _RETRY.ceiling
    attempts: Count = Field(default=_RETRY.attempts, ge=1, le=1000, description="a whole number from 1 to 1000")


class PendingPart(Part):
    """What the ERP accepts now and works on later."""

    deadline: PositiveDuration = Field(default=PATIENCE, description="a duration such as 2h")


class BatchPart(Part):
    """How batches of a feed are cut, and how they are receipted."""

    events: Count = Field(default=_BATCH.events, ge=1, le=10_000, description="a whole number from 1 to 10000")
    bytes: Count = Field(
        default=_BATCH.bytes, ge=1024, le=64 * 1024 * 1024, description="a whole number from 1024 to 67108864"
    )
    receipts: Literal["ranges", "each"] = Field(default="ranges", description="ranges, each")


class ReadBackPart(Part):
    """Which documents are read again after they were created, and compared."""

    first: Count = Field(default=20, ge=0, description="a whole number, 0 for none")
    every: Count = Field(default=20, ge=0, description="a whole number, 1 for all, 0 for none after the first ones")


class BudgetPart(Part):
    """At most so many calls in any stretch of time of this length."""

    calls: Count = Field(ge=2, le=100_000_000, description="a whole number from 2 to 100000000")
    per: Annotated[Duration, AfterValidator(_a_second)] = Field(description="a duration such as 1s, 5m or 1d")


class QuietRangePart(Part):
    """One stretch of quiet hours; an end that is not after the beginning lies on the next day."""

    days: frozenset[Weekday] = Field(
        default=frozenset(WEEKDAYS), min_length=1, description="a list of " + listed(WEEKDAYS)
    )
    begin: Annotated[int, BeforeValidator(_minute)] = Field(description="a time on the clock such as 22:00")
    end: Annotated[int, BeforeValidator(_minute)] = Field(description="a time on the clock such as 05:30")


class QuietPart(Part):
    """When nothing begins."""

    time_zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(description="a time zone such as Europe/Berlin")
    ranges: Sequence[QuietRangePart] = Field(min_length=1, description="a list of ranges with days, begin and end")

    def hours(self) -> QuietHours:
        """The same in the words of the domain."""
        days = {name: number for number, name in enumerate(WEEKDAYS)}
        return QuietHours(
            self.time_zone,
            tuple(QuietRange(frozenset(days[day] for day in r.days), r.begin, r.end) for r in self.ranges),
        )


class GovernorPart(Part):
    """How often and when the ERP may be called."""

    budgets: tuple[BudgetPart, ...] = Field(default=(), description="a list of budgets with calls and per")
    quiet_hours: QuietPart | None = Field(default=None, description="a table with time_zone and ranges")


class DestinationPart(MappedPart):
    """One ERP: what it is, what it takes, how it speaks."""

    @property
    def takes_events(self) -> bool:
        """Tell whether it takes events as they are, and not documents made of them."""
        return self.kind in EVENT_KINDS

    @property
    def takes_batches(self) -> bool:
        """Tell whether it takes events in batches."""
        return self.kind == BATCH_KIND

    @property
    def withholds_echoes(self) -> bool:
        """Tell whether what the ERP has caused is not sent to it; where nobody says, an ERP's own adapter does so."""
        return self.echoes == "withheld" or (self.echoes is None and not self.takes_events)

    kind: Name = Field(description="the kind of adapter, such as legacy")
    profile: Text | None = Field(
        default=None, description="the name of a profile that ships with the adapter, or a path beside this file"
    )
    base_url: Annotated[str, BeforeValidator(_address)] = Field(description="the ERP's address")
    takes: frozenset[Text] = Field(min_length=1, description="a list of " + listed(EVENT_TYPES))
    stores: frozenset[Annotated[int, Field(strict=True, ge=0)]] = Field(
        default=frozenset(), description="a list of the numbers of store views, such as [1, 4]"
    )
    start: Annotated[Start, BeforeValidator(_start)] = Field(default=UNSAID, description=START_FORM)
    authority_for: frozenset[Domain] = Field(default=frozenset(), description="a list of " + listed(Domain))
    echoes: Literal["withheld", "sent"] | None = Field(default=None, description="withheld, sent")
    acknowledges: Annotated[bool, Field(strict=True)] = Field(default=True, description="true, false")
    release: tuple[ReleasePart, ...] = Field(default=(), description="a list of rules with methods and when")
    duplicates: DuplicatesPart = Field(default=DuplicatesPart(), description="a table with window")
    replacements: ReplacementsPart = Field(default=ReplacementsPart(), description="a table with mode and deadline")
    retry: RetryPart = Field(default=RetryPart(), description="a table with " + listed(RetryPart.model_fields))
    pending: PendingPart = Field(default=PendingPart(), description="a table with deadline")
    lifecycle: LifecyclePart = Field(
        default=LifecyclePart(), description="a table with " + listed(LifecyclePart.model_fields)
    )
    number: Annotated[NumberRule, BeforeValidator(_number)] = Field(default=NumberRule(), description=NUMBER_FORM)
    odoo: OdooPart | None = Field(default=None, description="a table with " + listed(OdooPart.model_fields))
    stock: StockPart | None = Field(default=None, description="a table with " + listed(StockPart.model_fields))
    intents: IntentsPart = Field(default=IntentsPart(), description="a table with " + listed(IntentsPart.model_fields))
    allocation: AllocationPart | None = Field(
        default=None, description="a table with " + listed(AllocationPart.model_fields)
    )
    inbound: InboundPart | None = Field(default=None, description="a table with " + listed(InboundPart.model_fields))
    stock_feed: StockFeedPart | None = Field(
        default=None, description="a table with " + listed(StockFeedPart.model_fields)
    )
    batch: BatchPart = Field(default=BatchPart(), description="a table with events, bytes and receipts")
    tolerance: Annotated[Decimal, BeforeValidator(_decimal)] = Field(
        default=Decimal(0), lt=1, description="an amount below 1, such as 0.01"
    )
    read_back: ReadBackPart = Field(default=ReadBackPart(), description="a table with first and every")
    concurrency: Count = Field(default=8, ge=1, le=64, description="a whole number from 1 to 64")
    call_deadline: PositiveDuration = timedelta(seconds=30)
    governor: GovernorPart = Field(default=GovernorPart(), description="a table with budgets and quiet_hours")


class OwnersPart(Part):
    """Whom to ask; a team's name, not a person's, outlives a reorganisation."""

    engineering: Text = Field(description="the name of a team in engineering")
    operations: Text = Field(description="the name of a team in operations")
    finance: Text = Field(description="the name of a team in finance")
    erp: Text = Field(description="the name of a team that runs the ERP")


class DomainPart(Part):
    """Who decides about one kind of data."""

    creator: Name = Field(description="magento or a destination")
    modifiers: tuple[Name, ...] = Field(min_length=1, description="a list of magento and destinations")
    authority: Annotated[str, BeforeValidator(_one_name)] = Field(description="one name: magento or a destination")
    direction: Direction = Field(description="magento_to_erp, erp_to_magento, both")
    conflict_rule: Literal["authority_wins", "deltas_add_up", "person_decides"] = Field(
        description="authority_wins, deltas_add_up, person_decides"
    )
    risk_class: Literal["low", "medium", "high", "critical"] = Field(description="low, medium, high, critical")
    owners: OwnersPart = Field(description="a table with engineering, operations, finance and erp")
    escalation: Text = Field(description="what to do when an owner does not answer")


class ExportsPart(Part):
    """What leaves the shop of entities of which not everything does; the shop's own configuration repeats it."""

    products: tuple[Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]{0,59}$")], ...] = Field(
        min_length=1,
        description="a list of codes of product attributes, such as [sku, name, price]; website_ids and tier_price "
        "can be named too",
    )


class BlueprintHead(Part):
    """The file's first level; its two big tables are read entry by entry, so that every problem is told."""

    version: Annotated[Text, Field(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = Field(
        description="text that changes with the meaning, such as 2026-11-23, up to 40 of A-Z a-z 0-9 _ . -"
    )
    instance: Annotated[Text, Field(max_length=12, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")] = Field(
        description="the shop's short name in references, up to 12 letters, digits and -"
    )
    exports: ExportsPart | None = Field(default=None, description="a table with products")
    destinations: Mapping[str, Any] = Field(min_length=1, description="a table with at least one destination")
    domains: Mapping[str, Any] = Field(min_length=1, description="a table with at least one of " + listed(Domain))
