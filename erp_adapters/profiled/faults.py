"""What an ERP's refusal means for the effect: a table, read from top to bottom, the profile's rows first.

The question behind each row is never "whose fault is it" but "was it done, and may it be sent again". Where HTTP
itself does not promise that nothing was done, the outcome is UNKNOWN and the document is looked up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from erp_adapters.mapping import Expression
from sidecar.domain.delivery import DocumentKind, Outcome

EFFECTS = {
    "create": DocumentKind.ORDER,
    "change": DocumentKind.ORDER_CHANGE,
    "cancel": DocumentKind.ORDER_CANCEL,
    "refund": DocumentKind.REFUND,
    "customer": DocumentKind.CUSTOMER,
    "stock_post": DocumentKind.STOCK_MOVEMENT,
    "stock_demand": DocumentKind.STOCK_DEMAND,
    "stock_count": DocumentKind.STOCK_COUNT,
}
"""The operations that make effects."""

OF_STOCK = ("stock_post", "stock_demand", "stock_count")
"""Those of stock, of which nothing is put aside to be done later."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What an error means that speaks of an entry which is not there: an item, a payment method.

    `map` is the code map that it would stand in, `value` where the error names it. Left out, it is what was sent at the
    places that the error's single faults name.
    """

    map: str
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A row: it fits when status, code and operation do; an empty condition fits everything."""

    outcome: Outcome
    statuses: frozenset[int] = frozenset()
    code: str | None = None
    on: frozenset[str] = frozenset()
    hint: str = ""
    needs_retry_after: bool = False
    missing: Missing | None = None
    needs_document: bool = False

    def fits(self, status: int, code: str, operation: str, *, retry_after: bool, on_document: bool = False) -> bool:
        """Tell whether the row speaks of this answer."""
        return (
            (not self.statuses or status in self.statuses)
            and (self.code is None or self.code == code)
            and (not self.on or operation in self.on)
            and (retry_after or not self.needs_retry_after)
            and (on_document or not self.needs_document)
        )


_CREDENTIALS = "check the credential and its permissions at the ERP; `erp-sidecar doctor` asks again"
_ADDRESS = "check base_url in the blueprint and the paths in the profile"
_CONTENT = "correct the order in Magento or the mapping, then retry the event"
_AT_ERP = "settle it with the ERP's owners, then retry the event, or skip it"

_TARGET = frozenset({"change", "cancel"})
_GONE = "the ERP no longer has it; " + _AT_ERP

HTTP_FAULTS: tuple[Fault, ...] = (
    Fault(Outcome.NOT_SENT, frozenset(range(300, 400)), hint=_ADDRESS),
    Fault(Outcome.REJECTED_INVALID, frozenset({400}), hint=_CONTENT),
    Fault(Outcome.NOT_SENT, frozenset({401, 403, 407}), hint=_CREDENTIALS),
    Fault(Outcome.REJECTED_BUSINESS, frozenset({404, 410}), on=_TARGET, hint=_GONE),
    Fault(Outcome.REJECTED_BUSINESS, frozenset({404, 410}), on=frozenset({"refund"}), hint=_GONE, needs_document=True),
    Fault(Outcome.NOT_SENT, frozenset({404, 405, 410, 421}), hint=_ADDRESS),
    Fault(Outcome.RETRY_LATER, frozenset({408, 423, 425, 429})),
    Fault(Outcome.REJECTED_BUSINESS, frozenset({402, 409, 412, 422, 424, 428}), hint=_AT_ERP),
    Fault(Outcome.REJECTED_INVALID, frozenset(range(400, 500)), hint=_CONTENT),
    Fault(Outcome.RETRY_LATER, frozenset({503}), needs_retry_after=True),
    Fault(Outcome.UNKNOWN, frozenset(range(500, 600))),
)
"""What HTTP's statuses mean where the profile says nothing.

Wrong credentials and a wrong address are NOT_SENT: nothing was done, and they would park every order.
A 503 without Retry-After may come from a gateway that has passed the request on: UNKNOWN, like 500, 502 and 504.
"""


def fault_for(
    rows: Iterable[Fault], status: int, code: str, operation: str, *, retry_after: bool, on_document: bool = False
) -> Fault | None:
    """The first row that fits; `on_document`: the request's path named a document of the ERP's."""
    fitting = (
        row for row in rows if row.fits(status, code, operation, retry_after=retry_after, on_document=on_document)
    )
    return next(fitting, None)
