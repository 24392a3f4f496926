"""The adapter for Odoo.

An order is created by `load()` in the mode of a module's update, with external identifiers that may not be updated:
what is there is left as it is, what is not is made, order and lines in one transaction, under a unique index. So the
same order sent twice, or by two at once, is one order, and nothing that people have changed is written over.

A quotation is no order yet. Where orders are to be confirmed, one whose confirmation was lost counts as absent, and
sending it again confirms it. Each later effect looks first, and writes its revision last, in one call with its content.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Final

from erp_adapters.mapping import MappingError, RuleBook, scope_of
from erp_adapters.odoo.answers import held, loaded, not_made, refusal_of, refused, unmapped
from erp_adapters.odoo.books import Books
from erp_adapters.odoo.contacts import COLUMNS, Contacts, contacts_of
from erp_adapters.odoo.door import Door
from erp_adapters.odoo.following import Follower
from erp_adapters.odoo.mapping import OrderDraft, draft_of
from erp_adapters.odoo.names import order_name
from erp_adapters.odoo.probing import probe
from erp_adapters.odoo.reading import CANCELLED, OPEN, STATUSES, OrderRecord
from erp_adapters.odoo.terms import CODE_MAPS, OdooTerms
from erp_adapters.odoo.walking import Walk
from sidecar.domain.delivery import (
    Capabilities,
    ChangeKind,
    DocumentKind,
    ErpId,
    Found,
    MissingEntry,
    Outcome,
    Presence,
    Reference,
    Result,
    Snapshot,
    Vocabulary,
)
from sidecar.domain.documents import (
    Document,
    Health,
    OrderCancellation,
    OrderDocument,
    Page,
    Preview,
    StockPage,
    StockQuery,
)
from sidecar.domain.errors import Retryable
from sidecar.domain.order import Order

_CREATE_ONLY: Final = {"mode": "update", "noupdate": True}
_PROBE_SECONDS: Final = 10.0
_ATTEMPTS: Final = 3
_MISSING_PRODUCT: Final = "give one product, and only one, this internal reference in Odoo, then retry the event"
_BY_HAND: Final = "settle it with those who work in Odoo, then retry the event, or skip it"
_QUOTATION: Final = (
    "the order stands in Odoo as a quotation; settle what Odoo says, then retry the event: it confirms that one"
)


@dataclass(frozen=True, slots=True)
class OdooAdapter:
    """One company of one Odoo; see ErpAdapter for the promises."""

    door: Door
    terms: OdooTerms
    instance: str
    rules: RuleBook = field(default_factory=RuleBook)
    concurrency: int = 4
    walk: Walk = field(default_factory=Walk)
    _follower: Follower = field(init=False, repr=False)
    _books: Books = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_books", Books(self.door))
        object.__setattr__(self, "_follower", Follower(self._books, self.rules.general.code_maps, self.walk))

    def close(self) -> None:
        """Close every connection."""
        self.door.close()

    def capabilities(self) -> Capabilities:
        """What was shown on Odoo 19. Stock is not written: whose stock is Odoo's is read from there."""
        return Capabilities(
            native_dedupe="unique_ref",
            find_by_ref="exact",
            find_visibility_lag=timedelta(seconds=1),
            longest_processing=timedelta(minutes=3),  # limit_time_real is two; and what is sent again is one order
            accepts=frozenset({DocumentKind.ORDER, DocumentKind.ORDER_CHANGE, DocumentKind.ORDER_CANCEL}),
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
        """Make the effect once; what Odoo cannot be told is refused before a byte is sent."""
        ends_at = monotonic() + deadline
        try:
            match document, ref.kind:
                case OrderDocument(order), DocumentKind.ORDER:
                    return self._create(order, ref, ends_at)
                case OrderDocument(order), _:
                    return self._change(order, ref, ends_at)
                case OrderCancellation(), _:
                    return self._cancel(ref, ends_at)
                case _:
                    return refused("NOT_TAKEN", "this adapter takes orders", "correct takes in the blueprint")
        except MappingError as error:
            return unmapped(error)
        except Retryable as error:
            return not_made(error)

    def preview(self, document: Document, ref: Reference, deadline: float) -> Preview:
        """Tell what would be loaded."""
        del document, ref, deadline
        return Preview()

    def tells_apart(self, before: Order, after: Order) -> bool:  # noqa: ARG002 -- the port's
        """The order's stamp there says it: what was promised stays, and the revision goes on."""
        return True

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """Read quants."""
        del query, cursor, deadline
        return StockPage()

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:
        """Look effects up: orders by our reference, changes and cancellations by their target."""
        ends_at = monotonic() + deadline
        named = [ref for ref in refs if ref.kind is not DocumentKind.ORDER or ref.target is not None]
        searched = [ref for ref in refs if ref not in named]
        keys = {key for ref in named if (key := _key(ref.target)) is not None}
        by_key = self._books.by_key(keys, ends_at) if keys else {}
        references = list(dict.fromkeys(ref.external_ref for ref in searched))
        by_reference = self._books.by_reference(references, ends_at) if references else {}
        answers = {ref.idempotency_key: self._presence(ref, by_key.get(_key(ref.target) or 0)) for ref in named}
        return answers | {
            ref.idempotency_key: self._presence(ref, by_reference.get(ref.external_ref)) for ref in searched
        }

    def poll(self, handle: str, deadline: float) -> Result:  # noqa: ARG002 -- the port's
        """Odoo accepts nothing to do it later: no handle is known."""
        return Result(Outcome.UNKNOWN)

    def read_back(self, erp_id: ErpId, deadline: float) -> Snapshot:
        """The order as Odoo holds it."""
        order = self._order(erp_id, monotonic() + deadline)
        if order is None:
            raise Retryable(f"Odoo has no order {erp_id} of ours", hint="look for it in Odoo")
        return order.snapshot()

    def changes(self, kind: ChangeKind, cursor: str | None, deadline: float) -> Page:
        """What changed of a kind since the cursor, a page at a time; a record that cannot be read holds no other up."""
        return self._follower.page(kind, cursor, monotonic() + deadline)

    # --- Effects -----------------------------------------------------------------------------------

    def _create(self, order: Order, ref: Reference, ends_at: float) -> Result:
        draft, contacts = self._draft(order, ref)
        found = self._books.by_reference([ref.external_ref], ends_at).get(ref.external_ref)
        if found is not None:
            return self._go_on_with(found, draft, contacts, ref, ends_at)
        products = self._products(draft, ends_at)
        failure = self._load_contacts(contacts, ends_at)
        if failure is not None:
            return failure
        names, rows = draft.rows(products, draft.birth)
        keys = self._load("sale.order", names, rows, ends_at, create_only=True)
        if isinstance(keys, Result):
            return keys
        return self._finished(keys[0], ends_at)

    def _go_on_with(
        self, found: OrderRecord, draft: OrderDraft, contacts: Contacts, ref: Reference, ends_at: float
    ) -> Result:
        """An order that is there already: as it is, or as a quotation whose confirmation was lost."""
        if found.state not in OPEN or not self.terms.confirm:
            return held(Outcome.ALREADY_EXISTS, found)
        if found.snapshot().event_id != ref.event_id:
            failure = self._write(found, draft, contacts, ends_at)
            if failure is not None:
                return failure
        return self._finished(found.order_id, ends_at)

    def _finished(self, key: int, ends_at: float) -> Result:
        """Confirm where that is wanted, and name the order; after the first effect, not to know is UNKNOWN."""
        order = self._look_again(key, ends_at)
        if isinstance(order, Result) or not self.terms.confirm or order.state not in OPEN:
            return order if isinstance(order, Result) else held(Outcome.CONFIRMED, order)
        refusal = refusal_of(self.door.call("sale.order", "action_confirm", {"ids": [key]}, ends_at), "confirm")
        if refusal is None:
            order = self._look_again(key, ends_at)
            return order if isinstance(order, Result) else held(Outcome.CONFIRMED, order)
        if refusal.outcome in (Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID):
            return refused(refusal.messages[0].code, refusal.messages[0].text, _QUOTATION, order)
        return refusal

    def _change(self, order: Order, ref: Reference, ends_at: float) -> Result:
        draft, contacts = self._draft(order, ref)
        found = self._target(ref, ends_at)
        if isinstance(found, Result):
            return found
        if (found.snapshot().revision or 0) >= ref.revision:
            return held(Outcome.ALREADY_EXISTS, found)
        if found.state in OPEN:
            failure = self._write(found, draft, contacts, ends_at)
        elif found.state != CANCELLED and found.promise == draft.promise:
            failure = self._write_around(draft, ends_at)
        else:
            sentence = f"order {found.number} is {found.state} in Odoo: a change would not reach what is on its way"
            return refused("ORDER_NOT_OPEN", sentence, _BY_HAND, found)
        if failure is not None:
            return failure
        changed = self._look_again(found.order_id, ends_at)
        return changed if isinstance(changed, Result) else held(Outcome.CONFIRMED, changed)

    def _write(self, found: OrderRecord, draft: OrderDraft, contacts: Contacts, ends_at: float) -> Result | None:
        """Let the quotation hold what the draft says; None when it does.

        In three calls, of which the last has the revision: the contacts, with the pricelist, as Odoo would put the
        contact's own over ours, and its currency with it; what is no longer wanted; then all the rest.
        """
        products = self._products(draft, ends_at)
        failure = self._load_contacts(contacts, ends_at)
        if failure is not None:
            return failure
        head = {"id": order_name(draft.reference), **draft.birth}
        alone = self._load("sale.order", list(head), [list(head.values())], ends_at)
        if isinstance(alone, Result):
            return alone
        kept = {line.line_ref for line in draft.lines}
        gone = [line.line_id for line in found.lines if line.line_ref not in kept]
        if gone:
            refusal = refusal_of(self.door.call("sale.order.line", "unlink", {"ids": gone}, ends_at), "change")
            if refusal is not None:
                return refusal
        keys = self._load("sale.order", *draft.rows(products), ends_at)
        return keys if isinstance(keys, Result) else None

    def _write_around(self, draft: OrderDraft, ends_at: float) -> Result | None:
        """Note the revision, and what else stands beside the lines; None when it is done."""
        head = {"id": order_name(draft.reference), **draft.columns}
        keys = self._load("sale.order", list(head), [list(head.values())], ends_at)
        return keys if isinstance(keys, Result) else None

    def _cancel(self, ref: Reference, ends_at: float) -> Result:
        found = self._target(ref, ends_at)
        if isinstance(found, Result):
            return found
        if found.state == CANCELLED:
            return held(Outcome.ALREADY_EXISTS, found)
        begun = [line for line in found.lines if line.is_goods and (line.delivered or line.invoiced)]
        if begun:  # Odoo would cancel it all the same, and leave delivery and invoice as they are
            sentence = f"{', '.join(line.sku for line in begun)} of order {found.number} is delivered or invoiced"
            return refused("ALREADY_BEGUN", sentence, _BY_HAND, found)
        # Up to Odoo 18 a confirmed order answers with a question instead, unless it is told not to.
        context = {"disable_cancel_warning": True}
        reply = self.door.call("sale.order", "action_cancel", {"ids": [found.order_id]}, ends_at, context)
        refusal = refusal_of(reply, "cancel")
        if refusal is not None:
            return refusal
        order = self._look_again(found.order_id, ends_at)
        if isinstance(order, Result):
            return order
        if order.state != CANCELLED:
            return refused(
                "NOT_CANCELLED", f"order {order.number} is {order.state} after it was cancelled", _BY_HAND, order
            )
        return held(Outcome.CONFIRMED, order)

    def _draft(self, order: Order, ref: Reference) -> tuple[OrderDraft, Contacts]:
        contacts = contacts_of(order, ref.external_ref, self.instance)
        columns = contacts.order_columns
        rules = self.rules.rules_for(scope_of(OrderDocument(order)))
        return draft_of(order, ref, columns, self.terms, rules.code_maps, rules.custom_fields), contacts

    # --- Steps -------------------------------------------------------------------------------------

    def _products(self, draft: OrderDraft, ends_at: float) -> dict[str, int]:
        """The key of each product; raise MappingError where Odoo has none, or several, of an internal reference."""
        domain = [["default_code", "in", draft.products]]
        found: dict[str, list[int]] = {}
        for record in self._books.search("product.product", domain, ("default_code",), ends_at):
            found.setdefault(str(record["default_code"]), []).append(record["id"])
        for product in draft.products:
            keys = found.get(product, [])
            if len(keys) != 1:
                sentence = f"Odoo has {len(keys) or 'no'} products of internal reference {product!r}"
                missing = None if keys else MissingEntry("skus", product)
                raise MappingError("lines", sentence, hint=_MISSING_PRODUCT, missing=missing)
        return {product: keys[0] for product, keys in found.items()}

    def _load_contacts(self, contacts: Contacts, ends_at: float) -> Result | None:
        """Make the contacts that are not there. Nothing of the order has been sent yet: not to know is NOT_SENT."""
        rows = contacts.table(self._states(contacts, ends_at))
        for _ in range(_ATTEMPTS):  # two orders of one customer at once: the other one has made the contact
            keys = self._load("res.partner", list(COLUMNS), rows, ends_at, create_only=True)
            if not isinstance(keys, Result) or keys.outcome is not Outcome.RETRY_LATER or keys.retry_after is not None:
                break
        if isinstance(keys, Result) and keys.outcome is Outcome.UNKNOWN:
            return Result(Outcome.NOT_SENT, messages=keys.messages, hint=keys.hint, evidence=keys.evidence)
        return keys if isinstance(keys, Result) else None

    def _states(self, contacts: Contacts, ends_at: float) -> dict[tuple[str, str], int]:
        states = {}
        for country, region in sorted(contacts.regions):
            domain = [["country_id.code", "=", country], "|", ["name", "=ilike", region], ["code", "=ilike", region]]
            found = self._books.search("res.country.state", domain, ("name",), ends_at)
            if len(found) == 1:
                states[country, region] = found[0]["id"]
        return states

    def _load(
        self, model: str, names: list[str], rows: list[list[str]], ends_at: float, *, create_only: bool = False
    ) -> list[int] | Result:
        context = _CREATE_ONLY if create_only else {}
        reply = self.door.call(model, "load", {"fields": names, "data": rows}, ends_at, context)
        return loaded(reply, "create" if create_only else "change")

    def _target(self, ref: Reference, ends_at: float) -> OrderRecord | Result:
        found = None if ref.target is None else self._order(ref.target, ends_at)
        if found is None:
            return refused("NO_SUCH_ORDER", f"Odoo has no order {ref.target} of ours", _BY_HAND)
        return found

    def _order(self, erp_id: ErpId, ends_at: float) -> OrderRecord | None:
        key = _key(erp_id)
        return None if key is None else self._books.by_key([key], ends_at).get(key)

    def _look_again(self, key: int, ends_at: float) -> OrderRecord | Result:
        """The order after an effect on it; where it cannot be read, what became of the effect is UNKNOWN."""
        try:
            found = self._books.header(key, ends_at)
        except Retryable as error:
            return _unknown(not_made(error))
        return _unknown(Result(Outcome.UNKNOWN)) if found is None else found

    def _presence(self, ref: Reference, found: OrderRecord | None) -> Found:
        if found is None:
            return Found(Presence.ABSENT)
        snapshot = found.snapshot()
        match ref.kind:
            case DocumentKind.ORDER:
                there = ref.target is not None or found.state not in OPEN or not self.terms.confirm
            case DocumentKind.ORDER_CANCEL:
                there = snapshot.cancelled
            case _:
                there = (snapshot.revision or 0) >= ref.revision
        return Found(Presence.ONE, (snapshot,)) if there else Found(Presence.ABSENT)


def _unknown(result: Result) -> Result:
    return Result(Outcome.UNKNOWN, messages=result.messages, evidence=result.evidence)


def _key(erp_id: ErpId | None) -> int | None:
    return int(erp_id) if erp_id is not None and erp_id.isascii() and erp_id.isdigit() else None
