"""An ERP as its profile describes it, whatever it speaks: what it promises, what can be asked of it, how it is read."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field, model_validator

from erp_adapters.mapping import vocabulary_of
from erp_adapters.profiled.faults import EFFECTS
from erp_adapters.profiled.form import Part, Template, Text
from erp_adapters.profiled.listings import DocumentReading
from erp_adapters.profiled.promises import Promises, StockOperations, Wire
from erp_adapters.profiled.readings import Header, Reading
from sidecar.configuration import invalid, listed
from sidecar.domain.delivery import Capabilities, ChangeKind, DocumentKind, Vocabulary

LISTED: Final = {
    ChangeKind.ORDERS: "list",
    ChangeKind.DELIVERIES: "deliveries",
    ChangeKind.INVOICES: "invoices",
    ChangeKind.CREDIT_MEMOS: "credit_memos",
}
"""The operation that follows changes of each kind."""

READ_AS: Final = {
    "stock_find": "movement",
    "stock_demand_find": "demand",
    "refund_find": "refund",
    "customer_find": "customer",
}
"""What each search finds is read as this."""

FOLLOWED_AS: Final = {"deliveries": "delivery", "invoices": "invoice", "credit_memos": "credit_memo"}
"""What each listing tells is read as this; orders are read as what was created."""


class Described(Part):
    """What every profile says. Its operations are those of one protocol; what they do not name, the ERP cannot do."""

    product: Text = Field(description="the ERP's name")
    transport: Wire = Field(default=Wire(), description="a table with keepalive, connections, answer_limit")
    promises: Promises = Field(description="a table with find_by_ref, longest_processing, ...")
    operations: Any
    order: Reading = Field(description="how an order of theirs is read")
    refund: Reading | None = Field(default=None, description="how a refund of theirs is read")
    customer: Header | None = Field(default=None, description="how a customer of theirs is read")
    movement: Reading | None = Field(default=None, description="how a stock movement of theirs is read")
    demand: Reading | None = Field(default=None, description="how a document of demand of theirs is read")
    delivery: DocumentReading | None = Field(default=None, description="how a delivery of theirs is read")
    invoice: DocumentReading | None = Field(default=None, description="how an invoice of theirs is read")
    credit_memo: DocumentReading | None = Field(default=None, description="how a credit memo of theirs is read")
    statuses: tuple[Text, ...] = Field(default=(), description="a list of every status that an order can have")
    cancelled: tuple[Text, ...] = Field(default=(), description="the ERP's statuses of a cancelled order")
    code_maps: Mapping[str, Mapping[str, str]] = Field(
        default_factory=dict, description="code maps that do not depend on the shop"
    )

    @abstractmethod
    def template_of(self, effect: Any) -> Template:  # noqa: ANN401 -- an operation of this protocol
        """What an operation that makes an effect is sent with."""

    @model_validator(mode="after")
    def _fits_together(self) -> "Described":
        operations = self.operations
        if self.promises.find_by_ref != "none" and operations.find is None:
            raise invalid(f"find_by_ref {self.promises.find_by_ref} without operations.find", "both or neither")
        unheard = [status for status in self.cancelled if self.statuses and status not in self.statuses]
        if unheard:
            raise invalid(f"cancelled {listed(unheard)}, which statuses does not name", listed(self.statuses))
        for search, reading in READ_AS.items():
            if getattr(operations, search) is not None and getattr(self, reading) is None:
                raise invalid(f"operations.{search} without {reading}", "both or neither")
        self.promises.must_be_kept_by(self._stock())
        return self

    @model_validator(mode="after")
    def _follows_what_it_can_read(self) -> "Described":
        for listing, reading in FOLLOWED_AS.items():
            if (getattr(self.operations, listing) is None) != (getattr(self, reading) is None):
                there, missing = f"operations.{listing}", reading
                if getattr(self.operations, listing) is None:
                    there, missing = missing, there
                raise invalid(f"{there} without {missing}", "both or neither")
        return self

    @model_validator(mode="after")
    def _asks_for_what_is_pending(self) -> "Described":
        pending = [name for name, effect in self.effects().items() if effect.answer.pending is not None]
        if bool(pending) != (self.operations.poll is not None):
            there = (
                "operations.poll without pending" if self.operations.poll else f"operations.{pending[0]} with pending"
            )
            raise invalid(there, "operations.poll and answer.pending of an effect, or neither")
        return self

    def effects(self) -> dict[str, Any]:
        """The operations that make effects, by their names."""
        named = {name: getattr(self.operations, name) for name in EFFECTS}
        return {name: effect for name, effect in named.items() if effect is not None}

    def capabilities(self) -> Capabilities:
        """The promises in the port's terms."""
        return self.promises.capabilities(
            self._stock(),
            accepts=frozenset(EFFECTS[name] for name in self.effects()),
            changes=frozenset(kind for kind, name in LISTED.items() if getattr(self.operations, name) is not None),
            max_concurrency=self.transport.connections,
            order_statuses=frozenset(self.statuses),
            vocabulary=self._vocabulary(),
        )

    def _effect(self, kind: DocumentKind) -> Any:  # noqa: ANN401 -- an operation of this protocol
        return next((effect for name, effect in self.effects().items() if EFFECTS[name] is kind), None)

    def _must_not_be_pending(self, at_once: set[str], because: str) -> None:
        for name, effect in sorted(self.effects().items()):
            if name in at_once and effect.answer.pending is not None:
                raise invalid(f"operations.{name}.answer.pending", because)

    def _stock(self) -> StockOperations:
        count = self.operations.stock_count
        return StockOperations(
            None if count is None else self.template_of(count), self.operations.stock_read is not None
        )

    def _vocabulary(self) -> Vocabulary:
        tracks = None if self.delivery is None else self.delivery.tracks
        carriers = [] if tracks is None or tracks.map is None else [tracks.map]
        return vocabulary_of([self.template_of(effect) for effect in self.effects().values()], carriers)
