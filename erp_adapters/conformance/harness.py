"""What the suite needs from whoever runs an ERP for it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, Protocol

from sidecar.domain.delivery import ChangeKind, ErpId
from sidecar.ports import ErpAdapter

Operation = Literal["create", "change", "cancel", "stock_post"]


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
    SHORTENED = "shortened"


REFUSAL_CODE = "CREDIT_BLOCKED"
REFUSAL_WORDS = "Credit limit exceeded by 12.50 EUR."
"""What the ERP says for REFUSED."""


class Harness(Protocol):
    """One ERP under test. References are never reused between tests, so one ERP may serve the whole suite."""

    @property
    def adapter(self) -> ErpAdapter:
        """The adapter under test."""
        ...

    @property
    def stranger(self) -> ErpAdapter:
        """The same, with a credential that the ERP does not know."""
        ...

    @property
    def unreachable(self) -> ErpAdapter:
        """The same, for an address where nobody listens."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """The credentials of all three."""
        ...

    @property
    def skus(self) -> tuple[str, str]:
        """Two items that the ERP knows."""
        ...

    @property
    def unknown_sku(self) -> str:
        """An item that the ERP refuses."""
        ...

    def new_reference(self) -> str:
        """A reference that nobody has used."""
        ...

    @property
    def followers(self) -> Sequence[ErpAdapter]:
        """The same as `adapter`, in each way in which the product's changes can be followed, with the smallest pages;
        changes must be so close together, or the ERP's clock so coarse, that several share an instant.
        """
        ...

    def write(self, kind: ChangeKind, order: ErpId) -> ErpId:
        """Let the ERP write a document of everything in an order of its own: what went out before it, as well."""
        ...

    @property
    def reversible(self) -> frozenset[ChangeKind]:
        """The kinds of documents that the ERP can take back; at least one. Goods that left may have left for good."""
        ...

    def take_back(self, document: ErpId) -> None:
        """Let the ERP reverse a document."""
        ...

    def cancel_there(self, order: ErpId) -> None:
        """Let somebody cancel an order in the ERP."""
        ...

    def accept_later(self, reference: str) -> None:
        """Let the next order of this reference be accepted now and done later."""
        ...

    def do_work(self, handle: str) -> None:
        """Let the ERP do what it has accepted."""
        ...

    def refuse_work(self, handle: str) -> None:
        """Let the ERP refuse what it has accepted, as for REFUSED."""
        ...

    def forget_work(self, handle: str) -> None:
        """Let the ERP lose what it has accepted."""
        ...

    def inject(self, operation: Operation, fault: Fault, reference: str) -> None:
        """Let the next such operation on the reference fail."""
        ...

    def documents(self, reference: str) -> int:
        """How many orders the ERP's own books hold under the reference."""
        ...

    def movements(self, reference: str) -> int:
        """How many stock movements the ERP's own books hold under the reference."""
        ...
