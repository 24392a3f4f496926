"""How what an ERP answers is read: its documents, the word on an effect, and an error; expressions are JMESPath."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from erp_adapters.profiled.form import Jmes, Part
from sidecar.configuration import invalid


class StockLines(Part):
    """Where the answer to a stock movement speaks of each line."""

    each: Jmes = Field(description="where the lines are")
    sku: Jmes = Field(description="a line's SKU")
    accepted: Jmes = Field(description="true for a line that was booked")
    message: Jmes = Field(description="why a line was refused")
    moved: Jmes | None = Field(default=None, description="true where a count's level was not the one expected")


class EffectAnswer(Part):
    """What a 2xx answer must say before it counts as success, or as accepted to be worked on later."""

    success: Jmes = Field(description="an expression that is true for success")
    id: Jmes = Field(description="the ERP's key of the document, as used in paths")
    number: Jmes = Field(description="the document's number, as people call it")
    status: Jmes | None = Field(default=None, description="the document's status")
    lines: StockLines | None = Field(default=None, description="of stock: what became of each line")
    pending: Jmes | None = Field(default=None, description="true for a document that the ERP works on later")
    handle: Jmes | None = Field(default=None, description="what to ask operations.poll for then")

    @model_validator(mode="after")
    def _can_be_asked_for(self) -> "EffectAnswer":
        if (self.pending is None) != (self.handle is None):
            raise invalid(f"{'handle' if self.pending is None else 'pending'} alone", "pending and handle, or neither")
        return self


class LineReading(Part):
    """How a line of a document of theirs is read; expressions start at the line."""

    each: Jmes = Field(description="where the lines are; for movements only those that were booked")
    line_ref: Jmes = Field(description="our reference of the line")
    sku: Jmes = Field(description="the line's SKU")
    quantity: Jmes = Field(description="the line's quantity")
    total: Jmes | None = Field(default=None, description="the line's total before discount and tax")
    erp_line: Jmes | None = Field(default=None, description="the ERP's own key of the line")
    confirmed: Jmes | None = Field(default=None, description="the quantity that the ERP will deliver")
    rejected: Jmes | None = Field(default=None, description="why the ERP will not deliver the line")


class Header(Part):
    """How the head of a document of theirs is read in our words."""

    id: Jmes = Field(description="the ERP's key of the document")
    number: Jmes = Field(description="the document's number")
    reference: Jmes = Field(description="our reference")
    revision: Jmes | None = Field(default=None, description="our revision, a whole number")
    event_id: Jmes | None = Field(default=None, description="our event's id")
    status: Jmes | None = Field(default=None, description="the ERP's status")
    currency: Jmes | None = Field(default=None, description="the currency")


class Reading(Header):
    """How a document of theirs is read, with its lines."""

    lines: LineReading = Field(
        description="a table with each, line_ref, sku, quantity, total, erp_line, confirmed, rejected"
    )
    totals: Mapping[Literal["subtotal", "discount", "shipping", "adjustment", "tax", "grand_total"], Jmes] = Field(
        default_factory=dict,
        description="expressions for subtotal, discount, shipping, adjustment (of refunds), tax, grand_total",
    )
    custom_fields: Jmes | None = Field(default=None, description="an object of texts, by the names of custom_fields")


class ErrorReading(Part):
    """Where an error's body says what is wrong."""

    code: Jmes = Field(description="the ERP's error code")
    message: Jmes = Field(description="the ERP's words")
    number: Jmes | None = Field(default=None, description="the document that is there already")
    details: Jmes | None = Field(default=None, description="the list of single faults")
    detail_path: Jmes | None = Field(default=None, description="a fault's place, starting at the fault")
    detail_message: Jmes | None = Field(default=None, description="a fault's words, starting at the fault")
