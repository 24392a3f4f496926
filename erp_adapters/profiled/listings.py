"""The part of a profile that says how changes are listed, and how the documents that follow orders are read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, model_validator

from erp_adapters.profiled.form import Jmes, Part, Path, Text
from sidecar.configuration import PositiveDuration, invalid, shown

_CURSOR_KEYS = "cursor, first and next"


def _instant(value: object) -> datetime:
    """YAML reads an instant without quotes as one."""
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise invalid(shown(value), "an instant with its zone, such as 2020-01-01T00:00:00Z")
    return instant


Instant = Annotated[datetime, PlainValidator(_instant)]


class Clock(Part):
    """How an ERP is followed that has no cursor: by the time of the last change, and by counting.

    Its listing gives what changed at an instant or later, by that time and then by key. What a clock cannot promise,
    the overlap does: after the end of a listing its last stretch is read again.
    """

    since: Text = Field(description="the query parameter that carries the instant")
    offset: Text = Field(description="the query parameter that says how many entries to pass over")
    first: Instant = Field(description="the instant to begin with, such as 2020-01-01T00:00:00Z")
    changed_at: Jmes = Field(description="an entry's time of change, ISO 8601 with zone")
    key: Jmes = Field(description="an entry's key")
    overlap: PositiveDuration = Field(
        default=timedelta(minutes=5),
        description="how far back the end of a listing is read again, such as 5m: more than the clock's step and "
        "the ERP's longest transaction together",
    )


class Listing(Part):
    """Follows changes, a page at a time: by the ERP's cursor, or by its clock."""

    path: Path = Field(description="a path such as /api/orders")
    cursor: Text | None = Field(default=None, description="the query parameter that carries the cursor")
    first: Text | None = Field(default=None, description="the cursor of the beginning")
    next: Jmes | None = Field(default=None, description="the next cursor")
    clock: Clock | None = Field(default=None, description="a table with since, offset, first, changed_at, key, overlap")
    parameters: Mapping[str, str] = Field(default_factory=dict, description="further query parameters")
    documents: Jmes = Field(description="where the list of documents is")
    more: Jmes = Field(description="true while there is more")

    @model_validator(mode="after")
    def _goes_on_somehow(self) -> "Listing":
        given = [value is not None for value in (self.cursor, self.first, self.next)]
        if self.clock is None and not all(given):
            raise invalid("neither a whole cursor nor a clock", f"{_CURSOR_KEYS}; or clock")
        if self.clock is not None and any(given):
            raise invalid("a cursor and a clock", f"{_CURSOR_KEYS}; or clock")
        return self


class DocumentLines(Part):
    """How a line of a document that follows an order is read; expressions start at the line."""

    each: Jmes = Field(description="where the lines are")
    line_ref: Jmes = Field(description="our reference of the order's line")
    sku: Jmes = Field(description="the line's SKU")
    quantity: Jmes = Field(description="the line's quantity")
    ordered: Jmes | None = Field(default=None, description="the quantity that the order's line had asked for")
    received: Jmes | None = Field(default=None, description="the quantity that came back into stock")
    reason: Jmes | None = Field(default=None, description="why the quantity is not what was ordered")


class DocumentTracks(Part):
    """How a parcel of a delivery is read; expressions start at the parcel."""

    each: Jmes = Field(description="where the parcels are")
    number: Jmes = Field(description="the parcel's number")
    carrier: Jmes | None = Field(default=None, description="the carrier's code")
    title: Jmes | None = Field(default=None, description="the carrier's name")
    map: Text | None = Field(
        default=None, description="the code map {Magento's carrier: the ERP's}, such as carriers, read backwards"
    )


AmountName = Literal[
    "subtotal", "discount", "shipping", "tax", "adjustment_positive", "adjustment_negative", "grand_total"
]


class DocumentReading(Part):
    """How a document that follows an order is read in our words."""

    id: Jmes = Field(description="the ERP's key of the document")
    number: Jmes = Field(description="the document's number")
    order_ref: Jmes = Field(description="our reference of the order")
    version: Jmes | None = Field(
        default=None, description="what changes with the document; without it, its whole content does"
    )
    lines: DocumentLines = Field(description="a table with each, line_ref, sku, quantity, ordered, received, reason")
    tracks: DocumentTracks | None = Field(default=None, description="a table with each, number, carrier, title, map")
    warehouse: Jmes | None = Field(default=None, description="the ERP's warehouse")
    currency: Jmes | None = Field(default=None, description="the currency")
    amounts: Mapping[AmountName, Jmes] = Field(
        default_factory=dict,
        description="expressions for subtotal, discount, shipping, tax, adjustment_positive, adjustment_negative, "
        "grand_total",
    )
    final: Jmes | None = Field(default=None, description="true when nothing more of its kind follows for the order")
    reversed: Jmes | None = Field(default=None, description="true when the ERP took it back")
