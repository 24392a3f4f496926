"""The profile of a SOAP ERP: which operations of its WSDL we use, what its answers and faults mean, what it promises.

The WSDL says what a message looks like; the profile says what it means. An operation that makes an effect has an
`arguments` template over the canonical document and an `answer`; one that reads has `arguments` over what is asked for
(`references`, `id`, `handle`, `cursor`, `since` and `offset`, `skus` and `warehouses`) and says where the documents
are. Expressions are JMESPath over the reply's content as plain data: elements and attributes by their names, repeated
elements as lists, xsi:nil and what is absent as null, simple content with attributes as `_value_1`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, model_validator

from erp_adapters.profiled.authentication import Auth
from erp_adapters.profiled.described import LISTED, Described
from erp_adapters.profiled.faults import EFFECTS, OF_STOCK
from erp_adapters.profiled.form import Count, Jmes, Part, Template, Text
from erp_adapters.profiled.levels import LevelReading, StockList
from erp_adapters.profiled.listings import Clock
from erp_adapters.profiled.listings import Listing as PagedListing
from erp_adapters.profiled.readings import EffectAnswer, ErrorReading
from erp_adapters.soap.faults import Fault
from sidecar.configuration import Problem, invalid, listed, refusal, shown, validated
from sidecar.domain.delivery import ChangeKind, DocumentKind, Outcome

_HINT = "correct the profile; erp_adapters/soap/README.md goes through one step by step"


def _pattern(value: object) -> re.Pattern[str]:
    try:
        return re.compile(value if isinstance(value, str) else "(")
    except re.error as error:
        raise invalid(shown(value), f"a regular expression ({error})") from error


Pattern = Annotated[re.Pattern[str], PlainValidator(_pattern)]


class Security(Part):
    """WS-Security: a UsernameToken with a nonce and the instant of each request, or a signature of the body and of that
    instant. The destination's secret is the password, or a private key and its certificate in one PEM.
    """

    user: Text | None = Field(default=None, description="the user's name")
    password: Literal["digest", "text"] | None = Field(default=None, description="digest, text")
    signature: Literal["x509"] | None = Field(default=None, description="x509")

    @model_validator(mode="after")
    def _proves_in_one_way(self) -> "Security":
        told = (self.user is not None, self.password is not None, self.signature is not None)
        if told not in ((True, True, False), (False, False, True)):
            raise invalid("neither user with password, nor signature, alone", "user and password, or signature")
        return self


class Called(Part):
    """An operation of the WSDL."""

    operation: Text = Field(description="the name of an operation of the WSDL's port")
    arguments: Template = Field(description="a template of the operation's arguments")
    headers: Template | None = Field(default=None, description="a template of the operation's SOAP headers")


class Effect(Called):
    """An operation that makes an effect.

    `received` is for an ERP that answers nothing at all: pending is then looked for under our reference until it is
    there, unknown is looked up at once.
    """

    answer: EffectAnswer = Field(description="a table with success, id, number, status")
    received: Literal["pending", "unknown"] = Field(
        default="unknown", description="pending, unknown: what an answer without content means"
    )


class Search(Called):
    """Looks documents up by our references; `batch` references go into one call."""

    batch: Count = Field(default=1, le=1000, description="how many references one call may ask for")
    documents: Jmes = Field(description="where the list of documents is")


class Read(Called):
    """Reads one document by the ERP's key."""

    document: Jmes = Field(description="where the document is, @ for the whole reply")


class Poll(Called):
    """Asks what became of a document that was accepted to be worked on later."""

    pending: Jmes = Field(description="true while the ERP works on it")
    rejected: Jmes = Field(description="true when the ERP has refused it")
    done: Jmes = Field(description="true when it is done")
    id: Jmes = Field(description="the ERP's key of the document")
    number: Jmes = Field(description="the document's number, as people call it")
    status: Jmes | None = Field(default=None, description="the document's status")


class Ping(Called):
    """Asks who is there."""

    product: Jmes = Field(description="the product's name and version")
    time: Jmes | None = Field(default=None, description="the ERP's clock, with its zone")
    permissions: Jmes | None = Field(default=None, description="the list of permissions that we have")
    needs: tuple[Text, ...] = Field(default=(), description="a list of permissions that we need")
    contract: Jmes | None = Field(default=None, description="the version of the interface, as the ERP declares it")
    served: Text | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_.=&-]+$", description="the query under which the ERP serves its WSDL: wsdl"
    )


