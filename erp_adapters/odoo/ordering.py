"""Orders: made once, confirmed, changed while they are quotations, cancelled while nothing of them has left."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from erp_adapters.mapping import MappingError, RuleBook, scope_of
from erp_adapters.odoo.answers import held, in_doubt, refusal_of, refused
from erp_adapters.odoo.contacts import Contacts, contacts_of
from erp_adapters.odoo.mapping import OrderDraft, draft_of
from erp_adapters.odoo.names import order_name
from erp_adapters.odoo.reading import CANCELLED, OPEN, OrderRecord
from erp_adapters.odoo.stock import warehouse_of
from erp_adapters.odoo.terms import OdooTerms
from erp_adapters.odoo.writing import Writing
from sidecar.domain.delivery import DocumentKind, ErpId, Found, Outcome, Presence, Reference, Result
from sidecar.domain.documents import OrderDocument
from sidecar.domain.errors import Retryable
from sidecar.domain.order import Order

BY_HAND: Final = "settle it with those who work in Odoo, then retry the event, or skip it"
_QUOTATION: Final = (
    "the order stands in Odoo as a quotation; settle what Odoo says, then retry the event: it confirms that one"
)


@dataclass(frozen=True, slots=True)
class Orders:
    """The effects on orders; see ErpAdapter for the promises."""

    writing: Writing
    terms: OdooTerms
    instance: str
    rules: RuleBook

    def create(self, order: Order, ref: Reference, ends_at: float) -> Result:
        """Make it once, and confirm it where that is wanted."""
        draft, contacts = self._draft(order, ref, ends_at)
        found = self.writing.books.by_reference([ref.external_ref], ends_at).get(ref.external_ref)
        if found is not None:
            return self._go_on_with(found, draft, contacts, ref, ends_at)
        products = self.writing.products(draft.products, ends_at)
        failure = self.writing.make_contacts(contacts, ends_at)
        if failure is not None:
            return failure
        names, rows = draft.rows(products, draft.birth)
        keys = self.writing.load("sale.order", names, rows, ends_at, create_only=True)
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
        refusal = refusal_of(self.writing.door.call("sale.order", "action_confirm", {"ids": [key]}, ends_at), "confirm")
        if refusal is None:
            order = self._look_again(key, ends_at)
            return order if isinstance(order, Result) else held(Outcome.CONFIRMED, order)
        if refusal.outcome in (Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID):
            return refused(refusal.messages[0].code, refusal.messages[0].text, _QUOTATION, order)
        return refusal

    def change(self, order: Order, ref: Reference, ends_at: float) -> Result:
        """Let a quotation hold the newer content; of a sales order only what was never promised."""
        draft, contacts = self._draft(order, ref, ends_at)
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
            return refused("ORDER_NOT_OPEN", sentence, BY_HAND, found)
        if failure is not None:
            return failure
        changed = self._look_again(found.order_id, ends_at)
        return changed if isinstance(changed, Result) else held(Outcome.CONFIRMED, changed)

    def _write(self, found: OrderRecord, draft: OrderDraft, contacts: Contacts, ends_at: float) -> Result | None:
        """Let the quotation hold what the draft says; None when it does.

        In three calls, of which the last has the revision: the contacts, with the pricelist, as Odoo would put the
        contact's own over ours, and its currency with it; what is no longer wanted; then all the rest.
        """
        products = self.writing.products(draft.products, ends_at)
        failure = self.writing.make_contacts(contacts, ends_at)
        if failure is not None:
            return failure
        head = {"id": order_name(draft.reference), **draft.birth}
        alone = self.writing.load("sale.order", list(head), [list(head.values())], ends_at)
        if isinstance(alone, Result):
            return alone
        kept = {line.line_ref for line in draft.lines}
        gone = [line.line_id for line in found.lines if line.line_ref not in kept]
        if gone:
            refusal = refusal_of(self.writing.door.call("sale.order.line", "unlink", {"ids": gone}, ends_at), "change")
            if refusal is not None:
                return refusal
        keys = self.writing.load("sale.order", *draft.rows(products), ends_at)
        return keys if isinstance(keys, Result) else None

    def _write_around(self, draft: OrderDraft, ends_at: float) -> Result | None:
        """Note the revision, and what else stands beside the lines; None when it is done."""
        head = {"id": order_name(draft.reference), **draft.columns}
        keys = self.writing.load("sale.order", list(head), [list(head.values())], ends_at)
        return keys if isinstance(keys, Result) else None

    def cancel(self, ref: Reference, ends_at: float) -> Result:
        """Cancel it, while nothing of it has left or is invoiced."""
        found = self._target(ref, ends_at)
        if isinstance(found, Result):
            return found
        if found.state == CANCELLED:
            return held(Outcome.ALREADY_EXISTS, found)
        begun = [line for line in found.lines if line.is_goods and (line.delivered or line.invoiced)]
        if begun:  # Odoo would cancel it all the same, and leave delivery and invoice as they are
            sentence = f"{', '.join(line.sku for line in begun)} of order {found.number} is delivered or invoiced"
            return refused("ALREADY_BEGUN", sentence, BY_HAND, found)
        # Up to Odoo 18 a confirmed order answers with a question instead, unless it is told not to.
        context = {"disable_cancel_warning": True}
        reply = self.writing.door.call("sale.order", "action_cancel", {"ids": [found.order_id]}, ends_at, context)
        refusal = refusal_of(reply, "cancel")
        if refusal is not None:
            return refusal
        order = self._look_again(found.order_id, ends_at)
        if isinstance(order, Result):
            return order
        if order.state != CANCELLED:
            return refused(
                "NOT_CANCELLED", f"order {order.number} is {order.state} after it was cancelled", BY_HAND, order
            )
        return held(Outcome.CONFIRMED, order)

    def find(self, refs: Iterable[Reference], ends_at: float) -> dict[str, Found]:
        """Orders by our reference; changes, cancellations and orders that somebody has named by their target."""
        refs = list(refs)
        books = self.writing.books
        named = [ref for ref in refs if ref.kind is not DocumentKind.ORDER or ref.target is not None]
        searched = [ref for ref in refs if ref not in named]
        keys = {key for ref in named if (key := _key(ref.target)) is not None}
        by_key = books.by_key(keys, ends_at) if keys else {}
        references = list(dict.fromkeys(ref.external_ref for ref in searched))
        by_reference = books.by_reference(references, ends_at) if references else {}
        answers = {ref.idempotency_key: self._presence(ref, by_key.get(_key(ref.target) or 0)) for ref in named}
        return answers | {
            ref.idempotency_key: self._presence(ref, by_reference.get(ref.external_ref)) for ref in searched
        }

    def _draft(self, order: Order, ref: Reference, ends_at: float) -> tuple[OrderDraft, Contacts]:
        contacts = contacts_of(order, ref.external_ref, self.instance)
        columns = contacts.order_columns
        rules = self.rules.rules_for(scope_of(OrderDocument(order)))
        step = self.writing.books.step_of(order.currency, ends_at)
        served = rules.fulfilment.of(order)
        warehouse = self._warehouse(served.warehouse, ends_at) if served.is_binding else None
        terms, codes, fields = self.terms, rules.code_maps, rules.custom_fields
        return draft_of(order, ref, columns, terms, codes, fields, step, served, warehouse), contacts

    def _warehouse(self, code: str, ends_at: float) -> int:
        found = warehouse_of(self.writing.books, self.terms.company, code, ends_at)
        if found is None:
            message = f"Odoo has no warehouse of short name {code!r}"
            hint = "correct allocation in the destination's blueprint, or the warehouse's short name in Odoo"
            raise MappingError("allocation", message, hint=hint)
        return int(found["id"])

    def _target(self, ref: Reference, ends_at: float) -> OrderRecord | Result:
        found = None if ref.target is None else self.by_key(ref.target, ends_at)
        if found is None:
            return refused("NO_SUCH_ORDER", f"Odoo has no order {ref.target} of ours", BY_HAND)
        return found

    def by_key(self, erp_id: ErpId, ends_at: float) -> OrderRecord | None:
        """The order of a key, if it is ours."""
        key = _key(erp_id)
        return None if key is None else self.writing.books.by_key([key], ends_at).get(key)

    def _look_again(self, key: int, ends_at: float) -> OrderRecord | Result:
        """The order after an effect on it; where it cannot be read, what became of the effect is UNKNOWN."""
        try:
            found = self.writing.books.header(key, ends_at)
        except Retryable as error:
            return in_doubt(error)
        return Result(Outcome.UNKNOWN) if found is None else found

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


def _key(erp_id: ErpId | None) -> int | None:
    return int(erp_id) if erp_id is not None and erp_id.isascii() and erp_id.isdigit() else None
