"""What Magento is asked for: each kind of item in its own row, nothing beyond what is left, no money by default."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.errors import AlreadyThere, InboundError, NotYet, Unfit
from sidecar.domain.inbound import InboundKind, InboundLine, Service
from sidecar.domain.inbound_lines import asked_for, charged_by, leaving, shipped_by
from sidecar.domain.inbound_plans import (
    Surroundings,
    must_be_in_stock,
    plan_cancellation,
    plan_invoice,
    plan_refund,
    plan_shipment,
    plan_shortage_refund,
    shortfall_of,
)
from sidecar.domain.order_standing import MagentoDocument, OrderItem, OrderStanding
from sidecar.domain.policy import Capture, InboundPolicy
from tests.support.standings import (
    BOX,
    BOX_BASE,
    BOX_LID,
    EBOOK,
    EVERYTHING,
    PEN,
    ROPE,
    SET,
    SET_CUP,
    SET_POT,
    SHIRT,
    SHIRT_CHILD,
    document_of,
    line,
    order_of,
)

POLICY = InboundPolicy(
    frozenset(),
    sources={"W1": "west", "E1": "east"},
    capture={"checkmo": Capture.NONE, "card": Capture.ONLINE, "wallet": Capture.ELSEWHERE},
    refunds="magento",
)
NOTHING = Surroundings()
CENT = Decimal("0.01")


def shipped(*lines: InboundLine, order: OrderStanding | None = None) -> dict[int, Decimal]:
    standing = order or order_of()
    return dict(shipped_by(asked_for(lines, standing), standing))


def charged(*lines: InboundLine) -> dict[int, Decimal]:
    return dict(charged_by(asked_for(lines, order_of()), order_of()))


# -- rows ------------------------------------------------------------------------------------------------------------


def test_a_simple_item_ships_itself_in_parts() -> None:
    assert shipped(line(PEN, "2"), line(PEN, "1.0000")) == {1: Decimal(3)}


def test_a_configurable_ships_its_parent_whichever_row_the_erp_names() -> None:
    assert shipped(line(SHIRT, "2")) == shipped(line(SHIRT_CHILD, "2")) == {10: Decimal(2)}


def test_a_bundle_that_ships_together_leaves_in_whole_sets() -> None:
    assert shipped(line(SET_CUP, "2"), line(SET_POT, "1")) == {20: Decimal(1)}
    assert shipped(line(SET, "1"), line(SET_CUP, "2"), line(SET_POT, "1")) == {20: Decimal(1)}
    with pytest.raises(Unfit, match="SET ships together, and only a part of it was told: 2 x CUP"):
        shipped(line(SET_CUP, "2"))
    with pytest.raises(Unfit, match="ships together"):
        shipped(line(SET_CUP, "4"), line(SET_POT, "1"))


def test_a_bundle_that_ships_separately_ships_its_children() -> None:
    assert shipped(line(BOX_BASE, "1")) == {32: Decimal(1)}
    assert shipped(line(BOX, "1")) == {31: Decimal(1), 32: Decimal(2)}
    assert shipped(line(BOX, "1"), line(BOX_LID, "1")) == {31: Decimal(1)}


def test_what_is_no_thing_needs_no_shipment() -> None:
    with pytest.raises(AlreadyThere, match="nothing of it needs a shipment"):
        shipped(line(EBOOK, "1"))
    assert shipped(line(EBOOK, "1"), line(PEN, "1")) == {1: Decimal(1)}


def test_more_than_is_left_is_refused_in_plain_words() -> None:
    order = order_of(replace(PEN, shipped=Decimal(3), canceled=Decimal(1)))

    with pytest.raises(Unfit) as refusal:
        shipped(line(PEN, "2"), order=order)

    assert str(refusal.value) == (
        "2 x PEN to ship, of which Magento has 1 left (ordered 5, shipped 3, invoiced 0, refunded 0, cancelled 1)"
    )


def test_fractions_ship_only_where_the_product_is_sold_in_them_and_never_below_one() -> None:
    assert shipped(line(ROPE, "1.25")) == {50: Decimal("1.25")}
    with pytest.raises(Unfit, match="no whole number"):
        shipped(line(PEN, "1.5"))
    with pytest.raises(Unfit, match="cuts quantities below 1 down to 0"):
        shipped(line(ROPE, "0.5"))
    with pytest.raises(Unfit, match="more decimals than Magento keeps"):
        shipped(line(ROPE, "1.00001"))


@pytest.mark.parametrize(("told", "words"), [("-1", "quantity -1"), ("NaN", "quantity NaN"), ("1E+40", "quantity 1E")])
def test_an_impossible_quantity_is_refused(told: str, words: str) -> None:
    with pytest.raises(Unfit, match=words):
        shipped(line(PEN, told))


@pytest.mark.parametrize("ref", ["999", "abc", "", "²", "-1", "9" * 5000])
def test_a_line_that_is_no_item_of_the_order_is_refused(ref: str) -> None:
    with pytest.raises(Unfit, match="is no item of order 000000042"):
        shipped(line(ref, "1"))


def test_invoices_and_credit_memos_carry_the_rows_that_have_the_money() -> None:
    assert charged(line(PEN, "1"), line(SHIRT_CHILD, "2")) == {1: Decimal(1), 10: Decimal(2)}
    assert charged(line(SET, "1"), line(SET_CUP, "2"), line(SET_POT, "1")) == {20: Decimal(1)}
    assert charged(line(BOX_LID, "1"), line(BOX, "1")) == {31: Decimal(1)}
    assert charged(line(ROPE, "0.5")) == {50: Decimal("0.5")}
    with pytest.raises(Unfit, match=r"0\.5 x PEN is no whole number"):
        charged(line(PEN, "0.5"))
    with pytest.raises(Unfit, match="none of its lines carries money"):
        charged(line(SET_CUP, "2"))


@given(st.lists(st.tuples(st.sampled_from(EVERYTHING), st.integers(0, 6)), max_size=8))
def test_whatever_is_told_no_row_ever_ships_more_than_is_left_or_is_a_dummy(told: list[tuple[OrderItem, int]]) -> None:
    order = order_of()
    try:
        rows = shipped(*(line(item, str(count)) for item, count in told))
    except (Unfit, AlreadyThere):
        return
    assert all(order.ships(order.items[i]) and 1 <= count <= order.items[i].to_ship for i, count in rows.items())


def test_a_source_that_holds_too_little_is_told_with_its_numbers_before_magento_refuses() -> None:
    order = order_of()
    units = leaving(shipped(line(SET, "2"), line(SHIRT, "1"), line(PEN, "1")), order)

    assert units == {"CUP": 4, "POT": 2, "SHIRT-M": 1, "PEN": 1}
    must_be_in_stock(units, "west", {"CUP": Decimal(4), "POT": Decimal(2), "SHIRT-M": Decimal(1)})
    with pytest.raises(NotYet, match="west has 3 x CUP and 4 leave"):
        must_be_in_stock(units, "west", {"CUP": Decimal(3)})


# -- shipments -------------------------------------------------------------------------------------------------------


def test_a_shipment_leaves_from_the_source_of_the_erps_warehouse() -> None:
    told = document_of(InboundKind.DELIVERY, line(PEN, "1"), warehouse="E1")

    assert plan_shipment(told, order_of(), POLICY, "mark").request.source == "east"
    assert plan_shipment(told, order_of(), replace(POLICY, sources={}), "mark").request.source is None
    with pytest.raises(Unfit, match="warehouse 'X9' stands for no source"):
        plan_shipment(replace(told, warehouse="X9"), order_of(), POLICY, "mark")


@pytest.mark.parametrize(("state", "raised"), [("holded", NotYet), ("canceled", Unfit), ("payment_review", NotYet)])
def test_an_order_that_magento_would_not_ship_is_not_tried(state: str, raised: type[Exception]) -> None:
    told = document_of(InboundKind.DELIVERY, line(PEN, "1"), warehouse="W1")

    with pytest.raises(raised):
        plan_shipment(told, order_of(state=state), POLICY, "mark")


# -- invoices --------------------------------------------------------------------------------------------------------


def test_money_is_taken_only_where_the_blueprint_says_so() -> None:
    told = document_of(InboundKind.INVOICE, line(PEN, "1"))

    assert not plan_invoice(told, order_of(), POLICY, NOTHING, "mark").request.capture
    assert plan_invoice(told, order_of(method="card"), POLICY, NOTHING, "mark").request.capture
    with pytest.raises(Unfit, match="does not say who takes the money of klarna") as refusal:
        plan_invoice(told, order_of(method="klarna"), POLICY, NOTHING, "mark")
    assert "inbound.capture" in refusal.value.hint


def test_an_invoice_that_somebody_else_writes_is_waited_for_and_then_enough() -> None:
    told = document_of(InboundKind.INVOICE, line(PEN, "2"))
    theirs = MagentoDocument(7, "I7", timedelta(), {1: Decimal(5)})

    with pytest.raises(NotYet, match="written by whoever takes the money"):
        plan_invoice(told, order_of(method="wallet"), POLICY, NOTHING, "mark")
    with pytest.raises(AlreadyThere, match="I7"):
        plan_invoice(
            told, order_of(replace(PEN, invoiced=Decimal(5)), method="wallet"), POLICY, Surroundings((theirs,)), "mark"
        )


def test_what_this_erp_has_invoiced_itself_is_not_taken_for_somebody_elses() -> None:
    told = document_of(InboundKind.INVOICE, line(PEN, "3"))
    order = order_of(replace(PEN, invoiced=Decimal(5)))

    with pytest.raises(Unfit, match="3 x PEN to invoice, of which Magento has 0 left"):
        plan_invoice(told, order, POLICY, Surroundings(invoiced={1: Decimal(5)}), "mark")


def test_another_currency_is_refused() -> None:
    told = document_of(InboundKind.INVOICE, line(PEN, "1"), currency="USD")

    with pytest.raises(Unfit, match="it is in USD, and order 000000042 in EUR"):
        plan_invoice(told, order_of(), POLICY, NOTHING, "mark")


# -- credit memos ----------------------------------------------------------------------------------------------------

INVOICED = replace(PEN, invoiced=Decimal(5), shipped=Decimal(5))
CAPTURED = MagentoDocument(7, "I7", timedelta(), {1: Decimal(5)}, is_paid=True, has_transaction=True)


def test_money_goes_back_online_by_its_invoice_only_where_magento_is_the_one_that_gives_it() -> None:
    told = document_of(InboundKind.CREDIT_MEMO, line(PEN, "2"))
    around = Surroundings((CAPTURED,))

    online = plan_refund(told, order_of(INVOICED, method="card"), POLICY, around, "mark", CENT)
    by_erp = plan_refund(told, order_of(INVOICED, method="card"), replace(POLICY, refunds="erp"), around, "mark", CENT)
    by_transfer = plan_refund(told, order_of(INVOICED), POLICY, around, "mark", CENT)

    assert (online.service, online.target, online.request.online) == (Service.REFUND_INVOICE, 7, True)
    assert (by_erp.service, by_erp.request.online) == (Service.REFUND_ORDER, False)
    assert (by_transfer.service, by_transfer.request.online) == (Service.REFUND_ORDER, False)


def test_two_invoices_that_could_be_meant_are_a_persons_choice() -> None:
    told = document_of(InboundKind.CREDIT_MEMO, line(PEN, "2"))
    around = Surroundings((CAPTURED, replace(CAPTURED, entity_id=8)))

    with pytest.raises(Unfit, match="several captured invoices carry 2 x PEN"):
        plan_refund(told, order_of(INVOICED, method="card"), POLICY, around, "mark", CENT)


def test_a_refund_never_leaves_shipping_and_adjustments_to_magentos_defaults() -> None:
    told = document_of(InboundKind.CREDIT_MEMO, line(PEN, "1"), amounts={"adjustment_negative": Decimal(2)})

    request = plan_refund(told, order_of(INVOICED, shipping="5"), POLICY, NOTHING, "mark", CENT).request

    assert (request.shipping, request.adjustment_positive, request.adjustment_negative) == (
        Decimal(0),
        Decimal(0),
        Decimal(2),
    )


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({"shipping": Decimal(6)}, "6 of shipping back, of which 5 is left"),
        ({"grand_total": Decimal(25)}, "gives 25 back, and these lines come to 20.00"),
        ({"adjustment_positive": Decimal(-1)}, "adjustment_positive is -1"),
        ({"shipping": Decimal("1E+40")}, "shipping is 1E"),
        ({"grand_total": Decimal("Infinity")}, "gives Infinity back"),
        ({"grand_total": Decimal("1E+40")}, "gives 1E"),
    ],
)
def test_amounts_that_do_not_fit_are_refused_before_money_moves(amounts: dict[str, Decimal], words: str) -> None:
    told = document_of(InboundKind.CREDIT_MEMO, line(PEN, "2"), amounts=amounts)

    with pytest.raises(Unfit, match=words):
        plan_refund(told, order_of(INVOICED, shipping="5"), POLICY, NOTHING, "mark", CENT)


def test_money_alone_goes_back_with_nothing_of_an_item_because_no_item_means_all_of_them() -> None:
    told = document_of(InboundKind.CREDIT_MEMO, amounts={"adjustment_positive": Decimal(1)})

    request = plan_refund(told, order_of(INVOICED), POLICY, NOTHING, "mark", CENT).request

    assert [(one.item_id, one.quantity) for one in request.lines] == [(1, Decimal(0))]
    with pytest.raises(Unfit, match="no line, and no amount"):
        plan_refund(replace(told, amounts={}), order_of(INVOICED), POLICY, NOTHING, "mark", CENT)


def test_units_go_back_on_sale_only_when_the_erp_has_received_them() -> None:
    order = order_of(INVOICED, replace(SHIRT, invoiced=Decimal(3)), SHIRT_CHILD)
    told = document_of(InboundKind.CREDIT_MEMO, line(PEN, "2"), line(SHIRT, "1", received="1"))

    request = plan_refund(told, order, POLICY, NOTHING, "mark", CENT).request

    assert [(one.item_id, one.back_to_stock) for one in request.lines] == [(1, False), (10, True)]
    always = plan_refund(told, order, replace(POLICY, restock="always"), NOTHING, "mark", CENT).request
    assert all(one.back_to_stock for one in always.lines)
    with pytest.raises(Unfit, match="1 of 2 x PEN came back"):
        plan_refund(
            document_of(InboundKind.CREDIT_MEMO, line(PEN, "2", received="1")), order, POLICY, NOTHING, "mark", CENT
        )


def test_a_refund_of_what_is_not_invoiced_waits_for_an_invoice_on_its_way_and_is_refused_without_one() -> None:
    told = document_of(InboundKind.CREDIT_MEMO, line(PEN, "1"))

    with pytest.raises(NotYet, match="an invoice of this order is on its way"):
        plan_refund(told, order_of(PEN), POLICY, Surroundings(invoice_to_come=True), "mark", CENT)
    with pytest.raises(Unfit, match="1 x PEN to refund, of which Magento has 0 left"):
        plan_refund(told, order_of(PEN), POLICY, NOTHING, "mark", CENT)


def test_adjustments_in_a_shown_currency_are_done_by_hand() -> None:
    order = replace(order_of(INVOICED), base_currency="USD")
    told = document_of(InboundKind.CREDIT_MEMO, line(PEN, "1"), amounts={"adjustment_positive": Decimal(1)})

    with pytest.raises(Unfit, match="Magento takes them in USD"):
        plan_refund(told, order, POLICY, NOTHING, "mark", CENT)


# -- cancellations and shortages -------------------------------------------------------------------------------------


def test_an_order_is_cancelled_only_while_nothing_of_it_is_invoiced_or_shipped() -> None:
    told = document_of(InboundKind.CANCELLATION)

    assert plan_cancellation(told, order_of(PEN, state="new"), "mark").service is Service.CANCEL
    with pytest.raises(Unfit, match="Magento has 5 x PEN invoiced, 5 x PEN shipped"):
        plan_cancellation(told, order_of(INVOICED), "mark")
    with pytest.raises(NotYet, match="cancels no order that is holded"):
        plan_cancellation(told, order_of(PEN, state="holded"), "mark")
    with pytest.raises(AlreadyThere):
        plan_cancellation(told, order_of(PEN, state="canceled"), "mark")


def test_a_shortage_comes_with_the_refund_that_it_would_be() -> None:
    order = order_of(replace(PEN, invoiced=Decimal(5), shipped=Decimal(3)))
    told = document_of(InboundKind.SHORTAGE, line(PEN, "2", reason="sold out"))

    assert shortfall_of(told, order).words == (
        "the ERP will not deliver 2 x PEN (sold out); refunding 2 x PEN gives back 20.00 EUR"
    )
    ask = plan_shortage_refund(told, order, POLICY, NOTHING, "mark")
    assert [(one.item_id, one.quantity, one.back_to_stock) for one in ask.request.lines] == [(1, Decimal(2), False)]


def test_a_shortage_that_is_not_invoiced_costs_nobody_anything() -> None:
    told = document_of(InboundKind.SHORTAGE, line(PEN, "2"))

    assert "nothing to give back" in shortfall_of(told, order_of(PEN)).words
    with pytest.raises(Unfit, match="nothing to give back"):
        plan_shortage_refund(told, order_of(PEN), POLICY, NOTHING, "mark")


def test_a_shortage_that_was_delivered_after_all_is_none() -> None:
    told = document_of(InboundKind.SHORTAGE, line(PEN, "2"))

    with pytest.raises(AlreadyThere):
        shortfall_of(told, order_of(replace(PEN, shipped=Decimal(5))))


ANY_NUMBER = st.decimals(allow_nan=True, allow_infinity=True) | st.integers(-3, 6).map(Decimal)


@given(
    st.sampled_from(InboundKind),
    st.lists(
        st.builds(
            InboundLine,
            st.sampled_from([str(item.item_id) for item in EVERYTHING]) | st.text(max_size=12),
            st.just("?"),
            ANY_NUMBER,
            received=ANY_NUMBER,
        ),
        max_size=5,
    ),
    st.dictionaries(
        st.sampled_from(["grand_total", "shipping", "adjustment_positive", "adjustment_negative"]), ANY_NUMBER
    ),
)
def test_whatever_a_lying_erp_says_is_asked_for_or_told_to_a_person_and_breaks_nothing(
    kind: InboundKind, lines: list[InboundLine], amounts: dict[str, Decimal]
) -> None:
    told = document_of(kind, *lines, amounts=amounts, warehouse="W1")
    order = order_of(*(replace(item, invoiced=item.ordered) for item in EVERYTHING), shipping="5")
    plans = {
        InboundKind.DELIVERY: lambda: plan_shipment(told, order, POLICY, "mark"),
        InboundKind.INVOICE: lambda: plan_invoice(told, order, POLICY, NOTHING, "mark"),
        InboundKind.CREDIT_MEMO: lambda: plan_refund(told, order, POLICY, NOTHING, "mark", CENT),
        InboundKind.CANCELLATION: lambda: plan_cancellation(told, order, "mark"),
        InboundKind.SHORTAGE: lambda: plan_shortage_refund(told, order, POLICY, NOTHING, "mark"),
    }
    try:
        ask = plans[kind]()
    except InboundError:
        return
    assert all(0 <= one.quantity <= order.items[one.item_id].ordered for one in ask.request.lines)
