"""Deliveries: what an ERP answered, and what that makes of an event.

An answer is one of eight outcomes. UNKNOWN is a state of its own: the bytes left, no usable answer came. It is
resolved by looking the document up under its reference, and never by sending again on a guess.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, NamedTuple, NewType

from sidecar.domain.events import DestinationName, Lane, OutboxId

ErpId = NewType("ErpId", str)

LONGEST_ENTRY: Final = 512
"""Characters of an entry's key, as `erp_delivery` keeps it."""

FEWEST_ABSENT_CONFIRMATIONS: Final = 2
"""One look-up cannot be spread over the time that an ERP may still take: absence is said at least twice."""


class Outcome(StrEnum):
    """What a call to an ERP ended in."""

    CONFIRMED = "confirmed"
    ACCEPTED_PENDING = "accepted_pending"
    ALREADY_EXISTS = "already_exists"
    REJECTED_BUSINESS = "rejected_business"
    REJECTED_INVALID = "rejected_invalid"
    RETRY_LATER = "retry_later"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class DocumentKind(StrEnum):
    """The effects that an ERP is asked for.

    STOCK_MOVEMENT: changes of stock, signed · STOCK_DEMAND: what sales have taken from, or given back to, what can be
    sold · STOCK_COUNT: what is there, absolutely, for an ERP that takes no changes.
    """

    ORDER = "order"
    ORDER_CHANGE = "order_change"
    ORDER_CANCEL = "order_cancel"
    REFUND = "refund"
    CUSTOMER = "customer"
    STOCK_MOVEMENT = "stock_movement"
    STOCK_DEMAND = "stock_demand"
    STOCK_COUNT = "stock_count"
    EVENT = "event"


class EntityType(StrEnum):
    """What of Magento's an ERP's document stands for; a refund stands for a credit memo."""

    ORDER = "order"
    REFUND = "refund"
    CUSTOMER = "customer"


class Subject(NamedTuple):
    """One order, credit memo or customer of Magento's, by its id there."""

    type: EntityType
    entity_id: int

    def __str__(self) -> str:
        """As findings name it."""
        return f"{self.type}:{self.entity_id}"


CREATED_ONCE: Final = frozenset(
    {
        DocumentKind.ORDER,
        DocumentKind.REFUND,
        DocumentKind.STOCK_MOVEMENT,
        DocumentKind.STOCK_DEMAND,
        DocumentKind.STOCK_COUNT,
        DocumentKind.EVENT,
    }
)
"""Effects that there are once under a reference; of the others there is one for each revision."""


class ChangeKind(StrEnum):
    """What an ERP can be asked for changes of."""

    ORDERS = "orders"
    DELIVERIES = "deliveries"
    INVOICES = "invoices"
    CREDIT_MEMOS = "credit_memos"


@dataclass(frozen=True, slots=True)
class Reference:
    """The identity that we own: it names the effect, and never changes between attempts.

    `external_ref` is what the ERP stores as our number; `revision` is the outbox id whose content is sent, raised where
    a restored database gives ids again. `in_doubt`: only a time that the database has forgotten may have sent it, and
    then perhaps with the content of one of `versions`, which are event ids. `target` is the ERP's document for changes
    and cancellations, and for a customer that it is known to have; for a refund it is the order's. For an order it is
    the one that somebody has named: the ERP itself, which says that it has it already, or a person.
    """

    kind: DocumentKind
    external_ref: str
    revision: int
    payload_sha256: str
    event_id: str
    target: ErpId | None = None
    in_doubt: bool = False
    versions: frozenset[str] = frozenset()

    @property
    def idempotency_key(self) -> str:
        """The stable name of this one effect."""
        if self.kind in CREATED_ONCE:
            return f"{self.kind}:{self.external_ref}"
        return f"{self.kind}:{self.external_ref}:{self.revision}"


@dataclass(frozen=True, slots=True)
class ErpMessage:
    """One message of the ERP, in its own words and codes."""

    severity: Literal["error", "warning", "info"]
    code: str
    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept of a call: no body, no secret."""

    http_status: int | None = None
    bytes_sent: bool = False
    duration: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class LineResult:
    """The ERP's word on one line of a batch; `moved`: of a count, its level was not the one that was expected."""

    sku: str
    accepted: bool
    message: str = ""
    moved: bool = False


@dataclass(frozen=True, slots=True)
class MissingEntry:
    """An entry that a code map of the blueprint lacks: adding it is all that a refused document waits for."""

    map: str
    code: str

    @property
    def key(self) -> str:
        """Where it belongs, below the destination's code_maps; empty for what no blueprint can name."""
        key = f"{self.map}.{self.code}"
        return key if key.isprintable() and len(key) <= LONGEST_ENTRY else ""