class ClockPlace(Part):
    """How an ERP is followed that has no cursor; see `Clock` of the REST profile."""

    first: object = Field(description="the instant to begin with, such as 2020-01-01T00:00:00Z")
    changed_at: Jmes = Field(description="an entry's time of change, with its zone")
    key: Jmes = Field(description="an entry's key")
    overlap: Text = Field(default="5m", description="how far back the end of a listing is read again, such as 5m")

    def clock(self) -> Clock:
        """The same for whoever follows it: `since` and `offset` are what the template starts from."""
        told = {"since": "since", "offset": "offset", "first": self.first, "overlap": self.overlap}
        return Clock.model_validate({**told, "changed_at": self.changed_at.text, "key": self.key.text})


class Listing(Called):
    """Follows changes: by the ERP's cursor (`first` and `next`), or by its clock (`clock`)."""

    first: Text | None = Field(default=None, description="the cursor of the beginning")
    next: Jmes | None = Field(default=None, description="the next cursor")
    clock: ClockPlace | None = Field(default=None, description="a table with first, changed_at, key, overlap")
    documents: Jmes = Field(description="where the list of documents is")
    more: Jmes = Field(description="true while there is more")

    @model_validator(mode="after")
    def _goes_on_somehow(self) -> "Listing":
        self.paged()
        return self

    def paged(self) -> PagedListing:
        """The same in the terms of those who follow pages."""
        told: dict[str, object] = {"path": f"/{self.operation}", "documents": self.documents.text}
        told["more"] = self.more.text
        if self.first is not None or self.next is not None:
            told |= {"cursor": "cursor", "first": self.first, "next": self.next.text if self.next else None}
        if self.clock is not None:
            told["clock"] = self.clock.clock()
        return PagedListing.model_validate(told)


class StockRead(Called):
    """Reads stock, a page at a time; `batch` SKUs go into one call."""

    batch: Count = Field(default=1, le=1000, description="how many SKUs one call may ask for")
    next: Jmes = Field(description="the next cursor")
    more: Jmes = Field(description="true while there is more")
    as_of: Jmes | None = Field(default=None, description="the ERP's clock when it read, with its zone")
    levels: LevelReading = Field(description="a table with each, sku, warehouse, on_hand, reserved, available, unit")

    def paged(self) -> StockList:
        """The same in the terms of those who follow pages."""
        told = {"path": f"/{self.operation}", "sku": "skus", "warehouse": "warehouses", "cursor": "cursor"}
        expressions = {"next": self.next, "more": self.more, "as_of": self.as_of}
        levels = {name: one.text for name, one in self.levels if one is not None}
        texts = {name: one.text for name, one in expressions.items() if one is not None}
        return StockList.model_validate({**told, **texts, "batch": self.batch, "levels": levels})

    def scope(self, asked: Sequence[tuple[str, str]]) -> Mapping[str, object]:
        """What is asked for, as the template finds it."""
        several = {name: [value for key, value in asked if key == name] for name in ("skus", "warehouses")}
        return {**several, "cursor": dict(asked).get("cursor")}


class Operations(Part):
    """What the ERP can be asked; what is missing it cannot."""

    ping: Ping = Field(
        description="a table with operation, arguments, product, time, permissions, needs, contract, served"
    )
    create: Effect | None = None
    change: Effect | None = None
    cancel: Effect | None = None
    refund: Effect | None = None
    refund_find: Search | None = None
    customer: Effect | None = None
    customer_find: Search | None = None
    find: Search | None = None
    read: Read | None = None
    poll: Poll | None = None
    list: Listing | None = None
    deliveries: Listing | None = None
    invoices: Listing | None = None
    credit_memos: Listing | None = None
    stock_post: Effect | None = None
    stock_find: Search | None = None
    stock_demand: Effect | None = None
    stock_demand_find: Search | None = None
    stock_count: Effect | None = None
    stock_read: StockRead | None = None


class Messages(Part):
    """Where a reply keeps its messages, and which of them mean that it was refused."""

    each: Jmes = Field(description="where the messages are")
    severity: Jmes = Field(description="a message's severity, starting at the message")
    errors: tuple[Text, ...] = Field(min_length=1, description="a list of severities that mean a refusal")
    warnings: tuple[Text, ...] = Field(default=(), description="a list of severities of warnings")
    code: Jmes = Field(description="a message's code")
    text: Jmes = Field(description="a message's words")
    field: Jmes | None = Field(default=None, description="the place that it speaks of")


class Missing(Part):
    """What a fault says is missing there, and which code map would lead around it."""

    map: Text = Field(description="the name of a code map, such as skus")
    value: Jmes = Field(description="what is missing, a text or a list: an expression over code, text and detail")


