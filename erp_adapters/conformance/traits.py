"""What a scenario asks of an ERP, and how an ERP that cannot play it says so.

Kinds of documents and of changes, kinds of failures (harness.py) and traits can be lacked alike. Every test of the
suite runs unless the class that runs it lacks what the test needs:

    class TestMyErp(AdapterConformance):
        lacks = {Trait.LATER: "one call is one transaction", Fault.MERGED: "lines stay apart"}

Such a test is taken out before anything runs, and the report names it as NOT PLAYED with the reason.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import ClassVar, TypeVar

Lacks = Mapping[StrEnum, str]
Test = TypeVar("Test", bound=Callable[..., object])

NEEDS = "conformance_needs"
"""The attribute under which a test keeps what it needs."""


class Trait(StrEnum):
    """What not every ERP has, or what not every harness can bring about in one."""

    LATER = "work that is accepted now and done later"
    PARTLY_REFUSED = "a movement of which some lines are refused"
    FOUR_PLACES = "quantities of four places"
    QUOTA = "a quota of calls in a time"
    STALE = "a search that does not see the newest"
    TWICE = "a document that is booked twice under one reference"
    CLOSED_PERIOD = "a period that is closed for orders"
    CREDIT_LIMIT = "a customer whose credit is used up"
    TEXT_LIMITS = "texts whose length is limited"
    CODED_PAYMENT = "the payment's method and reference in the order"
    ITEM_TEXTS = "the names of items as the shop has them"
    CUSTOM_FIELDS_READ_BACK = "custom fields in what is read back"
    THREE_PLACES = "a currency of three places"
    LINE_DECISIONS = "lines that people refuse or confirm in part"
    PARTIAL_DELIVERY = "deliveries of a part"
    ADJUSTMENTS = "a refund of shipping or of an adjustment alone"
    RESTOCKED = "which refunded units came back to stock"
    STOCK_LEVELS = "stock that can be read"
    INTENTS = "lines that say how they are served"


class Suited:
    """The base of everything that the suite tests."""

    lacks: ClassVar[Lacks] = {}
    """What the ERP, or the harness, cannot play: with the reason, as the report tells it."""


def needs(*what: StrEnum) -> Callable[[Test], Test]:
    """Say what a test needs; what its parameters name, such as a Fault, it needs as well."""

    def mark(test: Test) -> Test:
        setattr(test, NEEDS, (*what, *getattr(test, NEEDS, ())))
        return test

    return mark
