"""What Magento is asked for, so that an ERP's document becomes one of its own.

Each function returns the one call to make, or raises: Unfit where a person decides, NotYet where something comes first,
AlreadyThere where Magento needs nothing. Nothing is clipped to what fits: an ERP that says too much is told so.

Whether an invoice may take money (Sales/Model/Order/Invoice/PayOperation.php):

| payment can be captured | `capture` | Magento's invoice | said in the blueprint |
|---|---|---|---|
| yes | true | captured at the provider, paid, with a transaction | `online` |
| yes | false | **paid, and no money was taken** | never asked for |
| no, a gateway's | true | open; looked at afterwards, a finding | `online` |
| no, an offline method | false | paid: the ERP says that the money came | `none` |

Money goes back at the provider by /invoice/:id/refund alone, only where the blueprint says that Magento does it, and
only for a method that Magento captures; every other credit memo is written offline and moves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from sidecar.domain.errors import AlreadyThere, NotYet, Unfit
from sidecar.domain.inbound import Ask, DocumentLine, DocumentRequest, InboundDocument, Service
from sidecar.domain.inbound_lines import (
    BY_HAND,
    CORRECT_THERE,
    Quantities,
    asked_for,
    charged_by,
    in_words,
    must_be_left,
    plainly,
    shipped_by,
)
from sidecar.domain.money import ZERO, differs, text_of
from sidecar.domain.order_standing import MagentoDocument, OrderStanding
from sidecar.domain.policy import Capture, InboundPolicy

CENT: Final = Decimal("0.01")
MOST_MONEY: Final = Decimal(10) ** 12
"""No order is worth as much; what an ERP makes up beyond it is not reckoned with."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else bears on a document: what earlier ones of this ERP have made, and what is still to come.

    `invoices`: Magento's invoices of the order. `invoiced`: what of them came of this ERP's invoices.
    `invoice_to_come`: another invoice of the order is on its way.
    """

    invoices: tuple[MagentoDocument, ...] = ()
    invoiced: Quantities = field(default_factory=dict)
    invoice_to_come: bool = False


def plan_shipment(document: InboundDocument, order: OrderStanding, policy: InboundPolicy, mark: str) -> Ask:
    """A shipment of what the ERP's delivery says, from the source that stands for its warehouse."""
    shipped = shipped_by(asked_for(document.lines, order), order)
    _must_go_on(order)
    request = DocumentRequest(
        mark=mark,
        lines=tuple(DocumentLine(item_id, quantity) for item_id, quantity in shipped.items()),
        tracks=document.tracks,
        source=source_of(document.warehouse, policy),
        notify=policy.notify,
    )
    return Ask(Service.SHIP, request)


def source_of(warehouse: str, policy: InboundPolicy) -> str | None:
    """Magento's source for an ERP's warehouse; None where the shop has no sources."""
    if not policy.sources:
        return None
    if warehouse in policy.sources:
        return policy.sources[warehouse]
    if not warehouse and len(policy.sources) == 1:
        return next(iter(policy.sources.values()))
    message = f"the ERP's warehouse {warehouse!r} stands for no source"
    raise Unfit(message, hint="name it in the blueprint's inbound.sources, then: erp-sidecar inbound retry {id}")


def must_be_in_stock(units: Mapping[str, Decimal], source: str, stock: Mapping[str, Decimal]) -> None:
    """Raise NotYet where the source holds less than leaves it: Magento would refuse the shipment."""
    short = [
        f"{source} has {plainly(stock[sku])} x {sku} and {plainly(count)} leave"
        for sku, count in units.items()
        if sku in stock and stock[sku] < count
    ]
    if short:
        message = f"Magento refuses to ship more than a source holds: {', '.join(short)}"
        hint = "raise the source's quantity in Magento by what the ERP has issued already; it is tried again by itself"
        raise NotYet(message, hint=hint)


