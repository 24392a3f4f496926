"""The adapter for a SOAP ERP that is described by a WSDL and a profile."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

from erp_adapters.legacy.answers import decimal, elements, found, snapshot_of, text, told
from erp_adapters.legacy.following import UnusableListingError, following
from erp_adapters.legacy.inbound import inbound_document, unreadable
from erp_adapters.legacy.profile import Reading
from erp_adapters.mapping import MappingError, RuleBook, scope_of
from erp_adapters.mapping.template import CONSTANTS
from erp_adapters.soap.answers import BY_REFERENCE, polled, refusal, result_of
from erp_adapters.soap.door import Door, Reply
from erp_adapters.soap.faults import EFFECTS
from erp_adapters.soap.messages import arguments_of, canonical
from erp_adapters.soap.profile import Called, Effect, Profile, Search, StockRead
from sidecar.domain.delivery import (
    Capabilities,
    ChangeKind,
    DocumentKind,
    ErpId,
    ErpMessage,
    Found,
    LineResult,
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
    StockLevel,
    StockMovement,
    StockPage,
    StockQuery,
)
from sidecar.domain.errors import ErpThrottled, ErpUnavailable, Retryable
from sidecar.domain.inbound import InboundDocument, InboundKind
from sidecar.domain.order import Order
from sidecar.transport import NoAnswer

_OPERATIONS = {kind: name for name, kind in EFFECTS.items()}
_INBOUND = {
    ChangeKind.DELIVERIES: InboundKind.DELIVERY,
    ChangeKind.INVOICES: InboundKind.INVOICE,
    ChangeKind.CREDIT_MEMOS: InboundKind.CREDIT_MEMO,
}
_PROBE_SECONDS = 10.0
_NO_VERSION = Reference(DocumentKind.ORDER_CHANGE, "same", 0, "", "same", ErpId("same"))


class _AbsentError(Retryable):
    """The ERP has no such document or work."""


class SoapAdapter:
    """One ERP as its WSDL and its profile describe it; see ErpAdapter for the promises."""

    def __init__(self, profile: Profile, door: Door, rules: RuleBook) -> None:
        self._profile = profile
        self._door = door
        self._rules = rules.over(profile.code_maps)

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
        reply = self._asked(ping, {}, monotonic() + _PROBE_SECONDS)
        if isinstance(reply, NoAnswer):
            return Health(reachable=False, problems=(f"{product} does not answer: {reply.reason}",))
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
        skew = _skew(text(ping.time, reply.data), began_at + reply.duration / 2)
        return Health(reachable=True, product=name, clock_skew=skew, problems=tuple(problems))

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        """Make the effect once; a document that the contract does not allow is refused before a byte is sent."""
        ends_at = monotonic() + deadline
        effect = self._profile.effect(ref.kind)
        if effect is None:
            return self._without_operation(ref)
        try:
            arguments, headers = self._arguments(effect, document, ref)
            reply = self._door.ask(effect.operation, arguments, ends_at, headers)
        except MappingError as error:
            return error.result()
        result = result_of(self._profile, _OPERATIONS[ref.kind], effect, reply, ref)
        if isinstance(document, StockMovement) and effect.answer.lines and result.outcome is Outcome.CONFIRMED:
            return _every_line(result, document)
        return result

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
            return Preview(refusal=self._without_operation(ref))
        try:
            arguments, headers = self._arguments(effect, document, ref)
            return Preview((self._door.shown(effect.operation, arguments, headers),))
        except MappingError as error:
            return Preview(refusal=error.result())

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:
        """Look effects up: new documents by our reference, changes and cancellations by reading their target."""
        ends_at = monotonic() + deadline
        operations = self._profile.operations
        of = {kind: [ref for ref in refs if ref.kind is kind] for kind in DocumentKind}
        orders = self._find_orders(of[DocumentKind.ORDER], ends_at)
        movements = self._search(
            operations.stock_find, self._profile.movement, of[DocumentKind.STOCK_MOVEMENT], ends_at
        )
        changed = (*of[DocumentKind.ORDER_CHANGE], *of[DocumentKind.ORDER_CANCEL])
        targets = {ref.idempotency_key: self._find_revision(ref, ends_at) for ref in changed}
        return {**orders, **movements, **targets}

    def poll(self, handle: str, deadline: float) -> Result:
        """Ask what became of an accepted document; a handle that the ERP does not know is UNKNOWN."""
        ends_at = monotonic() + deadline
        if handle.startswith(BY_REFERENCE):
            return self._poll_by_reference(handle.removeprefix(BY_REFERENCE), ends_at)
        poll = self._profile.operations.poll
        if poll is None:
            return _asked(Outcome.UNKNOWN, f"the profile of {self._profile.product} has no operation poll")
        try:
            return polled(self._profile, poll, self._answer(poll, {"handle": handle}, ends_at))
        except _AbsentError as error:
            return _asked(Outcome.UNKNOWN, f"the ERP does not know the handle: {error}")
        except Retryable as error:
            return _not_asked(error)

    def read_back(self, erp_id: ErpId, deadline: float) -> Snapshot:
        """The order as the ERP holds it."""
        snapshot = self._read(erp_id, monotonic() + deadline)
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
            page = following(listing.paged(), cursor, lambda _, query: self._answer(listing, dict(query), ends_at).data)
        except UnusableListingError as error:
            raise self._unexpected(listing, str(error)) from error
        read = [self._entry(kind, entry) for entry in page.entries]
        return Page(
            snapshots=tuple(one for one in read if isinstance(one, Snapshot)),
            next_cursor=page.cursor,
            more=page.more,
            documents=tuple(one for one in read if isinstance(one, InboundDocument)),
        )

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """Read stock page by page; rows of one SKU and warehouse on a page are summed up."""
        read = self._profile.operations.stock_read
        if read is None:
            return StockPage()
        scope = {"skus": list(query.skus), "warehouses": list(query.warehouses), "cursor": cursor}
        data = self._answer(read, scope, monotonic() + deadline).data
        levels = found(read.levels, data)
        if not isinstance(levels, list):
            raise self._unexpected(read, f"{read.levels.text} is not a list")
        try:
            summed = _summed(_level(read, level) for level in levels)
        except ValueError as error:
            raise self._unexpected(read, str(error)) from error
        return StockPage(summed, text(read.next, data) or None, _instant(text(read.as_of, data)))

    def _entry(self, kind: ChangeKind, entry: object) -> Snapshot | InboundDocument:
        profile = self._profile
        if kind is ChangeKind.ORDERS:
            try:
                return self._snapshot(profile.order, entry)
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

    def _without_operation(self, ref: Reference) -> Result:
        name = _OPERATIONS.get(ref.kind, ref.kind)
        sentence = f"the profile of {self._profile.product} has no operation {name}"
        return MappingError("", sentence, hint="add the operation to the profile, then retry the event").result()

    def _arguments(self, effect: Effect, document: Document, ref: Reference) -> tuple[Mapping[str, object], object]:
        rules = self._rules.rules_for(scope_of(document))
        return arguments_of(effect, canonical(document, ref, rules), rules.code_maps)

    def _search(
        self, search: Search | None, reading: Reading | None, refs: Sequence[Reference], ends_at: float
    ) -> dict[str, Found]:
        if search is None or reading is None:
            return {ref.idempotency_key: Found(Presence.UNSEARCHABLE) for ref in refs}
        result = {}
        for part in _parts(refs, search.batch):
            data = self._answer(search, {"references": [ref.external_ref for ref in part]}, ends_at).data
            documents = found(search.documents, data)
            if not isinstance(documents, list):
                raise self._unexpected(search, f"{search.documents.text} is not a list")
            snapshots = list(self._snapshots(reading, documents))
            asked = {ref.external_ref for ref in part}
            stray = next((snapshot for snapshot in snapshots if snapshot.external_ref not in asked), None)
            if stray is not None and self._profile.promises.find_by_ref != "weak":
                # A search that does not filter would also hide what it was asked for: absence would be a lie.
                raise self._unexpected(search, f"document {stray.erp_number} was not asked for")
            for ref in part:
                result[ref.idempotency_key] = _presence(s for s in snapshots if s.external_ref == ref.external_ref)
        return result

    def _find_orders(self, refs: Sequence[Reference], ends_at: float) -> dict[str, Found]:
        """Orders by our reference; one that somebody has named is read under its own key, where that can be done."""
        operations, order = self._profile.operations, self._profile.order
        named = [ref for ref in refs if ref.target is not None]
        if operations.read is not None:
            unnamed = [ref for ref in refs if ref.target is None]
            read = {ref.idempotency_key: self._read_named(ref, ends_at) for ref in named}
            return {**self._search(operations.find, order, unnamed, ends_at), **read}
        searched = self._search(operations.find, order, refs, ends_at)
        missed = [ref.idempotency_key for ref in named if searched[ref.idempotency_key].presence is Presence.ABSENT]
        return {**searched, **dict.fromkeys(missed, Found(Presence.UNSEARCHABLE))}

    def _read_named(self, ref: Reference, ends_at: float) -> Found:
        snapshot = self._read(ref.target or ErpId(""), ends_at)
        return Found(Presence.ABSENT) if snapshot is None else Found(Presence.ONE, (snapshot,))

    def _find_revision(self, ref: Reference, ends_at: float) -> Found:
        if ref.target is None or self._profile.operations.read is None or self._profile.order.revision is None:
            return Found(Presence.UNSEARCHABLE)
        snapshot = self._read(ref.target, ends_at)
        if snapshot is None:
            return Found(Presence.ABSENT)
        done = snapshot.revision is not None and snapshot.revision >= ref.revision
        cancelled = ref.kind is DocumentKind.ORDER_CANCEL and snapshot.cancelled
        return Found(Presence.ONE, (snapshot,)) if done or cancelled else Found(Presence.ABSENT)

    def _read(self, erp_id: ErpId, ends_at: float) -> Snapshot | None:
        read = self._profile.operations.read
        if read is None:
            raise Retryable(f"the profile of {self._profile.product} has no operation read")
        try:
            data = self._answer(read, {"id": erp_id}, ends_at).data
        except _AbsentError:
            return None
        return next(self._snapshots(self._profile.order, [found(read.document, data)]))

    def _poll_by_reference(self, reference: str, ends_at: float) -> Result:
        ref = Reference(DocumentKind.ORDER, reference, 0, "", "")
        try:
            answer = self._search(self._profile.operations.find, self._profile.order, [ref], ends_at)
        except Retryable as error:
            return _not_asked(error)
        match answer[ref.idempotency_key]:
            case Found(Presence.ONE, (snapshot,)):
                return Result(Outcome.CONFIRMED, snapshot.erp_id, snapshot.erp_number, snapshot.status)
            case Found(Presence.ABSENT):
                return Result(Outcome.ACCEPTED_PENDING)
            case _:
                return _asked(Outcome.UNKNOWN, f"the ERP has several documents under {reference}, or cannot say")

    def _snapshots(self, reading: Reading, documents: Iterable[object]) -> Iterator[Snapshot]:
        try:
            for document in documents:
                yield self._snapshot(reading, document)
        except ValueError as error:
            raise Retryable(f"{self._profile.product} answered what the profile does not expect: {error}") from error

    def _snapshot(self, reading: Reading, document: object) -> Snapshot:
        snapshot = snapshot_of(reading, document)
        return replace(snapshot, cancelled=snapshot.status in self._profile.cancelled)

    def _asked(self, called: Called, scope: Mapping[str, object], ends_at: float) -> Reply | NoAnswer:
        rules = self._rules.general
        arguments, headers = arguments_of(called, {**scope, CONSTANTS: rules.constants}, rules.code_maps)
        return self._door.ask(called.operation, arguments, ends_at, headers)

    def _answer(self, called: Called, scope: Mapping[str, object], ends_at: float) -> Reply:
        """A reply with data; raise Retryable for anything else, and _AbsentError where the ERP has no such thing."""
        product = self._profile.product
        try:
            reply = self._asked(called, scope, ends_at)
        except MappingError as error:
            raise Retryable(f"{called.operation} of {product} cannot be asked so: {error}", hint=error.hint) from error
        if isinstance(reply, NoAnswer):
            raise ErpUnavailable(f"{product} did not answer {called.operation}: {reply.reason}")
        if reply.fault is None and not reply.problem:
            return reply
        result = refusal(self._profile, reply)
        code = reply.fault.code if reply.fault is not None else ""
        sentence = f"{product} answered {called.operation} with {reply.status} {code}".strip()  # no words: it is logged
        match result.outcome:
            case Outcome.REJECTED_BUSINESS if reply.fault is not None:
                raise _AbsentError(sentence, hint="look for it in the ERP")
            case Outcome.RETRY_LATER:
                raise ErpThrottled(sentence, retry_after=reply.wait)
            case Outcome.UNKNOWN:
                raise ErpUnavailable(sentence, retry_after=reply.wait)
            case _:
                raise Retryable(sentence, hint=result.hint or "run `erp-sidecar doctor`", retry_after=reply.wait)

    def _unexpected(self, called: Called, what: str) -> Retryable:
        sentence = f"{self._profile.product} answered {called.operation} with what the profile does not expect: {what}"
        return Retryable(sentence, hint="compare the profile with the ERP's WSDL")


def _presence(snapshots: Iterable[Snapshot]) -> Found:
    match tuple(snapshots):
        case ():
            return Found(Presence.ABSENT)
        case (only,):
            return Found(Presence.ONE, (only,))
        case many:
            return Found(Presence.MANY, many)


def _every_line(result: Result, movement: StockMovement) -> Result:
    """One word on each of our lines; a line that the ERP did not mention is not booked."""
    said = {line.sku: line for line in result.lines}
    lines = tuple(
        said.get(line.sku, LineResult(line.sku, accepted=False, message="the ERP's answer leaves this line out"))
        for line in movement.lines
    )
    return replace(result, lines=lines)


def _level(read: StockRead, level: object) -> StockLevel:
    at = f"{text(read.sku, level)}: "
    return StockLevel(
        sku=text(read.sku, level),
        warehouse=text(read.warehouse, level),
        on_hand=decimal(read.on_hand, level, at),
        reserved=told(read.reserved, level, at),
        available=told(read.available, level, at),
        unit=text(read.unit, level),
    )


def _summed(levels: Iterable[StockLevel]) -> tuple[StockLevel, ...]:
    summed: dict[tuple[str, str, str], StockLevel] = {}
    for level in levels:
        key = (level.sku, level.warehouse, level.unit)
        before = summed.get(key)
        summed[key] = level if before is None else _added(before, level)
    return tuple(summed.values())


def _added(one: StockLevel, other: StockLevel) -> StockLevel:
    reserved = None if one.reserved is None or other.reserved is None else one.reserved + other.reserved
    available = None if one.available is None or other.available is None else one.available + other.available
    return replace(one, on_hand=one.on_hand + other.on_hand, reserved=reserved, available=available)


def _asked(outcome: Outcome, sentence: str) -> Result:
    return Result(outcome, messages=(ErpMessage("error", "POLL", sentence),))


def _not_asked(error: Retryable) -> Result:
    is_asked_to_wait = isinstance(error, ErpThrottled) or error.retry_after is not None
    outcome = Outcome.RETRY_LATER if is_asked_to_wait else Outcome.NOT_SENT
    return replace(_asked(outcome, str(error)), retry_after=error.retry_after, hint=error.hint)


def _instant(words: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(words)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _skew(theirs: str, ours: datetime) -> timedelta | None:
    instant = _instant(theirs)
    return None if instant is None else instant - ours


def _parts(refs: Sequence[Reference], size: int) -> Iterator[Sequence[Reference]]:
    return (refs[start : start + size] for start in range(0, len(refs), size))
