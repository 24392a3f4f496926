"""What the profile of an ERP promises, and how its connections are used; the same for REST and for SOAP."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from erp_adapters.mapping import Node, reads_name
from erp_adapters.profiled.form import Count, Part, Text
from sidecar.configuration import Duration, PositiveDuration, invalid
from sidecar.domain.delivery import FEWEST_ABSENT_CONFIRMATIONS, Capabilities
from sidecar.transport import TransportTerms


class Promises(Part):
    """What the ERP promises, as far as it is proven; see Capabilities."""

    native_dedupe: Literal["none", "unique_ref", "idempotency_key"] = "none"
    find_by_ref: Literal["exact", "weak", "none"] = "none"
    find_visibility_lag: Duration = Field(description="how long a new document may stay invisible, such as 5s")
    longest_processing: Duration = Field(
        description="how long an abandoned call may still take effect, such as 10m; work that is accepted for later too"
    )
    absent_confirmations: int = Field(
        default=3,
        strict=True,
        ge=FEWEST_ABSENT_CONFIRMATIONS,
        description="a whole number from 2: one look-up cannot be spread over longest_processing",
    )
    stock_write: Literal["delta", "absolute", "none"] = Field(
        default="none", description="delta (changes), absolute (levels), none"
    )
    stock_batch: Count | None = Field(default=None, description="how many lines one call of stock may have")
    reference_limit: Count = Field(description="how many characters a reference may have")
    where_to_look: Text = Field(
        default="the ERP", description="where a person searches for our reference, such as: the ERP under Sales orders"
    )

    def capabilities(self, stock: "StockOperations", **others: Any) -> Capabilities:  # noqa: ANN401 -- fields of it
        """The same in the port's terms, with what only the whole profile can tell."""
        return Capabilities(
            native_dedupe=self.native_dedupe,
            find_by_ref=self.find_by_ref,
            find_visibility_lag=self.find_visibility_lag,
            longest_processing=self.longest_processing,
            absent_confirmations=self.absent_confirmations,
            stock_write=self.stock_write,
            stock_batch=self.stock_batch,
            stock_guarded=stock.is_guarded,
            reads_stock=stock.reads,
            reference_limit=self.reference_limit,
            where_to_look=self.where_to_look,
            **others,
        )

    def must_be_kept_by(self, stock: "StockOperations") -> None:
        """Refuse levels that cannot be set, or not be read before and after."""
        if self.stock_write == "absolute" and not (stock.reads and stock.count is not None):
            lacking = "stock_read" if stock.count is not None else "stock_count"
            raise invalid(f"promises.stock_write absolute without operations.{lacking}", "stock_count and stock_read")


@dataclass(frozen=True, slots=True)
class StockOperations:
    """What of stock a profile's operations can do: the template that tells levels, if there is one."""

    count: Node | None
    reads: bool

    @property
    def is_guarded(self) -> bool:
        """Tell whether the ERP is told which level is expected: else it sets the new one whatever stands there."""
        return self.count is None or reads_name(self.count, "expected")


class Wire(Part):
    """How connections are used."""

    keepalive: PositiveDuration = timedelta(seconds=20)
    connections: Count = 8
    answer_limit: Count = 8 * 1024 * 1024
    allow_plain_http: bool = False

    @property
    def terms(self) -> TransportTerms:
        """The same for the transport."""
        return TransportTerms(self.keepalive, self.connections, self.answer_limit, self.allow_plain_http)