class FaultRow(Part):
    """A row of the fault table; the first that fits decides, before the rules of SOAP and HTTP do."""

    fault: Text | None = Field(default=None, description="the faultcode without its prefix: Client, Server, ...")
    subcode: Text | None = Field(default=None, description="a subcode without its prefix")
    code: Text | None = Field(default=None, description="the ERP's own code, where errors.code finds it")
    text: Pattern | None = Field(default=None, description="a regular expression found in the fault's words")
    status: tuple[Annotated[int, Field(strict=True, ge=200, le=599)], ...] = Field(
        default=(), description="a list of HTTP statuses, none for any"
    )
    on: tuple[Text, ...] = Field(default=(), description="a list of " + listed(sorted(EFFECTS)))
    outcome: Outcome = Field(description="what it means")
    hint: str = Field(default="", description="what a person does then")
    missing: Missing | None = Field(default=None, description="a table with map and value")
    absent: Annotated[bool, Field(strict=True)] = Field(
        default=False,
        description="true where it tells who asks for a document or for work that there is none; else false",
    )

    @model_validator(mode="after")
    def _means_a_fault(self) -> "FaultRow":
        if self.outcome in (Outcome.CONFIRMED, Outcome.ACCEPTED_PENDING):
            raise invalid(f"outcome {self.outcome}", "an outcome of a fault")
        if self.missing is not None and self.outcome not in (Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID):
            raise invalid(f"missing beside outcome {self.outcome}", "rejected_business, rejected_invalid")
        if not (self.fault or self.subcode or self.code or self.text or self.status):
            raise invalid("no condition", "at least one of fault, subcode, code, text, status")
        if not EFFECTS.keys() >= set(self.on):
            raise invalid(listed(self.on), listed(sorted(EFFECTS)))
        return self

    def fault_of_table(self) -> Fault:
        """The row as the classifier wants it."""
        return Fault(
            self.outcome,
            faults=frozenset({self.fault} if self.fault else ()),
            subcodes=frozenset({self.subcode} if self.subcode else ()),
            code=self.code,
            text=self.text,
            statuses=frozenset(self.status),
            on=frozenset(self.on),
            hint=self.hint,
            missing=None if self.missing is None else (self.missing.map, self.missing.value),
            absent=self.absent,
        )


class Profile(Described):
    """One product or customisation of a SOAP ERP."""

    wsdl: Text = Field(description="the path of the WSDL, beside this file; what it imports must lie there too")
    service: Text | None = Field(default=None, description="the WSDL's service, where it has several")
    port: Text | None = Field(default=None, description="the service's port, where it has several")
    strict: bool = Field(
        default=True,
        description="true; false for a WSDL that breaks its own rules: requests are then held against the names of "
        "its elements only, and replies are read as far as they can be",
    )
    auth: Auth | None = Field(default=None, description="a table with kind and name: how HTTP is told who asks")
    security: Security | None = Field(default=None, description="a table with user and password, or signature")
    operations: Operations = Field(description="a table of operations")
    messages: Messages | None = Field(default=None, description="where a reply keeps its messages")
    errors: ErrorReading = Field(description="where a fault (code, subcodes, text, detail) says what is wrong")
    faults: tuple[FaultRow, ...] = Field(default=(), description="a list of rows with fault, code, outcome, hint")

    @model_validator(mode="after")
    def _proves_who_asks(self) -> "Profile":
        if self.auth is None and self.security is None:
            raise invalid("neither auth nor security", "at least one of them")
        return self

    @model_validator(mode="after")
    def _does_at_once_what_cannot_wait(self) -> "Profile":
        self._must_not_be_pending({"refund", "customer", *OF_STOCK}, "an ERP that does it at once")
        received = [name for name, effect in self.effects().items() if effect.received == "pending"]
        if set(received) - {"create"} or (received and self.operations.find is None):
            raise invalid(f"received: pending on {listed(received)}", "on create, with operations.find to look for it")
        return self

    def template_of(self, effect: Effect) -> Template:
        """The arguments."""
        return effect.arguments

    def effect(self, kind: DocumentKind) -> Effect | None:
        """The operation that makes this kind of effect, if the ERP has one."""
        effect: Effect | None = self._effect(kind)
        return effect

    def listing(self, kind: ChangeKind) -> Listing | None:
        """The operation that follows changes of this kind, if the ERP has one."""
        listing: Listing | None = getattr(self.operations, LISTED[kind])
        return listing

    def fault_table(self) -> tuple[Fault, ...]:
        """The profile's rows as the classifier wants them."""
        return tuple(row.fault_of_table() for row in self.faults)


def profile_of(data: object, source: object = "profile") -> Profile:
    """Read a profile's data; raise one ConfigurationError that tells everything that is wrong."""
    problems: list[Problem] = []
    profile = validated(Profile, data, "", problems)
    if profile is None:
        raise refusal(source, problems, hint=_HINT)
    return profile
