"""What the suite needs from whoever runs an ERP for it.

A harness is a subclass of Harness. What stands under "always" every ERP has; the rest is asked for only by tests whose
needs the test class does not lack (traits.py), and each says of which trait it is.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, NoReturn

from erp_adapters.conformance.traits import Trait
from sidecar.domain.delivery import ChangeKind, DocumentKind, ErpId
from sidecar.ports import ErpAdapter

Operation = Literal["create", "change", "cancel", "refund", "customer", "stock_post", "stock_demand", "stock_count"]


class Fault(StrEnum):
    """How an ERP, or the way to it, can fail once."""

    LOST_REQUEST = "lost_request"
    LOST_RESPONSE = "lost_response"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    UNAVAILABLE = "unavailable"
    THROTTLED = "throttled"
    REFUSED = "refused"
    SILENCE = "silence"
    LOCKED = "a record that somebody else holds"
    EXPIRED = "a credential that has expired"
    SHORTENED = "shortened"
    PRICE_CHANGED = "a price that the ERP changed"
    ROUNDED = "totals that the ERP rounded"
    MERGED = "lines that the ERP merged"
    APPENDED = "lines that the ERP appended to those of before"
    FIELDS_DROPPED = "custom fields that the ERP dropped"


SILENT: Final = (Fault.SHORTENED, Fault.PRICE_CHANGED, Fault.ROUNDED, Fault.MERGED)
"""What is stored is not what was sent, and the answer says that all is well."""

REFUSAL_CODE = "CREDIT_BLOCKED"
REFUSAL_WORDS = "Credit limit exceeded by 12.50 EUR."
"""What the ERP says for REFUSED."""

WAITS: Final[Mapping[Fault, timedelta]] = {
    Fault.THROTTLED: timedelta(seconds=3),
    Fault.UNAVAILABLE: timedelta(seconds=2),
}
"""How long the ERP asks to wait for these."""


def _not_played(trait: Trait | DocumentKind) -> NoReturn:
    raise NotImplementedError(f"the harness has nothing for {trait.name}: write it, or say in `lacks` why it cannot be")


class Harness:
    """One ERP under test. References are never reused between tests, so one ERP may serve the whole suite."""

    # --- always ---------------------------------------------------------------------------------------

    adapter: ErpAdapter
    """The adapter under test. Code maps: every payment method of documents.PAYMENT_METHODS, the shipping method
    flatrate_flatrate, tax rates 19 and 0. Custom fields: `note` is order.customer_note."""

    stranger: ErpAdapter
    """The same, with a credential that the ERP does not know."""

    unreachable: ErpAdapter
    """The same, for an address where nobody listens."""

    secrets: Sequence[str]
    """The credentials of all three."""

    skus: tuple[str, str]
    """Two items that the ERP knows."""

    unknown_sku: str
    """An item that the ERP refuses."""

    followers: Sequence[ErpAdapter]
    """The same as `adapter`, in each way in which the product's changes can be followed, with the smallest pages;
    changes must be so close together, or the ERP's clock so coarse, that several share an instant."""

    reversible: frozenset[ChangeKind]
    """The kinds of documents that the ERP can take back; at least one. Goods that left may have left for good."""

    def new_reference(self) -> str:
        """A reference that nobody has used."""
        raise NotImplementedError

    def inject(self, operation: Operation, fault: Fault, reference: str) -> None:
        """Let the next such operation on the reference fail. After APPENDED a change adds its lines to those that the
        order has; after MERGED lines of one item become one.
        """
        raise NotImplementedError

    def documents(self, reference: str) -> int:
        """How many orders the ERP's own books hold under the reference."""
        raise NotImplementedError

    def held(self, reference: str) -> str:
        """All that the ERP's own books hold of the order under the reference, its contacts and lines included, as
        text: what the suite looks for must be in it as the ERP shows it to people.
        """
        raise NotImplementedError

    def write(self, kind: ChangeKind, order: ErpId) -> ErpId:
        """Let the ERP write a document of everything in an order of its own: what went out before it, as well."""
        raise NotImplementedError

    def take_back(self, document: ErpId) -> None:
        """Let the ERP reverse a document."""
        raise NotImplementedError

    def cancel_there(self, order: ErpId) -> None:
        """Let somebody cancel an order in the ERP."""
        raise NotImplementedError

    # --- where the ERP has it -------------------------------------------------------------------------

    limits: Mapping[str, int] = {}
    """TEXT_LIMITS: by the path of a text in the payload (order.customer_note, addresses.billing.city, items.0.name),
    how many characters of it the ERP takes."""

    closed_at = ""
    """CLOSED_PERIOD: a time of placing, as Magento writes it, that lies in a closed period."""

    over_limit_email = ""
    """CREDIT_LIMIT: the e-mail of a customer whose orders are refused."""

    no_order = "0"
    """REFUND: a key that is none of an order of the ERP's."""

    def refundable(self, order: ErpId) -> ErpId:
        """REFUND: let the ERP do to an order what it asks for before it takes money back; the order's key then."""
        return order

    def refunds(self, reference: str) -> int:  # noqa: ARG002 -- what a harness is told
        """REFUND: how many refunds the ERP's own books hold under the reference."""
        _not_played(DocumentKind.REFUND)

    def restocked(self, reference: str) -> Mapping[str, Decimal]:  # noqa: ARG002 -- as above
        """RESTOCKED: by SKU, what came back to stock with the refund under the reference; nothing else."""
        _not_played(Trait.RESTOCKED)

    def customers(self, reference: str) -> int:  # noqa: ARG002 -- as above
        """CUSTOMER: how many customers the ERP's own books hold under the reference."""
        _not_played(DocumentKind.CUSTOMER)

    def held_customer(self, reference: str) -> str:  # noqa: ARG002 -- as above
        """CUSTOMER: all that the ERP's own books hold of the customer and of the addresses, as `held` tells it."""
        _not_played(DocumentKind.CUSTOMER)

    allocating: ErpAdapter
    """INTENTS: the same as `adapter`, with rules: an item whose options have `supplied` is drop-shipped, one whose
    options have `announced` is pre-ordered; Magento owns the allocation, store view 1 is served from `main`, and the
    pickup location shop-1 from `shop`."""

    def served(self, reference: str) -> tuple[str, Sequence[tuple[str, str, str, str, bool]]]:  # noqa: ARG002 -- as above
        """INTENTS: the warehouse where an order is collected, and of each line reference, intent, quantity backordered,
        warehouse, and whether the ERP is bound by that; as its own books have it, empty for what they do not have.
        """
        _not_played(Trait.INTENTS)

    def stocked(self) -> Mapping[tuple[str, str], Decimal]:
        """STOCK_LEVELS: what lies in warehouses that nothing else in the suite moves, by SKU and warehouse: more rows
        than a page has, of more SKUs than one call takes, quantities with places after the point among them.
        """
        _not_played(Trait.STOCK_LEVELS)

    def movements(self, reference: str) -> int:  # noqa: ARG002 -- what a harness is told
        """STOCK_MOVEMENT: how many stock movements the ERP's own books hold under the reference."""
        _not_played(DocumentKind.STOCK_MOVEMENT)

    def demands(self, reference: str) -> int:  # noqa: ARG002 -- as above
        """STOCK_DEMAND: how many documents of demand the ERP's own books hold under the reference."""
        _not_played(DocumentKind.STOCK_DEMAND)

    def accept_later(self, reference: str) -> None:  # noqa: ARG002 -- as above
        """LATER: let the next order of this reference be accepted now and done later."""
        _not_played(Trait.LATER)

    def do_work(self, handle: str) -> None:  # noqa: ARG002 -- as above
        """LATER: let the ERP do what it has accepted."""
        _not_played(Trait.LATER)

    def refuse_work(self, handle: str) -> None:  # noqa: ARG002 -- as above
        """LATER: let the ERP refuse what it has accepted, as for REFUSED."""
        _not_played(Trait.LATER)

    def forget_work(self, handle: str) -> None:  # noqa: ARG002 -- as above
        """LATER: let the ERP lose what it has accepted."""
        _not_played(Trait.LATER)

    def limit_calls(self, calls: int, seconds: float) -> None:  # noqa: ARG002 -- as above
        """QUOTA: from now on serve so many orders in so many seconds; 0 calls in 0 seconds ends it."""
        _not_played(Trait.QUOTA)

    def hide_newest(self, seconds: float) -> None:  # noqa: ARG002 -- as above
        """STALE: let the next search for orders not see what is younger than so many seconds."""
        _not_played(Trait.STALE)

    def book_twice(self, reference: str) -> None:  # noqa: ARG002 -- as above
        """TWICE: let the ERP book the next order of this reference twice, as a gateway does that repeats a call."""
        _not_played(Trait.TWICE)

    def deliver_one_of(self, order: ErpId) -> ErpId:  # noqa: ARG002 -- as above
        """PARTIAL_DELIVERY: let people deliver one of the first line and nothing of the second; more will follow."""
        _not_played(Trait.PARTIAL_DELIVERY)

    def decide_lines(self, order: ErpId) -> None:  # noqa: ARG002 -- as above
        """LINE_DECISIONS: let people confirm one of the first line and refuse the second."""
        _not_played(Trait.LINE_DECISIONS)
