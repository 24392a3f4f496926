"""The profile of a REST ERP: how it is asked, what its answers mean, what it promises.

A profile names operations. Those that make effects (`create`, `change`, `cancel`, `refund`, `customer`, and of stock
`stock_post` for changes, `stock_demand` for what is sold, `stock_count` for levels) have a body template and say where
their answer shows success, number and status; those that read (`find`, `read`, `refund_find`, `customer_find`,
`stock_find`, `stock_demand_find`) say where the documents are, and those that follow changes (`list` for orders,
`deliveries`, `invoices`, `credit_memos`) or list stock (`stock_read`) how to go on; `poll` asks what became of a
document that was accepted to be worked on later. `order`, `refund`, `customer`, `movement`, `demand`, `delivery`,
`invoice` and `credit_memo` say how one document of theirs is read. What a profile does not name, the ERP cannot do.
Expressions are JMESPath.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from erp_adapters.legacy.authentication import Auth
from erp_adapters.legacy.faults import EFFECTS, OF_STOCK, Fault, Missing
from erp_adapters.legacy.form import Count, Jmes, Part, Path, Template, Text
from erp_adapters.legacy.levels import StockList
from erp_adapters.legacy.listings import DocumentReading, Listing
from erp_adapters.legacy.promises import Promises, StockOperations, Wire
from erp_adapters.mapping import vocabulary_of
from sidecar.configuration import Problem, invalid, listed, refusal, validated
from sidecar.domain.delivery import Capabilities, ChangeKind, DocumentKind, Outcome, Vocabulary

READ_AS = {
    "stock_find": "movement",
    "stock_demand_find": "demand",
    "refund_find": "refund",
    "customer_find": "customer",
}
"""What each search finds is read as this."""

_HINT = "correct the profile; `erp_adapters/legacy/profiles/sandbox.yaml` is a complete example"


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


class Effect(Part):
    """An operation that makes an effect."""

    method: Literal["POST", "PUT", "PATCH"] = Field(description="POST, PUT, PATCH")
    path: Path = Field(description="a path such as /api/orders/{id}")
    body: Template = Field(description="a template")
    answer: EffectAnswer = Field(description="a table with success, id, number, status")


class Search(Part):
    """Looks documents up by our references; `batch` references go into one call, one parameter each."""

    path: Path = Field(description="a path such as /api/orders")
    parameter: Text = Field(description="the query parameter that carries a reference")
    batch: Count = Field(default=1, le=1000, description="how many references one call may ask for")
    documents: Jmes = Field(description="where the list of documents is")


class Read(Part):
    """Reads one document by the ERP's key."""

    path: Path = Field(description="a path such as /api/orders/{id}")
    document: Jmes = Field(description="where the document is, @ for the whole answer")


class Poll(Part):
    """Asks what became of a document that was accepted to be worked on later; its error is read as any other."""

    path: Path = Field(description="a path such as /api/jobs/{id}, in which {id} is the handle")
    pending: Jmes = Field(description="true while the ERP works on it")
    rejected: Jmes = Field(description="true when the ERP has refused it")
    done: Jmes = Field(description="true when it is done")
    id: Jmes = Field(description="the ERP's key of the document")
    number: Jmes = Field(description="the document's number, as people call it")
    status: Jmes | None = Field(default=None, description="the document's status")


class Ping(Part):
    """Asks who is there."""

    path: Path = Field(description="a path such as /api/ping")
    product: Jmes = Field(description="the product's name and version")
    time: Jmes | None = Field(default=None, description="the ERP's clock, ISO 8601 with zone")
    permissions: Jmes | None = Field(default=None, description="the list of permissions that we have")
    needs: tuple[Text, ...] = Field(default=(), description="a list of permissions that we need")
    contract: Jmes | None = Field(default=None, description="the version of the interface, as the ERP declares it")
    openapi: Path | None = Field(default=None, description="where the ERP's OpenAPI document is, such as /openapi.json")


