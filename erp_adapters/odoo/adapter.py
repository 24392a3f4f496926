"""The adapter for Odoo.

An effect is made by `load()` in the mode of a module's update, with external identifiers that may not be updated:
what is there is left as it is, what is not is made, document and lines in one transaction, under a unique index. So the
same one sent twice, or by two at once, is one, and nothing that people have changed is written over.

A quotation is no order yet, a transfer that is not validated has moved nothing, a draft has credited nothing. Where the
second step was lost the effect counts as absent, and sending it again takes it. Each later effect looks first, and
writes its revision last, in one call with its content.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import monotonic
from typing import Final

from erp_adapters.mapping import MappingError, RuleBook
from erp_adapters.odoo.answers import not_made, refused, unmapped
from erp_adapters.odoo.books import Books
from erp_adapters.odoo.customers import PARTNERS, Customers
from erp_adapters.odoo.door import Door
from erp_adapters.odoo.following import Follower
from erp_adapters.odoo.ordering import Orders
from erp_adapters.odoo.probing import probe
from erp_adapters.odoo.reading import STATUSES
from erp_adapters.odoo.recording import NOTES, RecordingDoor
from erp_adapters.odoo.refunds import MOVES, Refunds
from erp_adapters.odoo.returns import Returns
from erp_adapters.odoo.stock import STOCK_LINES, STOCK_PAGE, StockLevels, StockMoves
from erp_adapters.odoo.terms import CODE_MAPS, OdooTerms
from erp_adapters.odoo.walking import Walk
from erp_adapters.odoo.writing import Writing
from sidecar.domain.delivery import (
    Capabilities,
    ChangeKind,
    DocumentKind,
    ErpId,
    Found,
    Outcome,
    Reference,
    Result,
    Snapshot,
    Vocabulary,
)
from sidecar.domain.documents import (
    CustomerDocument,
    Document,
    Health,
    OrderCancellation,
    OrderDocument,
    Page,
    Preview,
    RefundDocument,
    StockMovement,
    StockPage,
    StockQuery,
)
from sidecar.domain.errors import Retryable
from sidecar.domain.order import Order

_PROBE_SECONDS: Final = 10.0
_ACCEPTED: Final = frozenset(DocumentKind) - {DocumentKind.EVENT, DocumentKind.STOCK_DEMAND, DocumentKind.STOCK_COUNT}
_DONE: Final = frozenset({Outcome.CONFIRMED, Outcome.ALREADY_EXISTS})


@dataclass(frozen=True, slots=True)
class OdooAdapter:
    """One company of one Odoo; see ErpAdapter for the promises."""

    door: Door
    terms: OdooTerms
    instance: str
    rules: RuleBook = field(default_factory=RuleBook)
    concurrency: int = 4
    walk: Walk = field(default_factory=Walk)
    stock_page: int = STOCK_PAGE
    _follower: Follower = field(init=False, repr=False)
    _orders: Orders = field(init=False, repr=False)
    _refunds: Refunds = field(init=False, repr=False)
    _customers: Customers = field(init=False, repr=False)
    _moves: StockMoves = field(init=False, repr=False)
    _levels: StockLevels = field(init=False, repr=False)

    def __post_init__(self) -> None:
        books = Books(self.door)
        writing = Writing(self.door, books)
        orders = Orders(writing, self.terms, self.instance, self.rules)
        parts = {
            "_follower": Follower(books, self.rules.general.code_maps, self.walk),
            "_orders": orders,
            "_refunds": Refunds(writing, orders, Returns(writing), self.terms, self.rules),
            "_customers": Customers(writing, self.terms, self.instance, self.rules),
            "_moves": StockMoves(writing, self.terms.company),
            "_levels": StockLevels(books, self.terms.company, self.stock_page),
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    def close(self) -> None:
        """Close every connection."""
        self.door.close()

    def capabilities(self) -> Capabilities:
        """What was shown on Odoo 19."""
        return Capabilities(
            native_dedupe="unique_ref",
            find_by_ref="exact",
            find_visibility_lag=timedelta(seconds=1),
            longest_processing=timedelta(minutes=3),  # limit_time_real is two; and what is sent again is one order
            accepts=_ACCEPTED,
            stock_write="delta",
            stock_batch=STOCK_LINES,
            reads_stock=True,
            changes=frozenset(ChangeKind),
            order_statuses=STATUSES,
            reference_limit=64,
            max_concurrency=self.concurrency,
            where_to_look="Odoo under Sales, Orders, by Customer Reference",
            vocabulary=Vocabulary(CODE_MAPS),
        )

    def probe(self) -> Health:
        """Ask Odoo who it is and whether we may; changes nothing there."""
        return probe(self.door, self.terms, tuple(self.rules.general.custom_fields), monotonic() + _PROBE_SECONDS)

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        """Make the effect once; what Odoo cannot be told is refused before a byte of it is sent."""
        ends_at = monotonic() + deadline
        try:
            match document, ref.kind:
                case OrderDocument(order), DocumentKind.ORDER:
                    return self._orders.create(order, ref, ends_at)
                case OrderDocument(order), _:
                    return self._orders.change(order, ref, ends_at)
                case OrderCancellation(), _:
                    return self._orders.cancel(ref, ends_at)
                case RefundDocument(refund), _:
                    return self._refunds.submit(refund, ref, ends_at)
                case CustomerDocument(customer), _:
                    return self._customers.submit(customer, ref, ends_at)
                case StockMovement() as movement, _:
                    return self._moves.submit(movement, ref, ends_at)
                case _:
                    return refused("NOT_TAKEN", "this adapter takes documents", "correct takes in the blueprint")
        except MappingError as error:
            return unmapped(error)
        except Retryable as error:
            return not_made(error)

    def preview(self, document: Document, ref: Reference, deadline: float) -> Preview:
        """What `submit` would send: the same steps behind a door that writes down what would change something."""
        door = RecordingDoor(self.door)
        result = replace(self, door=door).submit(document, ref, deadline)
        if result.outcome in (Outcome.NOT_SENT, Outcome.RETRY_LATER, Outcome.UNKNOWN):
            raise Retryable(
                result.words() or "Odoo could not be read", hint=result.hint, retry_after=result.retry_after
            )
        requests = tuple(door.requests)
        if result.outcome not in _DONE:
            return Preview(requests, refusal=result)
        if result.outcome is Outcome.ALREADY_EXISTS and not requests:
            return Preview(notes=(f"Odoo has it already as {result.erp_number}: nothing would be sent",))
        return Preview(requests, notes=NOTES)

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """What lies in the company's warehouses, a page of products at a time."""
        return self._levels.read(query, cursor, monotonic() + deadline)

    def tells_apart(self, before: Order, after: Order) -> bool:  # noqa: ARG002 -- the port's
        """The order's stamp there says it: what was promised stays, and the revision goes on."""
        return True

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:
        """Look effects up: documents by our reference, changes and cancellations of orders by their target."""
        ends_at = monotonic() + deadline
        kinds: dict[DocumentKind, list[Reference]] = {}
        for ref in refs:
            kinds.setdefault(ref.kind, []).append(ref)
        refunds = kinds.pop(DocumentKind.REFUND, [])
        customers = kinds.pop(DocumentKind.CUSTOMER, [])
        movements = kinds.pop(DocumentKind.STOCK_MOVEMENT, [])
        orders = [ref for some in kinds.values() for ref in some]
        return {
            **(self._orders.find(orders, ends_at) if orders else {}),
            **(self._refunds.find(refunds, ends_at) if refunds else {}),
            **(self._customers.find(customers, ends_at) if customers else {}),
            **(self._moves.find(movements, ends_at) if movements else {}),
        }

    def poll(self, handle: str, deadline: float) -> Result:  # noqa: ARG002 -- the port's
        """Odoo accepts nothing to do it later: no handle is known."""
        return Result(Outcome.UNKNOWN)

    def read_back(self, erp_id: ErpId, deadline: float) -> Snapshot:
        """The document as Odoo holds it: an order's key is a number, all others name their model first."""
        ends_at = monotonic() + deadline
        model, _, key = erp_id.rpartition(",")
        found: Snapshot | None = None
        if key.isascii() and key.isdigit():
            match model:
                case "":
                    order = self._orders.by_key(erp_id, ends_at)
                    found = None if order is None else order.snapshot()
                case _ if model == MOVES:
                    found = self._refunds.read_back(int(key), ends_at)
                case _ if model == PARTNERS:
                    found = self._customers.read_back(int(key), ends_at)
                case _:
                    pass
        if found is None:
            raise Retryable(f"Odoo has no {model or 'order'} {key} of ours", hint="look for it in Odoo")
        return found

    def changes(self, kind: ChangeKind, cursor: str | None, deadline: float) -> Page:
        """What changed of a kind since the cursor, a page at a time; a record that cannot be read holds no other up."""
        return self._follower.page(kind, cursor, monotonic() + deadline)