def plan_invoice(
    document: InboundDocument, order: OrderStanding, policy: InboundPolicy, around: Surroundings, mark: str
) -> Ask:
    """An invoice of what the ERP's says, its capture as the blueprint says for the payment method.

    Where Magento has invoices that no ERP has caused (the checkout captured, a webhook did) and they carry these
    quantities, nothing is needed.
    """
    _must_be_in(document.currency, order)
    charged = charged_by(asked_for(document.lines, order), order)
    others = {i: order.items[i].invoiced - around.invoiced.get(i, ZERO) for i in charged}
    if all(quantity <= others[i] for i, quantity in charged.items()):
        numbers = ", ".join(invoice.increment_id for invoice in around.invoices)
        message = f"Magento's own invoice carries it ({numbers})"
        raise AlreadyThere(message)
    capture = policy.capture.get(order.payment_method)
    if capture is None:
        message = f"the blueprint does not say who takes the money of {order.payment_method}"
        hint = f"name {order.payment_method} in its inbound.capture, then: erp-sidecar inbound retry {{id}}"
        raise Unfit(message, hint=hint)
    if capture is Capture.ELSEWHERE:
        message = f"the invoice of {order.payment_method} is written by whoever takes the money, and is not there yet"
        raise NotYet(message, hint="look for the payment in Magento; it is tried again by itself")
    _must_go_on(order)
    must_be_left(charged, order, lambda item: item.to_invoice, "invoice")
    request = DocumentRequest(
        mark=mark,
        lines=tuple(DocumentLine(item_id, quantity) for item_id, quantity in charged.items()),
        capture=capture is Capture.ONLINE,
        notify=policy.notify,
    )
    return Ask(Service.INVOICE, request)


def plan_refund(
    document: InboundDocument,
    order: OrderStanding,
    policy: InboundPolicy,
    around: Surroundings,
    mark: str,
    tolerance: Decimal,
) -> Ask:
    """A credit memo of what the ERP's says; money moves only where Magento is the one that gives it back.

    Its total is worked out before, because afterwards the money may be gone.
    """
    _must_be_in(document.currency, order)
    asked = asked_for(document.lines, order)
    refunded = charged_by(asked, order) if asked else _money_alone(document, order)
    if around.invoice_to_come and any(q > order.items[i].to_refund for i, q in refunded.items()):
        message = "an invoice of this order is on its way, and what is not invoiced cannot be refunded"
        raise NotYet(message, hint="nothing; it is tried again by itself")
    must_be_left(refunded, order, lambda item: item.to_refund, "refund")
    shipping = _amount(document, "shipping")
    more, less = _amount(document, "adjustment_positive"), _amount(document, "adjustment_negative")
    _must_be_payable(order, shipping, more + less)
    _must_come_to(document, order, refunded, shipping + more - less, tolerance)
    received = _received(document, order)
    request = DocumentRequest(
        mark=mark,
        lines=tuple(
            DocumentLine(i, q, back_to_stock=_goes_back(order, i, q, received, policy)) for i, q in refunded.items()
        ),
        notify=policy.notify,
        shipping=shipping,
        adjustment_positive=more,
        adjustment_negative=less,
    )
    is_online = policy.refunds == "magento" and policy.capture.get(order.payment_method) is Capture.ONLINE
    if not is_online:
        return Ask(Service.REFUND_ORDER, request)
    return Ask(Service.REFUND_INVOICE, replace(request, online=True), _invoice_for(refunded, around, order))