class Operations(Part):
    """What the ERP can be asked; what is missing it cannot."""

    ping: Ping = Field(description="a table with path, product, time, permissions, needs, contract, openapi")
    create: Effect | None = None
    change: Effect | None = None
    cancel: Effect | None = None
    find: Search | None = None
    read: Read | None = None
    poll: Poll | None = None
    list: Listing | None = None
    deliveries: Listing | None = None
    invoices: Listing | None = None
    credit_memos: Listing | None = None
    refund: Effect | None = None
    refund_find: Search | None = None
    customer: Effect | None = None
    customer_find: Search | None = None
    stock_post: Effect | None = None
    stock_find: Search | None = None
    stock_demand: Effect | None = None
    stock_demand_find: Search | None = None
    stock_count: Effect | None = None
    stock_read: StockList | None = None


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


class MissingPart(Part):
    """An error that speaks of an entry which the ERP lacks: what waits for one is released together."""

    map: Text = Field(description="the code map that the entry would stand in, such as skus")
    value: Jmes | None = Field(
        default=None, description="where the error names it; left out: what was sent at each detail_path"
    )


class FaultRow(Part):
    """A row of the fault table; the first that fits decides, before the rules of HTTP do."""

    status: tuple[Annotated[int, Field(strict=True, ge=200, le=599)], ...] = Field(
        default=(), description="a list of HTTP statuses, none for any"
    )
    code: Text | None = Field(default=None, description="the ERP's error code, none for any")
    on: tuple[Text, ...] = Field(default=(), description="a list of " + listed(sorted(EFFECTS)))
    outcome: Outcome = Field(description="what it means")
    hint: str = Field(default="", description="what a person does then")
    missing: MissingPart | None = Field(default=None, description="a table with map and value")

    @model_validator(mode="after")
    def _means_a_fault(self) -> "FaultRow":
        if self.outcome in (Outcome.CONFIRMED, Outcome.ACCEPTED_PENDING):
            raise invalid(f"outcome {self.outcome}", "an outcome of a fault")
        if self.missing is not None and self.outcome not in (Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID):
            raise invalid(f"missing beside outcome {self.outcome}", "rejected_business, rejected_invalid")
        if not self.status and self.code is None:
            raise invalid("neither status nor code", "at least one of them")
        if not EFFECTS.keys() >= set(self.on):
            raise invalid(listed(self.on), listed(sorted(EFFECTS)))
        return self


