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

from typing import Annotated, Literal

from pydantic import Field, model_validator

from erp_adapters.profiled.authentication import Auth
from erp_adapters.profiled.described import LISTED, Described
from erp_adapters.profiled.faults import EFFECTS, OF_STOCK, Fault, Missing
from erp_adapters.profiled.form import Count, Jmes, Part, Path, Template, Text
from erp_adapters.profiled.levels import StockList
from erp_adapters.profiled.listings import Listing
from erp_adapters.profiled.readings import EffectAnswer, ErrorReading
from sidecar.configuration import Problem, invalid, listed, refusal, validated
from sidecar.domain.delivery import ChangeKind, DocumentKind, Outcome

_HINT = "correct the profile; `erp_adapters/legacy/profiles/sandbox.yaml` is a complete example"


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


class Profile(Described):
    """One product or customisation of a REST ERP."""

    auth: Auth = Field(description="a table with kind and name")
    operations: Operations = Field(description="a table of operations")
    errors: ErrorReading = Field(description="a table with code and message")
    faults: tuple[FaultRow, ...] = Field(default=(), description="a list of rows with status, code, outcome, hint")

    @model_validator(mode="after")
    def _books_stock_at_once(self) -> "Profile":
        self._must_not_be_pending({*OF_STOCK}, "an ERP that books stock at once")
        return self

    def template_of(self, effect: Effect) -> Template:
        """The body."""
        return effect.body

    def listing(self, kind: ChangeKind) -> Listing | None:
        """The operation that follows changes of this kind, if the ERP has one."""
        listing: Listing | None = getattr(self.operations, LISTED[kind])
        return listing

    def paths(self) -> frozenset[str]:
        """Every path that is called."""
        parts = (getattr(self.operations, name) for name in type(self.operations).model_fields)
        return frozenset(part.path for part in parts if part is not None)

    def effect(self, kind: DocumentKind) -> Effect | None:
        """The operation that makes this kind of effect, if the ERP has one."""
        effect: Effect | None = self._effect(kind)
        return effect

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