@dataclass(frozen=True, slots=True)
class Result:
    """The classified answer to one call; `hint` says what a person can do about a refusal, `missing` which entries of
    code maps would let the document go, `custom_fields` what of them went out, by the ERP's names, where a read-back
    tells them too.
    """

    outcome: Outcome
    erp_id: ErpId | None = None
    erp_number: str | None = None
    status: str = ""
    messages: tuple[ErpMessage, ...] = ()
    lines: tuple[LineResult, ...] = ()
    retry_after: timedelta | None = None
    handle: str | None = None
    hint: str = ""
    missing: tuple[MissingEntry, ...] = ()
    custom_fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    evidence: Evidence = field(default_factory=Evidence)

    def codes(self) -> str:
        """The codes alone, for logs: an ERP's words may quote a customer."""
        return ", ".join(dict.fromkeys(m.code for m in self.messages))

    def words(self) -> str:
        """The ERP's refusal in its own terms, as one line."""
        return "; ".join(f"{m.code}: {m.text}" + (f" ({m.path})" if m.path else "") for m in self.messages)


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document of the ERP that is said to be ours: its key there and the number that people see."""

    erp_id: ErpId
    erp_number: str

    @property
    def handle(self) -> str:
        """How a delivery keeps it until it has been looked at."""
        return json.dumps([self.erp_id, self.erp_number])

    @classmethod
    def of(cls, handle: str | None) -> "NamedDocument | None":
        """Read it back; None where the handle is absent or says something else."""
        try:
            match json.loads(handle or ""):
                case [str(erp_id), str(erp_number)]:
                    return cls(ErpId(erp_id), erp_number)
        except ValueError:
            pass
        return None


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """A line as the ERP holds it, under our line reference; None: the ERP does not say.

    `rejected` is the ERP's word for a line that it will not fulfil, empty where it will; `confirmed` is how much of
    it the ERP will deliver, `erp_line` the ERP's own key of the line.
    """

    line_ref: str
    sku: str
    quantity: Decimal
    total: Decimal | None
    rejected: str = ""
    confirmed: Decimal | None = None
    erp_line: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as the ERP holds it, in our words; a total or a currency that it does not tell is absent or empty.

    `custom_fields` None: it does not tell them.
    """

    erp_id: ErpId
    erp_number: str
    external_ref: str
    revision: int | None
    status: str
    currency: str
    lines: tuple[SnapshotLine, ...]
    totals: Mapping[str, Decimal]
    event_id: str | None = None
    cancelled: bool = False
    custom_fields: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def erp_lines(self) -> Mapping[str, str]:
        """The ERP's own key of each line, by our reference of it, where it tells one."""
        return {line.line_ref: line.erp_line for line in self.lines if line.line_ref and line.erp_line}


