"""The adapter for a REST ERP that is described by a profile."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from time import monotonic
from typing import assert_never
from urllib.parse import quote

from erp_adapters.legacy.answers import polled, result_of, words_of
from erp_adapters.legacy.asking import Asking, NotFoundError
from erp_adapters.legacy.contract import terms_of
from erp_adapters.legacy.profile import Effect, Profile, Read, Search
from erp_adapters.mapping import (
    CONSTANTS,
    MappingError,
    RuleBook,
    canonical_customer,
    canonical_order,
    canonical_refund,
    canonical_stock,
    render,
    scope_of,
)
from erp_adapters.profiled.documents import elements, text
from erp_adapters.profiled.following import UnusableListingError, following
from erp_adapters.profiled.inbound import inbound_document, unreadable
from erp_adapters.profiled.listings import DocumentReading
from erp_adapters.profiled.looking_up import LookUps, Places
from erp_adapters.profiled.results import (
    OPERATIONS,
    every_line,
    not_polled,
    polled_to,
    skew_of,
    with_custom_fields,
    without_operation,
)
from erp_adapters.profiled.stock_levels import UnusableStockError, stock_page
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
)
from sidecar.domain.documents import (
    CustomerDocument,
    Document,
    EventDocument,
    Health,
    OrderCancellation,
    OrderDocument,
    Page,
    Preview,
    RefundDocument,
    StockCount,
    StockMovement,
    StockPage,
    StockQuery,
)
from sidecar.domain.errors import Retryable
from sidecar.domain.inbound import InboundDocument, InboundKind
from sidecar.domain.order import Order
from sidecar.transport import Answer, HttpTransport, NoAnswer, Request

_PROBE_SECONDS = 10.0
_NO_VERSION = Reference(DocumentKind.ORDER_CHANGE, "-", 0, "", "-", ErpId("-"))


class LegacyAdapter:
    """One ERP as its profile describes it; see ErpAdapter for the promises."""

    def __init__(
        self,
        profile: Profile,
        transport: HttpTransport,
        rules: RuleBook,
    ) -> None:
        self._profile = profile
        self._transport = transport
        self._rules = rules.over(profile.code_maps)
        self._inbound = dict(_inbound(profile))
        self._asking = Asking(profile.product, transport)
        self._look_ups = LookUps(_places(profile), self._asking)

    def __repr__(self) -> str:
        return f"LegacyAdapter({self._profile.product!r}, {self._transport!r})"

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def capabilities(self) -> Capabilities:
        """What the profile promises."""
        return self._profile.capabilities()

    def probe(self) -> Health:
        """Ask the ERP who it is and whether we may; changes nothing there."""
        ping = self._profile.operations.ping
        began_at = datetime.now(UTC)
        reply = self._transport.call(Request("GET", ping.path), _PROBE_SECONDS)
        if isinstance(reply, NoAnswer):
            return Health(reachable=False, problems=(f"{self._profile.product} does not answer: {reply.words}",))
        if reply.status != HTTPStatus.OK:
            return Health(reachable=True, problems=(_refusal(self._profile, reply, f"GET {ping.path}"),))
        body = reply.json()
        problems = []
        product = text(ping.product, body)
        if not product:
            problems.append(f"GET {ping.path} was answered by something that is not {self._profile.product}")
        granted = elements(ping.permissions, body)
        missing = [] if ping.permissions is None else [name for name in ping.needs if name not in granted]
        if missing:
            problems.append(f"our credential lacks the permissions {', '.join(missing)}; ask the ERP's owners for them")
        skew = skew_of(text(ping.time, body), began_at + reply.duration / 2)
        terms, untold = terms_of(self._profile, self._transport, body, _PROBE_SECONDS)
        told = (*problems, *untold)
        return Health(reachable=True, product=product, clock_skew=skew, problems=told, terms=terms)

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        """Make the effect once; a document that the mapping cannot write is refused before a byte is sent."""
        ends_at = monotonic() + deadline  # mapping counts: a process frozen amid it may have lost its lease since
        effect = self._profile.effect(ref.kind)
        if effect is None:
            return without_operation(self._profile.product, ref)
        try:
            request = self._request(effect, document, ref)
        except MappingError as error:
            return error.result()
        reply = self._transport.call(request, ends_at - monotonic())
        result = result_of(self._profile, OPERATIONS[ref.kind], effect, reply, ref, request.body)
        if isinstance(document, StockMovement | StockCount) and effect.answer.lines:
            return every_line(result, document)
        return with_custom_fields(result, document, self._profile.order, self._rules)

    def tells_apart(self, before: Order, after: Order) -> bool:
        """Compare the two requests, but for what names the version."""
        effect = self._profile.effect(DocumentKind.ORDER_CHANGE)
        if effect is None:
            return True
        try:
            told = [self._request(effect, OrderDocument(order), _NO_VERSION) for order in (before, after)]
        except MappingError:
            return True
        return told[0] != told[1]

    def preview(self, document: Document, ref: Reference, deadline: float) -> Preview:
        """The one request that would be sent, or why there is none."""
        del deadline
        effect = self._profile.effect(ref.kind)
        if effect is None:
            return Preview(refusal=without_operation(self._profile.product, ref))
        try:
            request = self._request(effect, document, ref)
        except MappingError as error:
            return Preview(refusal=error.result())
        return Preview((self._transport.shown(request),))

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """One page, or the SKUs of one call; a row that cannot be read is an error, and never left out."""
        listing = self._profile.operations.stock_read
        if listing is None:
            return StockPage()
        ends_at = monotonic() + deadline
        try:
            return stock_page(listing, query, cursor, lambda path, asked: self._asking.get(path, asked, ends_at))
        except UnusableStockError as error:
            raise self._asking.unreadable(listing.path, str(error)) from error

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:
        """Look effects up, each kind in its own way."""
        return self._look_ups.find(refs, monotonic() + deadline)

    def poll(self, handle: str, deadline: float) -> Result:
        """Ask what became of an accepted document; a handle that the ERP does not know is UNKNOWN."""
        poll = self._profile.operations.poll
        if poll is None:
            return polled_to(Outcome.UNKNOWN, f"the profile of {self._profile.product} has no operation poll")
        path = poll.path.replace("{id}", quote(handle, safe=""))
        try:
            return polled(self._profile, poll, self._asking.answer(path, (), monotonic() + deadline))
        except NotFoundError as error:
            return polled_to(Outcome.UNKNOWN, f"the ERP does not know the handle: {error}")
        except Retryable as error:
            return not_polled(error)

    def read_back(self, erp_id: ErpId, deadline: float) -> Snapshot:
        """The order as the ERP holds it."""
        snapshot = self._look_ups.read(erp_id, monotonic() + deadline)
        if snapshot is None:
            raise Retryable(f"{self._profile.product} has no order {erp_id}", hint="look for it in the ERP")
        return snapshot

    def changes(self, kind: ChangeKind, cursor: str | None, deadline: float) -> Page:
        """What changed of a kind since the cursor, a page at a time; an entry that cannot be read holds no other up."""
        listing = self._profile.listing(kind)
        if listing is None:
            return Page()
        ends_at = monotonic() + deadline
        try:
            page = following(listing, cursor, lambda path, query: self._asking.get(path, query, ends_at))
        except UnusableListingError as error:
            raise self._asking.unreadable(listing.path, str(error)) from error
        if kind is ChangeKind.ORDERS:
            read = [self._order(entry) for entry in page.entries]
        else:
            inbound, reading = self._inbound[kind]
            codes = self._rules.general.code_maps
            read = [inbound_document(inbound, reading, entry, codes) for entry in page.entries]
        return Page(
            snapshots=tuple(one for one in read if isinstance(one, Snapshot)),
            next_cursor=page.cursor,
            more=page.more,
            documents=tuple(one for one in read if isinstance(one, InboundDocument)),
        )

    def _order(self, entry: object) -> Snapshot | InboundDocument:
        reading = self._profile.order
        try:
            return self._look_ups.snapshot(reading, entry)
        except ValueError as error:
            key, number = text(reading.id, entry), text(reading.number, entry)
            return unreadable(InboundKind.CANCELLATION, key, number, entry, str(error))

    def _request(self, effect: Effect, document: Document, ref: Reference) -> Request:
        rules = self._rules.rules_for(scope_of(document))
        match document:
            case OrderDocument(order):
                canonical = canonical_order(order, ref, rules.custom_fields, rules.fulfilment)
            case OrderCancellation(order):  # who cannot say how an order is served can cancel it all the same
                canonical = canonical_order(order, ref, rules.custom_fields)
            case StockMovement() | StockCount():
                canonical = canonical_stock(document, ref)
            case RefundDocument(refund):
                canonical = canonical_refund(refund, ref, rules.custom_fields)
            case CustomerDocument(customer):
                canonical = canonical_customer(customer, ref, rules.custom_fields)
            case EventDocument():
                raise MappingError("", "this ERP takes documents", hint="correct takes in the blueprint")
            case _:
                assert_never(document)
        if "{id}" in effect.path and not ref.target:
            raise MappingError("target", "the ERP's number of the order is not known", hint="retry the event")
        path = effect.path.replace("{id}", quote(ref.target or "", safe=""))
        filled = render(effect.body, {**canonical, CONSTANTS: rules.constants}, rules.code_maps)
        return Request(effect.method, path, body=filled)


def _inbound(profile: Profile) -> Iterator[tuple[ChangeKind, tuple[InboundKind, DocumentReading]]]:
    """What each kind of change is read as; the profile has made sure that what is listed can be read."""
    readings = (
        (ChangeKind.DELIVERIES, InboundKind.DELIVERY, profile.delivery),
        (ChangeKind.INVOICES, InboundKind.INVOICE, profile.invoice),
        (ChangeKind.CREDIT_MEMOS, InboundKind.CREDIT_MEMO, profile.credit_memo),
    )
    for change, inbound, reading in readings:
        if reading is not None:
            yield change, (inbound, reading)


def _places(profile: Profile) -> Places[Search, Read]:
    operations = profile.operations
    return Places(
        product=profile.product,
        strays=profile.promises.find_by_ref == "weak",
        cancelled=frozenset(profile.cancelled),
        order=profile.order,
        find=operations.find,
        read=operations.read,
        refund=profile.refund,
        refund_find=operations.refund_find,
        customer=profile.customer,
        customer_find=operations.customer_find,
        movement=profile.movement,
        stock_find=operations.stock_find,
        demand=profile.demand,
        stock_demand_find=operations.stock_demand_find,
    )


def _refusal(profile: Profile, reply: Answer, asked: str) -> str:
    _, messages = words_of(profile.errors, reply, reply.json())
    sentence = (
        f"{profile.product} answered {asked} with {reply.status}: {Result(Outcome.UNKNOWN, messages=messages).words()}"
    )
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return f"{sentence}; check the credential in the settings and its permissions at the ERP"
    return sentence
