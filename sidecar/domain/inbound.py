"""Inbound documents: what an ERP did to an order on its own, and what Magento's services are asked to make of it.

An order that an ERP holds goes on there: goods leave, invoices are posted, credit memos are written, lines are
rejected. Each such document becomes one of Magento's own, by Magento's own services. An ERP's document is named by
its kind and its key there; the same one told again, in the same version, changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from sidecar.domain.delivery import ErpId, Outcome
from sidecar.domain.reconciliation import Finding


class InboundKind(StrEnum):
    """The ERP's documents that Magento has a counterpart of.

    A CANCELLATION is the order itself, cancelled there: its key is that of the order. A SHORTAGE is no document there:
    it says which quantities the ERP will not fulfil, and a person decides about them.
    """

    DELIVERY = "delivery"
    INVOICE = "invoice"
    CREDIT_MEMO = "credit_memo"
    CANCELLATION = "cancellation"
    SHORTAGE = "shortage"


@dataclass(frozen=True, slots=True)
class InboundLine:
    """One line of an ERP's document under our line reference, which is Magento's item_id as text.

    `ordered` is what the ERP's order line had asked for, where it says so: a delivery that is final and has less is
    a short pick. `received`: units that came back into the ERP's stock, on a credit memo. `reason` is the ERP's own
    word for a quantity that it will not fulfil.
    """

    line_ref: str
    sku: str
    quantity: Decimal
    ordered: Decimal | None = None
    received: Decimal = Decimal(0)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InboundTrack:
    """A parcel's number, as the carrier tells it."""

    carrier: str
    title: str
    number: str


@dataclass(frozen=True, slots=True)
class InboundDocument:
    """A document of the ERP about one of our orders; amounts in the order's currency, None where it does not say.

    `order_ref` is our reference of the order, `version` changes whenever the document does. `final`: nothing more
    follows of its kind for this order. `reversed`: the ERP took it back. `amounts` has the keys grand_total,
    shipping, adjustment_positive and adjustment_negative. `unreadable` says why an entry of a listing cannot be read,
    in words that quote none of it: then kind, key and version are all that counts, the key made up where there is none,
    and a person looks at it. An order that cannot be read is such a CANCELLATION: nobody knows.
    """

    kind: InboundKind
    erp_id: ErpId
    erp_number: str
    version: str
    order_ref: str
    lines: tuple[InboundLine, ...] = ()
    tracks: tuple[InboundTrack, ...] = ()
    warehouse: str = ""
    currency: str = ""
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    final: bool = False
    reversed: bool = False
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A quantity of one of Magento's order items; `back_to_stock` on a credit memo."""

    item_id: int
    quantity: Decimal
    back_to_stock: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """What one of Magento's services is asked for; `mark` is the comment by which its document is found again.

    `capture`: take the money at the gateway (invoices). `online`: give it back there (credit memos, of an invoice).
    `source`: the inventory source that a shipment leaves from. Amounts are for credit memos.
    """

    mark: str
    lines: tuple[DocumentLine, ...] = ()
    tracks: tuple[InboundTrack, ...] = ()
    source: str | None = None
    capture: bool = False
    online: bool = False
    notify: bool = False
    shipping: Decimal | None = None
    adjustment_positive: Decimal | None = None
    adjustment_negative: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MagentoAnswer:
    """What became of a call to Magento.

    CONFIRMED with the `entity_id` that Magento gave (0 where it gives none); REJECTED_BUSINESS with its words, and
    nothing done; RETRY_LATER and NOT_SENT, nothing done; UNKNOWN: it may have been done, look before trying again.
    """

    outcome: Outcome
    entity_id: int = 0
    words: str = ""
    status: int | None = None
    retry_after: timedelta | None = None


class InboundState(StrEnum):
    """How far a document has come on its way into Magento.

    NEW and RETRY are due at their time · CALLING: Magento may be making it now · UNKNOWN: Magento was asked and no
    usable answer came; it is looked for before anything else · PARKED: a person decides · WAITING: a person has said
    that the rest is still to come · DONE · SKIPPED and IGNORED: a person has said that Magento needs nothing.
    """

    NEW = "new"
    RETRY = "retry"
    CALLING = "calling"
    UNKNOWN = "unknown"
    PARKED = "parked"
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    IGNORED = "ignored"


class Decision(StrEnum):
    """What a person says: about a shortage; or, RETRY, that what a lost call has not left may be asked for again."""

    REFUND = "refund"
    WAIT = "wait"
    IGNORE = "ignore"
    RETRY = "retry"


class Service(StrEnum):
    """Magento's services, as the port names them."""

    SHIP = "ship"
    ADD_TRACK = "add_track"
    INVOICE = "invoice"
    REFUND_ORDER = "refund_order"
    REFUND_INVOICE = "refund_invoice"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to Magento; `target` is the shipment of a track, or the invoice of a refund."""

    service: Service
    request: DocumentRequest
    target: int = 0

    @property
    def moves_money(self) -> bool:
        """Tell whether a payment provider is asked, who does not roll back when Magento does."""
        return self.request.capture or self.request.online


@dataclass(frozen=True, slots=True)
class InboundEntry:
    """A document of the ERP with all that became of it; `called_ago` and `delay` count by the database's clock.

    `attempts` counts calls to Magento, `waits` how often something else had to come first. `ask` is what Magento was
    last asked for, and `magento_id` the document that came of it. `resubmitted`: a call that was lost and left nothing
    was made once more.
    """

    id: int
    entity_id: int
    document: InboundDocument
    state: InboundState
    attempts: int = 0
    waits: int = 0
    delay: timedelta | None = None
    reason: str = ""
    fault: str = ""
    hint: str = ""
    ask: Ask | None = None
    called_ago: timedelta | None = None
    resubmitted: bool = False
    magento_id: int | None = None
    decision: Decision | None = None

    @property
    def subject(self) -> str:
        """What it is about, as findings name it."""
        return f"order:{self.entity_id}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a document, written in one transaction; a delay of None: nothing is scheduled.

    `waited`: it had to wait for something else. `shortage`: what its completion has shown to be missing.
    """

    state: InboundState
    reason: str = ""
    hint: str = ""
    fault: str = ""
    delay: timedelta | None = None
    ask: Ask | None = None
    magento_id: int | None = None
    resubmitted: bool = False
    waited: bool = False
    findings: tuple[Finding, ...] = ()
    shortage: InboundDocument | None = None


def mark_of(destination: str, document: InboundDocument) -> str:
    """The comment by which Magento's document is found again; no two documents of an ERP have the same."""
    key = "" if document.erp_id == document.erp_number else f" ({document.erp_id})"
    return f"{document.kind.replace('_', ' ')} {document.erp_number}{key} of {destination}"