def plan_cancellation(document: InboundDocument, order: OrderStanding, mark: str) -> Ask:
    """The order's cancellation, while nothing of it was invoiced or shipped."""
    if order.state == "canceled":
        message = "the order is cancelled in Magento already"
        raise AlreadyThere(message)
    done = [
        f"{plainly(count)} x {item.sku} {deed}"
        for item in order.items.values()
        for count, deed in ((item.invoiced, "invoiced"), (item.shipped, "shipped"))
        if count and (order.ships(item) or order.is_charged(item))
    ]
    if done or order.state in ("complete", "closed"):
        stand = ", ".join(done) or order.state
        message = f"the ERP has cancelled order {order.increment_id} ({document.erp_number}), and Magento has {stand}"
        raise Unfit(message, hint="refund in Magento what was paid, then: erp-sidecar inbound skip {id} --reason '...'")
    if order.state in ("holded", "payment_review"):
        message = f"Magento cancels no order that is {order.state}"
        hint = "release it in Magento (unhold, or the payment's review); it is tried again by itself"
        raise NotYet(message, hint=hint)
    return Ask(Service.CANCEL, DocumentRequest(mark=mark))


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What of an order the ERP will not fulfil, and what refunding it would give back."""

    missing: Quantities
    refundable: Quantities
    amount: Decimal
    words: str


def shortfall_of(document: InboundDocument, order: OrderStanding) -> Shortfall:
    """What is still missing of a shortage; raises AlreadyThere where Magento has shipped or settled all of it.

    Units that were refunded and never left reduce Magento's source by themselves: right for goods that were not there.
    """
    asked = asked_for(document.lines, order)
    missing = {i: min(q, order.items[i].to_ship) for i, q in asked.items() if order.items[i].to_ship > 0}
    if not missing:
        message = "everything of it was shipped, refunded or cancelled meanwhile"
        raise AlreadyThere(message)
    charged = charged_by(missing, order)
    refundable = {i: min(q, order.items[i].to_refund) for i, q in charged.items() if order.items[i].to_refund > 0}
    amount = sum((order.items[i].worth(q) for i, q in refundable.items()), ZERO).quantize(CENT)
    why = ", ".join(dict.fromkeys(line.reason for line in document.lines if line.reason))
    words = f"the ERP will not deliver {in_words(missing, order)}" + (f" ({why})" if why else "")
    if refundable:
        words += f"; refunding {in_words(refundable, order)} gives back {text_of(amount)} {order.currency}"
    else:
        words += "; none of it is invoiced, so there is nothing to give back"
    return Shortfall(missing, refundable, amount, words)


def plan_shortage_refund(
    document: InboundDocument, order: OrderStanding, policy: InboundPolicy, around: Surroundings, mark: str
) -> Ask:
    """The partial refund that a person has chosen for a shortage."""
    refundable = shortfall_of(document, order).refundable
    if not refundable:
        message = "none of it is invoiced, so there is nothing to give back"
        raise Unfit(message, hint="erp-sidecar inbound decide {id} wait or ignore --reason '...'")
    lines = tuple(DocumentLine(i, q) for i, q in refundable.items())
    request = DocumentRequest(
        mark, lines, notify=policy.notify, shipping=ZERO, adjustment_positive=ZERO, adjustment_negative=ZERO
    )
    if policy.refunds == "magento" and policy.capture.get(order.payment_method) is Capture.ONLINE:
        return Ask(Service.REFUND_INVOICE, replace(request, online=True), _invoice_for(refundable, around, order))
    return Ask(Service.REFUND_ORDER, request)


def still_to_come(order: OrderStanding) -> Quantities:
    """What Magento would still ship: after an ERP's last delivery that is a shortage."""
    return {item.item_id: item.to_ship for item in order.items.values() if order.ships(item) and item.to_ship > 0}


def try_again_in(attempt: int) -> timedelta:
    """How long to wait for what comes first: half a minute, and ever longer up to half an hour."""
    return min(timedelta(seconds=30 * (1 << min(attempt, 10))), timedelta(minutes=30))


def _must_be_in(currency: str, order: OrderStanding) -> None:
    if currency and currency != order.currency:
        message = f"it is in {currency}, and order {order.increment_id} in {order.currency}"
        raise Unfit(message, hint=CORRECT_THERE)


