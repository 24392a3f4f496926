"""The adapter for a SOAP ERP that is described by a WSDL and a profile."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic

from erp_adapters.mapping import MappingError, RuleBook, scope_of
from erp_adapters.profiled.documents import elements, text
from erp_adapters.profiled.following import UnusableListingError, following
from erp_adapters.profiled.inbound import inbound_document, unreadable
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
from erp_adapters.soap.answers import BY_REFERENCE, polled, refusal, result_of
from erp_adapters.soap.asking import AbsentError, Asking
from erp_adapters.soap.door import Door
from erp_adapters.soap.messages import arguments_of, canonical
from erp_adapters.soap.profile import Effect, Profile, Read, Search
from sidecar.domain.delivery import (
    Capabilities,
    ChangeKind,
    DocumentKind,
    ErpId,
    Found,
    Outcome,
    Presence,
    Reference,
    Result,
    Snapshot,
)
from sidecar.domain.documents import (
    Document,
    Health,
    OrderDocument,
    Page,
    Preview,
    StockCount,
    StockMovement,
    StockPage,
    StockQuery,
)
from sidecar.domain.errors import Retryable
from sidecar.domain.inbound import InboundDocument, InboundKind
from sidecar.domain.order import Order
from sidecar.transport import NoAnswer

_INBOUND = {
    ChangeKind.DELIVERIES: InboundKind.DELIVERY,
    ChangeKind.INVOICES: InboundKind.INVOICE,
    ChangeKind.CREDIT_MEMOS: InboundKind.CREDIT_MEMO,
}
_PROBE_SECONDS = 10.0
_NO_VERSION = Reference(DocumentKind.ORDER_CHANGE, "same", 0, "", "same", ErpId("same"))


class SoapAdapter:
    """One ERP as its WSDL and its profile describe it; see ErpAdapter for the promises."""

    def __init__(self, profile: Profile, door: Door, rules: RuleBook) -> None:
        self._profile = profile
        self._door = door
        self._rules = rules.over(profile.code_maps)
        self._asking = Asking(profile, door, self._rules.general)
        self._look_ups = LookUps(_places(profile), self._asking)

    def __repr__(self) -> str:
        return f"SoapAdapter({self._profile.product!r}, {self._door.transport!r})"

    def close(self) -> None:
        """Close every connection."""
        self._door.close()

    def capabilities(self) -> Capabilities:
        """What the profile promises."""
        return self._profile.capabilities()

    def probe(self) -> Health:
        """Ask the ERP who it is and whether we may; changes nothing there."""
        ping, product = self._profile.operations.ping, self._profile.product
        began_at = datetime.now(UTC)
        reply = self._asking.reply(ping, {}, monotonic() + _PROBE_SECONDS)
        if isinstance(reply, NoAnswer):
            return Health(reachable=False, problems=(f"{product} does not answer: {reply.words}",))
        if reply.fault is not None or reply.problem:
            result = refusal(self._profile, reply)
            hint = f"; {result.hint}" if result.hint else ""
            sentence = f"{product} answered {ping.operation} with {reply.status}: {result.words()}{hint}"
            return Health(reachable=True, problems=(sentence,))
        problems = []
        name = text(ping.product, reply.data)
        if not name:
            problems.append(f"{ping.operation} was answered by something that is not {product}")
        granted = elements(ping.permissions, reply.data)
        missing = [] if ping.permissions is None else [one for one in ping.needs if one not in granted]
        if missing:
            problems.append(f"our credential lacks the permissions {', '.join(missing)}; ask the ERP's owners for them")
        skew = skew_of(text(ping.time, reply.data), began_at + reply.duration / 2)
        terms, untold = self._terms(reply.data)
        return Health(reachable=True, product=name, clock_skew=skew, problems=(*problems, *untold), terms=terms)

    def _terms(self, pinged: object) -> tuple[Mapping[str, str], Sequence[str]]:
        """What our calls rest on, as far as the ERP tells it; none where part of it could not be read."""
        ping = self._profile.operations.ping
        declared = text(ping.contract, pinged)
        terms = {"declared version": declared} if declared else {}
        if ping.served is None:
            return terms, ()
        served = self._door.served(ping.served, monotonic() + _PROBE_SECONDS)
        if served is None:
            return {}, (f"GET ?{ping.served} does not give the WSDL that {self._profile.product} serves",)
        return {**terms, "the served WSDL": served}, ()

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        """Make the effect once; a document that the contract does not allow is refused before a byte is sent."""
        ends_at = monotonic() + deadline
        effect = self._profile.effect(ref.kind)
        if effect is None:
            return without_operation(self._profile.product, ref)
        try:
            arguments, headers = self._arguments(effect, document, ref)
            reply = self._door.ask(effect.operation, arguments, ends_at, headers)
        except MappingError as error:
            return error.result()
        result = result_of(self._profile, OPERATIONS[ref.kind], effect, reply, ref)
        if isinstance(document, StockMovement | StockCount) and effect.answer.lines:
            return every_line(result, document)
        return with_custom_fields(result, document, self._profile.order, self._rules)

    def tells_apart(self, before: Order, after: Order) -> bool:
        """Compare the two requests, but for what names the version."""
        effect = self._profile.effect(DocumentKind.ORDER_CHANGE)
        if effect is None:
            return True
        try:
            told = [self._arguments(effect, OrderDocument(order), _NO_VERSION) for order in (before, after)]
        except MappingError:
            return True
        return told[0] != told[1]

    def preview(self, document: Document, ref: Reference, deadline: float) -> Preview:
        """The one envelope that would be sent, or why there is none; offline."""
        del deadline
        effect = self._profile.effect(ref.kind)
        if effect is None:
            return Preview(refusal=without_operation(self._profile.product, ref))
        try:
            arguments, headers = self._arguments(effect, document, ref)
            return Preview((self._door.shown(effect.operation, arguments, headers),))
        except MappingError as error:
            return Preview(refusal=error.result())

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:
        """Look effects up, each kind in its own way."""
        return self._look_ups.find(refs, monotonic() + deadline)

    def poll(self, handle: str, deadline: float) -> Result:
        """Ask what became of an accepted document; a handle that the ERP does not know is UNKNOWN."""
        ends_at = monotonic() + deadline
        if handle.startswith(BY_REFERENCE):
            return self._poll_by_reference(handle.removeprefix(BY_REFERENCE), ends_at)
        poll = self._profile.operations.poll
        if poll is None:
            return polled_to(Outcome.UNKNOWN, f"the profile of {self._profile.product} has no operation poll")
        try:
            return polled(self._profile, poll, self._asking.answer(poll, {"handle": handle}, ends_at))
        except AbsentError as error:
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
            page = following(
                listing.paged(), cursor, lambda _, query: self._asking.answer(listing, dict(query), ends_at).data
            )
        except UnusableListingError as error:
            raise self._asking.unexpected(listing, str(error)) from error
        read = [self._entry(kind, entry) for entry in page.entries]
        return Page(
            snapshots=tuple(one for one in read if isinstance(one, Snapshot)),
            next_cursor=page.cursor,
            more=page.more,
            documents=tuple(one for one in read if isinstance(one, InboundDocument)),
        )

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """One page, or the SKUs of one call; a row that cannot be read is an error, and never left out."""
        read = self._profile.operations.stock_read
        if read is None:
            return StockPage()
        ends_at = monotonic() + deadline
        try:
            return stock_page(
                read.paged(), query, cursor, lambda _, asked: self._asking.answer(read, read.scope(asked), ends_at).data
            )
        except UnusableStockError as error:
            raise self._asking.unexpected(read, str(error)) from error

    def _entry(self, kind: ChangeKind, entry: object) -> Snapshot | InboundDocument:
        profile = self._profile
        if kind is ChangeKind.ORDERS:
            try:
                return self._look_ups.snapshot(profile.order, entry)
            except ValueError as error:
                key, number = text(profile.order.id, entry), text(profile.order.number, entry)
                return unreadable(InboundKind.CANCELLATION, key, number, entry, str(error))
        readings = {
            ChangeKind.DELIVERIES: profile.delivery,
            ChangeKind.INVOICES: profile.invoice,
            ChangeKind.CREDIT_MEMOS: profile.credit_memo,
        }
        reading = readings[kind]
        if reading is None:
            raise Retryable(f"the profile of {profile.product} does not say how {kind} are read")
        return inbound_document(_INBOUND[kind], reading, entry, self._rules.general.code_maps)

    def _arguments(self, effect: Effect, document: Document, ref: Reference) -> tuple[Mapping[str, object], object]:
        rules = self._rules.rules_for(scope_of(document))
        return arguments_of(effect, canonical(document, ref, rules), rules.code_maps)

    def _poll_by_reference(self, reference: str, ends_at: float) -> Result:
        ref = Reference(DocumentKind.ORDER, reference, 0, "", "")
        try:
            answer = self._look_ups.search(self._profile.operations.find, self._profile.order, [ref], ends_at)
        except Retryable as error:
            return not_polled(error)
        match answer[ref.idempotency_key]:
            case Found(Presence.ONE, (snapshot,)):
                return Result(Outcome.CONFIRMED, snapshot.erp_id, snapshot.erp_number, snapshot.status)
            case Found(Presence.ABSENT):
                return Result(Outcome.ACCEPTED_PENDING)
            case _:
                return polled_to(Outcome.UNKNOWN, f"the ERP has several documents under {reference}, or cannot say")


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