class Profile(Part):
    """One product or customisation of a REST ERP."""

    product: Text = Field(description="the ERP's name")
    auth: Auth = Field(description="a table with kind and name")
    transport: Wire = Field(default=Wire(), description="a table with keepalive, connections, answer_limit")
    promises: Promises = Field(description="a table with find_by_ref, longest_processing, ...")
    operations: Operations = Field(description="a table of operations")
    order: Reading = Field(description="how an order of theirs is read")
    refund: Reading | None = Field(default=None, description="how a refund of theirs is read")
    customer: Header | None = Field(default=None, description="how a customer of theirs is read")
    movement: Reading | None = Field(default=None, description="how a stock movement of theirs is read")
    demand: Reading | None = Field(default=None, description="how a document of demand of theirs is read")
    delivery: DocumentReading | None = Field(default=None, description="how a delivery of theirs is read")
    invoice: DocumentReading | None = Field(default=None, description="how an invoice of theirs is read")
    credit_memo: DocumentReading | None = Field(default=None, description="how a credit memo of theirs is read")
    errors: ErrorReading = Field(description="a table with code and message")
    faults: tuple[FaultRow, ...] = Field(default=(), description="a list of rows with status, code, outcome, hint")
    statuses: tuple[Text, ...] = Field(default=(), description="a list of every status that an order can have")
    cancelled: tuple[Text, ...] = Field(default=(), description="the ERP's statuses of a cancelled order")
    code_maps: Mapping[str, Mapping[str, str]] = Field(
        default_factory=dict, description="code maps that do not depend on the shop"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> "Profile":
        if self.promises.find_by_ref != "none" and self.operations.find is None:
            raise invalid(f"find_by_ref {self.promises.find_by_ref} without operations.find", "both or neither")
        unheard = [status for status in self.cancelled if self.statuses and status not in self.statuses]
        if unheard:
            raise invalid(f"cancelled {listed(unheard)}, which statuses does not name", listed(self.statuses))
        for search, reading in READ_AS.items():
            if getattr(self.operations, search) is not None and getattr(self, reading) is None:
                raise invalid(f"operations.{search} without {reading}", "both or neither")
        self.promises.must_be_kept_by(self._stock())
        return self

    @model_validator(mode="after")
    def _follows_what_it_can_read(self) -> "Profile":
        operations = self.operations
        for listing, reading in (("deliveries", "delivery"), ("invoices", "invoice"), ("credit_memos", "credit_memo")):
            if (getattr(operations, listing) is None) != (getattr(self, reading) is None):
                there, missing = f"operations.{listing}", reading
                if getattr(operations, listing) is None:
                    there, missing = missing, there
                raise invalid(f"{there} without {missing}", "both or neither")
        return self

    @model_validator(mode="after")
    def _asks_for_what_is_pending(self) -> "Profile":
        operations = self.operations
        effects = {name: getattr(operations, name) for name in EFFECTS}
        pending = [name for name, effect in effects.items() if effect is not None and effect.answer.pending is not None]
        for at_once in sorted(set(OF_STOCK).intersection(pending)):
            raise invalid(f"operations.{at_once}.answer.pending", "an ERP that books stock at once")
        if bool(pending) != (operations.poll is not None):
            there = "operations.poll without pending" if operations.poll else f"operations.{pending[0]} with pending"
            raise invalid(there, "operations.poll and answer.pending of an effect, or neither")
        return self

    def listing(self, kind: ChangeKind) -> Listing | None:
        """The operation that follows changes of this kind, if the ERP has one."""
        operations = self.operations
        return {
            ChangeKind.ORDERS: operations.list,
            ChangeKind.DELIVERIES: operations.deliveries,
            ChangeKind.INVOICES: operations.invoices,
            ChangeKind.CREDIT_MEMOS: operations.credit_memos,
        }[kind]

    def paths(self) -> frozenset[str]:
        """Every path that is called."""
        parts = (getattr(self.operations, name) for name in type(self.operations).model_fields)
        return frozenset(part.path for part in parts if part is not None)

    def effect(self, kind: DocumentKind) -> Effect | None:
        """The operation that makes this kind of effect, if the ERP has one."""
        name = next((name for name, made in EFFECTS.items() if made is kind), "")
        effect: Effect | None = getattr(self.operations, name, None)
        return effect

    def capabilities(self) -> Capabilities:
        """The promises in the port's terms."""
        return self.promises.capabilities(
            self._stock(),
            accepts=frozenset(kind for kind in DocumentKind if self.effect(kind) is not None),
            changes=frozenset(kind for kind in ChangeKind if self.listing(kind) is not None),
            max_concurrency=self.transport.connections,
            order_statuses=frozenset(self.statuses),
            vocabulary=self._vocabulary(),
        )

    def _stock(self) -> StockOperations:
        operations = self.operations
        count = None if operations.stock_count is None else operations.stock_count.body
        return StockOperations(count, operations.stock_read is not None)

    def _vocabulary(self) -> Vocabulary:
        effects = [getattr(self.operations, name) for name in EFFECTS]
        tracks = None if self.delivery is None else self.delivery.tracks
        carriers = [] if tracks is None or tracks.map is None else [tracks.map]
        return vocabulary_of([effect.body for effect in effects if effect is not None], carriers)

    def fault_table(self) -> tuple[Fault, ...]:
        """The profile's rows as the classifier wants them."""
        return tuple(
            Fault(
                row.outcome,
                frozenset(row.status),
                row.code,
                frozenset(row.on),
                row.hint,
                missing=None if row.missing is None else Missing(row.missing.map, row.missing.value),
            )
            for row in self.faults
        )


def profile_of(data: object, source: object = "profile") -> Profile:
    """Read a profile's data; raise one ConfigurationError that tells everything that is wrong."""
    problems: list[Problem] = []
    profile = validated(Profile, data, "", problems)
    if profile is None:
        raise refusal(source, problems, hint=_HINT)
    return profile