def _must_go_on(order: OrderStanding) -> None:
    """Magento ships and invoices nothing of an order in these states."""
    if order.state in ("holded", "payment_review"):
        message = f"Magento ships and invoices nothing of an order that is {order.state}"
        hint = "release it in Magento (unhold, or the payment's review); it is tried again by itself"
        raise NotYet(message, hint=hint)
    if order.state in ("canceled", "closed"):
        message = f"order {order.increment_id} is {order.state} in Magento"
        raise Unfit(message, hint=CORRECT_THERE)


def _amount(document: InboundDocument, name: str) -> Decimal:
    amount = document.amounts.get(name, ZERO)
    if not (amount.is_finite() and 0 <= amount < MOST_MONEY):
        message = f"its amount {name} is {amount}"
        raise Unfit(message, hint=CORRECT_THERE)
    return amount


def _money_alone(document: InboundDocument, order: OrderStanding) -> Quantities:
    """Nothing of one item: Magento would take a credit memo without items for one of all of them."""
    if not any(document.amounts.get(name) for name in ("shipping", "adjustment_positive")):
        message = "it has no line, and no amount that could be given back without one"
        raise Unfit(message, hint=CORRECT_THERE)
    return {next(item.item_id for item in order.items.values() if order.is_charged(item)): ZERO}


def _must_be_payable(order: OrderStanding, shipping: Decimal, adjustment: Decimal) -> None:
    """Magento takes a refund's shipping and adjustments in the base currency, and its rate has four decimals only."""
    if (shipping or adjustment) and order.currency != order.base_currency:
        message = f"its shipping or adjustment is in {order.currency}, and Magento takes them in {order.base_currency}"
        raise Unfit(message, hint=BY_HAND)
    if shipping > order.shipping_to_refund:
        left = plainly(order.shipping_to_refund)
        message = f"it gives {plainly(shipping)} of shipping back, of which {left} is left"
        raise Unfit(message, hint=CORRECT_THERE)


def _must_come_to(
    document: InboundDocument, order: OrderStanding, refunded: Quantities, more: Decimal, tolerance: Decimal
) -> None:
    """Each line may be rounded by a cent on either side."""
    theirs = document.amounts.get("grand_total")
    if theirs is None:
        return
    ours = sum((order.items[i].worth(q) for i, q in refunded.items()), ZERO) + more
    if not (theirs.is_finite() and abs(theirs) < MOST_MONEY) or differs(ours, theirs, tolerance + CENT * len(refunded)):
        message = f"the ERP gives {theirs} back, and these lines come to {ours.quantize(CENT)} in Magento"
        raise Unfit(message, hint=f"name the difference as an adjustment there, or {BY_HAND}")


def _received(document: InboundDocument, order: OrderStanding) -> Quantities:
    """Units that came back, on the rows that credit memos carry."""
    came_back = [replace(line, quantity=line.received) for line in document.lines if line.quantity > 0]
    told = asked_for(came_back, order)
    return charged_by(told, order) if told else {}


def _goes_back(
    order: OrderStanding, item_id: int, quantity: Decimal, received: Quantities, policy: InboundPolicy
) -> bool:
    if policy.restock != "received":
        return policy.restock == "always"
    back = received.get(item_id, ZERO)
    if back and back != quantity:
        sku = order.items[item_id].sku
        message = f"{plainly(back)} of {plainly(quantity)} x {sku} came back, and Magento restocks a line or not"
        raise Unfit(message, hint=BY_HAND)
    return bool(back)


def _invoice_for(refunded: Quantities, around: Surroundings, order: OrderStanding) -> int:
    """The one captured invoice that carries all of it."""
    fitting = [
        invoice
        for invoice in around.invoices
        if invoice.has_transaction and all(invoice.lines.get(i, ZERO) >= q for i, q in refunded.items())
    ]
    if len(fitting) == 1:
        return fitting[0].entity_id
    which = "several captured invoices carry" if fitting else "no single captured invoice carries"
    message = f"{which} {in_words(refunded, order)}, and money goes back by one invoice"
    raise Unfit(message, hint=BY_HAND)
