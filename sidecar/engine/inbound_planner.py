"""What Magento is to be asked for one document of an ERP, worked out from everything that bears on it, just before."""

from dataclasses import replace
from decimal import Decimal

from sidecar.domain.delivery import ErpId
from sidecar.domain.errors import AlreadyThere, NotYet, Unfit
from sidecar.domain.events import DestinationName
from sidecar.domain.inbound import (
    Ask,
    DocumentRequest,
    InboundDocument,
    InboundEntry,
    InboundKind,
    InboundLine,
    InboundState,
    Service,
    mark_of,
)
from sidecar.domain.inbound_lines import Quantities, asked_for, charged_by, in_words, leaving, rows_shipped
from sidecar.domain.inbound_plans import (
    Shortfall,
    Surroundings,
    must_be_in_stock,
    plan_cancellation,
    plan_invoice,
    plan_refund,
    plan_shipment,
    plan_shortage_refund,
    shortfall_of,
    still_to_come,
)
from sidecar.domain.money import ZERO
from sidecar.domain.naming import Names
from sidecar.domain.order_standing import OrderStanding
from sidecar.domain.policy import InboundPolicy
from sidecar.engine.changes_reader import version_of
from sidecar.ports import InboundStore, MagentoDocuments

_MADE_BY = {
    InboundKind.DELIVERY: Service.SHIP,
    InboundKind.INVOICE: Service.INVOICE,
    InboundKind.CREDIT_MEMO: Service.REFUND_ORDER,
    InboundKind.SHORTAGE: Service.REFUND_ORDER,
}
_TO_COME = frozenset({InboundState.NEW, InboundState.RETRY, InboundState.CALLING, InboundState.UNKNOWN})
_OPEN = _TO_COME | {InboundState.PARKED, InboundState.WAITING}