class Presence(StrEnum):
    """What a look-up can say."""

    ABSENT = "absent"
    ONE = "one"
    MANY = "many"
    UNSEARCHABLE = "unsearchable"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a look-up by reference; snapshots are there for ONE and MANY."""

    presence: Presence
    snapshots: tuple[Snapshot, ...] = ()

    @property
    def only_cancelled(self) -> bool:
        """Tell whether everything that was found is cancelled."""
        return bool(self.snapshots) and all(snapshot.cancelled for snapshot in self.snapshots)

    def standing(self) -> "Found":
        """The same without cancelled documents, where exactly one of several still stands."""
        alive = tuple(snapshot for snapshot in self.snapshots if not snapshot.cancelled)
        return Found(Presence.ONE, alive) if self.presence is Presence.MANY and len(alive) == 1 else self


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What an ERP's mapping reads of a blueprint: the names of code maps and constants, and whether it takes custom
    fields. `needed` are constants without which a document is refused. `intents`, `binding_warehouse`: whether it tells
    how a line is served, and that the ERP is bound by the shop's choice of a warehouse.
    """

    code_maps: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    custom_fields: bool = True
    intents: bool = True
    binding_warehouse: bool = True


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an ERP promises, as far as it is proven.

    `find_visibility_lag`: how long a new document may stay invisible to `find`. `longest_processing`: how long a
    call whose caller has gone may still take effect, what was accepted to be worked on later included.
    `absent_confirmations`: look-ups that must say ABSENT, spread over that time, before the same reference may be
    sent once more. `find_by_ref` weak: what is found may be somebody else's, and what is not found may be there all
    the same. `where_to_look` is for a person: the place in the ERP where our reference can be searched for.
    `changes`: what the ERP tells of by itself, when asked. `order_statuses`: every status that an order of its can
    have, in its words; empty where nobody has written them down. `stock_batch`: how many lines one batch of stock may
    have; None: as many as there are. `stock_guarded`: an ERP that is told levels sets one only where the expected one
    stands. `vocabulary`: None where the adapter does not tell.
    """

    native_dedupe: Literal["none", "unique_ref", "idempotency_key"] = "none"
    find_by_ref: Literal["exact", "weak", "none"] = "none"
    find_visibility_lag: timedelta = timedelta(seconds=5)
    longest_processing: timedelta = timedelta(minutes=10)
    absent_confirmations: int = 3
    accepts: frozenset[DocumentKind] = frozenset()
    stock_write: Literal["delta", "absolute", "none"] = "none"
    stock_batch: int | None = None
    stock_guarded: bool = True
    reads_stock: bool = False
    changes: frozenset[ChangeKind] = frozenset()
    order_statuses: frozenset[str] = frozenset()
    reference_limit: int = 35
    max_concurrency: int = 8
    where_to_look: str = "the ERP"
    vocabulary: Vocabulary | None = None

    def __post_init__(self) -> None:
        """Refuse what would turn one look-up that was too early into a second document."""
        if self.absent_confirmations < FEWEST_ABSENT_CONFIRMATIONS:
            message = f"absent_confirmations {self.absent_confirmations} spreads nothing over the time to wait"
            raise ValueError(message)

    @property
    def takes_events(self) -> bool:
        """Tell whether this destination takes events as they are, and not documents made of them."""
        return DocumentKind.EVENT in self.accepts


class DeliveryState(StrEnum):
    """Why an event is not plain: the states of `erp_delivery`.

    READY: nothing is in its way · WAITING: for its release rule · RETRY: until its time comes · PENDING: the ERP
    took it and works on it · UNKNOWN: to be looked up, or, with nothing scheduled, for a person to look up ·
    PARKED: awaits a person · PAUSED: a person has stopped its lane · HELD: behind its lane's head · RETRYING, SKIPPING,
    CONFIRMING: a person has decided, the relay looks up what the ERP has and carries it out.
    """

    READY = "ready"
    WAITING = "waiting"
    RETRY = "retry"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PARKED = "parked"
    PAUSED = "paused"
    HELD = "held"
    RETRYING = "retrying"
    SKIPPING = "skipping"
    CONFIRMING = "confirming"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that waits for something, with all that a person needs to know about it.

    `delay` counts from the database's clock at the moment of writing; on reading it is what is left of it (never
    negative); None means that nothing is scheduled and a person or another event decides. `revision` is the outbox
    id whose content the last attempt carried: an unknown outcome is looked up with that content, never with newer
    one. It is 0 before the first attempt, and again once the ERP has refused: then the ERP has nothing of it. `handle`
    is what to ask the ERP for: its own handle of a pending document, or a NamedDocument. `pending_for` is how long the
    ERP has been working on it, by the database's clock too; `overdue` says that this is too long by the blueprint.
    `missing` is the entry that a parked one waits for, such as payment_methods.checkmo. `mapping` names the mapping
    that the last attempt was made with, where the ERP remembers our keys and what came under them.
    """

    id: OutboxId
    lane: Lane
    state: DeliveryState
    attempts: int = 0
    delay: timedelta | None = None
    reason: str = ""
    fault: str = ""
    hint: str = ""
    absents: int = 0
    resubmitted: bool = False
    handle: str | None = None
    revision: int = 0
    pending_for: timedelta | None = None
    overdue: bool = False
    missing: str = ""
    mapping: str = ""


class Intent(NamedTuple):
    """An id about to be sent, committed before the first byte.

    `revision` is the outbox id whose payload is the content; `absorbs` lists later events of the lane that go
    with it; `payload_sha256` is the content's hash. `mapping` as in Delivery.
    """

    id: OutboxId
    lane: Lane
    kind: DocumentKind
    revision: int
    payload_sha256: str
    absorbs: tuple[OutboxId, ...] = ()
    mapping: str = ""


class ReceiptOutcome(StrEnum):
    """How an event was done with."""

    DELIVERED = "delivered"
    ALREADY_THERE = "already_there"
    ABSORBED = "absorbed"
    UNCHANGED = "unchanged"
    UNROUTED = "unrouted"
    CANCELLED_BEFORE_RELEASE = "cancelled_before_release"
    SKIPPED = "skipped"


class Receipt(NamedTuple):
    """The proof that an event is done for a destination."""

    destination: DestinationName
    id: OutboxId
    outcome: ReceiptOutcome
    erp_number: str | None = None
    attempts: int = 0
    call_duration: timedelta = timedelta()
    actor: str = "relay"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptRange:
    """The proof that every event from `first` to `last`, both included, without `holes`, is done for a destination.

    `events` is how many there are; ids in between that no event has are covered too.
    """

    destination: DestinationName
    first: OutboxId
    last: OutboxId
    outcome: ReceiptOutcome
    events: int
    holes: tuple[tuple[OutboxId, OutboxId], ...] = ()
    actor: str = "relay"
    detail: str = ""