class InboundPlanner:
    """Reads, and asks nobody. Used by the writer's threads."""

    def __init__(
        self,
        destination: DestinationName,
        policy: InboundPolicy,
        tolerance: Decimal,
        names: Names,
        store: InboundStore,
        magento: MagentoDocuments,
    ) -> None:
        """`tolerance` is how far amounts may lie apart."""
        self._destination, self._policy, self._tolerance, self._names = destination, policy, tolerance, names
        self._store, self._magento = store, magento

    def ask_for(self, entry: InboundEntry) -> Ask:
        """The call to make; raises Unfit, NotYet or AlreadyThere.

        What a lost time has moved at the payment provider did not go back with the database: there a person looks.
        """
        ask = self._ask_for(entry)
        if ask.moves_money and entry.decision is None and self._names.may_have_forgotten(entry.entity_id):
            message = "the database was restored since this order was placed: the money may have been moved already"
            hint = (
                "look at the payment provider; if it has not: erp-sidecar inbound retry {id} --reason '...'; else skip"
            )
            raise Unfit(message, hint=hint)
        return ask

    def _ask_for(self, entry: InboundEntry) -> Ask:
        document = entry.document
        if document.unreadable:
            message = f"the ERP's {document.kind} could not be read: {document.unreadable}"
            raise Unfit(message, hint="mend it in the ERP, or its profile; then: erp-sidecar inbound retry {id}")
        order = self.standing(entry)
        if entry.magento_id is not None and document.kind is not InboundKind.SHORTAGE:
            return self._amendment(entry, order)
        if document.reversed:
            message = "the ERP took it back before Magento had it"
            raise AlreadyThere(message)
        mark = mark_of(self._destination, document)
        match document.kind:
            case InboundKind.DELIVERY:
                return self._shipment(document, order, mark)
            case InboundKind.INVOICE:
                return plan_invoice(document, order, self._policy, self._around(entry, order), mark)
            case InboundKind.CREDIT_MEMO:
                around = self._around(entry, order)
                return plan_refund(document, order, self._policy, around, mark, self._tolerance)
            case InboundKind.CANCELLATION:
                return plan_cancellation(document, order, mark)
            case InboundKind.SHORTAGE:
                return plan_shortage_refund(document, order, self._policy, self._around(entry, order), mark)

    def standing(self, entry: InboundEntry) -> OrderStanding:
        """The order as it is now; raises Unfit where it is gone, NotYet while the ERP has not confirmed it."""
        order = self._magento.standing(entry.entity_id)
        if order is None:
            message = f"order {entry.entity_id} is not in Magento any more"
            raise Unfit(message, hint="erp-sidecar inbound skip {id} --reason '...'")
        if not self._store.confirmed(self._destination, entry.entity_id):
            message = f"the ERP has not confirmed order {order.increment_id} to us"
            raise NotYet(message, hint=f"erp-sidecar event list shows what became of order:{entry.entity_id}")
        return order

    def question(self, entry: InboundEntry) -> Shortfall:
        """What a person is asked about a shortage; raises AlreadyThere where nothing is missing any more."""
        return shortfall_of(entry.document, self.standing(entry))

    def shortage_after(self, entry: InboundEntry) -> InboundDocument | None:
        """What the ERP's last delivery has left unshipped, once none of its deliveries is on its way any more."""
        if entry.document.kind is not InboundKind.DELIVERY:
            return None
        others = [other for other in self._store.others(self._destination, entry) if _is_delivery(other)]
        last = next((e for e in (entry, *others) if e.document.final and not e.document.reversed), None)
        if last is None or any(other.state in _OPEN for other in others):
            return None
        order = self._magento.standing(entry.entity_id)
        missing: Quantities = {} if order is None else still_to_come(order)
        if order is None or not missing:
            return None
        told = [line for e in (entry, *others) for line in e.document.lines]
        why = {line.line_ref: line.reason for line in told if line.reason}
        lines = tuple(
            InboundLine(str(i), order.items[i].sku, q, order.items[i].ordered, reason=why.get(str(i), ""))
            for i, q in missing.items()
        )
        return replace(
            last.document,
            kind=InboundKind.SHORTAGE,
            erp_id=ErpId(f"{last.document.erp_id}:short"),
            version=version_of({line.line_ref: f"{line.quantity} {line.reason}" for line in lines}),
            lines=lines,
            tracks=(),
            amounts={},
        )

    def _shipment(self, document: InboundDocument, order: OrderStanding, mark: str) -> Ask:
        ask = plan_shipment(document, order, self._policy, mark)
        if ask.request.source is not None:
            units = leaving({line.item_id: line.quantity for line in ask.request.lines}, order)
            must_be_in_stock(units, ask.request.source, self._magento.stock_of(ask.request.source, sorted(units)))
        return ask

    def _around(self, entry: InboundEntry, order: OrderStanding) -> Surroundings:
        invoices = tuple(self._magento.documents(entry.entity_id, Service.INVOICE))
        others = [o for o in self._store.others(self._destination, entry) if o.document.kind is InboundKind.INVOICE]
        made = {other.magento_id for other in others}
        invoiced: dict[int, Decimal] = {}
        for lines in (
            *(invoice.lines for invoice in invoices if invoice.entity_id in made),
            *(_charged(o, order) for o in others if o.state is InboundState.DONE and o.magento_id is None),
        ):
            for item_id, quantity in lines.items():
                invoiced[item_id] = invoiced.get(item_id, ZERO) + quantity
        return Surroundings(invoices, invoiced, any(other.state in _TO_COME for other in others))

    def _amendment(self, entry: InboundEntry, order: OrderStanding) -> Ask:
        """The ERP changed a document that Magento has: new tracks follow, anything else a person decides."""
        document = entry.document
        if document.reversed:
            message = f"the ERP took {document.kind} {document.erp_number} back, and Magento has made it"
            raise Unfit(message, hint="undo it in Magento by hand, then: erp-sidecar inbound skip {id} --reason '...'")
        service = _MADE_BY[document.kind]
        documents = self._magento.documents(entry.entity_id, service)
        made = next((d for d in documents if d.entity_id == entry.magento_id), None)
        if made is None:
            message = f"Magento's document {entry.magento_id} is gone"
            raise Unfit(message, hint="erp-sidecar inbound skip {id} --reason '...'")
        asked = asked_for(document.lines, order)
        wanted = rows_shipped(asked, order) if service is Service.SHIP else charged_by(asked, order) if asked else {}
        if any(made.lines.get(item_id, ZERO) != quantity for item_id, quantity in wanted.items()):
            message = f"the ERP changed it to {in_words(wanted, order)} after Magento had made {made.increment_id}"
            raise Unfit(message, hint="mend it in Magento by hand, then: erp-sidecar inbound skip {id} --reason '...'")
        for track in document.tracks if service is Service.SHIP else ():
            if track.number not in made.tracks:
                return Ask(Service.ADD_TRACK, DocumentRequest(mark=track.number, tracks=(track,)), made.entity_id)
        message = f"Magento shows it as {made.increment_id}"
        raise AlreadyThere(message)


def _is_delivery(entry: InboundEntry) -> bool:
    return entry.document.kind is InboundKind.DELIVERY


def _charged(entry: InboundEntry, order: OrderStanding) -> Quantities:
    try:
        return charged_by(asked_for(entry.document.lines, order), order)
    except Unfit:
        return {}
