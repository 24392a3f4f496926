"""Whatever was sold and given back: lines add up to the subtotal, parts to the grand total, nothing counts twice."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.refund import refund_of
from tests.support.events import creditmemo_payload

SHAPES: dict[str, list[tuple[str, bool, str]]] = {
    "simple": [("simple", False, "both")],
    "configurable": [("configurable", False, "money"), ("simple", True, "stock")],
    "fixed bundle": [("bundle", False, "money"), ("simple", True, "stock"), ("simple", True, "stock")],
    "dynamic bundle": [("bundle", False, "none"), ("simple", True, "both"), ("simple", True, "both")],
}
"""Per kind of product its rows: type, whether it is a child, role."""

amounts = st.decimals(min_value=0, max_value=9999, places=4)
sold = st.lists(st.tuples(st.sampled_from(sorted(SHAPES)), amounts, st.integers(0, 5), st.booleans()), max_size=6)
parts = st.fixed_dictionaries(
    dict.fromkeys(("shipping_amount", "tax_amount", "adjustment_positive", "adjustment_negative", "discount"), amounts)
)


def rows(products: list[tuple[str, Decimal, int, bool]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Decimal]:
    """The credit memo's items, the order's, and the money of those that carry it."""
    items, ordered, subtotal, number = list[dict[str, Any]](), list[dict[str, Any]](), Decimal(0), 0
    for kind, price, count, back in products:
        parent = number + 1
        for product_type, is_child, role in SHAPES[kind]:
            number += 1
            total = price * count if role in ("money", "both") else Decimal(0)
            told = price * count * 2 if role == "none" else total  # a dynamic bundle's parent repeats its children
            subtotal += total
            of_order = {"item_id": number, "product_type": product_type, "sku": f"S{number}"}
            ordered.append(of_order | {"parent_item_id": parent if is_child else None})
            item = {"order_item_id": number, "sku": f"S{number}", "role": role, "back_to_stock": back}
            items.append(item | {"qty": f"{count}.0000", "row_total": f"{told:.4f}"})
    return items, ordered, subtotal


@given(products=sold, money=parts, tender=amounts)
def test_lines_add_up_to_the_subtotal_and_parts_to_the_grand_total(
    products: list[tuple[str, Decimal, int, bool]], money: dict[str, Decimal], tender: Decimal
) -> None:
    items, ordered, subtotal = rows(products)
    given_back = subtotal - money["discount"] + money["shipping_amount"] + money["tax_amount"]
    given_back += money["adjustment_positive"] - money["adjustment_negative"]
    memo = {name: f"{amount:.4f}" for name, amount in money.items() if name != "discount"}
    memo |= {"subtotal": f"{subtotal:.4f}", "discount_amount": f"{-money['discount']:.4f}"}
    memo["grand_total"] = f"{given_back - tender:.4f}"
    extra = {"creditmemo": {"customer_balance_amount": f"{tender:.4f}"}, "items": {}}
    payload = creditmemo_payload(17, 42, memo=memo, items=items, order_items=ordered, extra=extra)

    refund = refund_of(payload)

    assert sum((line.total for line in refund.lines), Decimal(0)) == subtotal == refund.totals["subtotal"]
    assert sum(amount for name, amount in refund.totals.items() if name != "grand_total") == given_back
    assert refund.totals["grand_total"] == given_back
    assert len({line.line_ref for line in refund.lines}) == len(refund.lines)
    assert all(line.restocked in (0, line.quantity) for line in refund.lines)


@given(products=sold, error=st.decimals(min_value=-100, max_value=100, places=2))
def test_a_grand_total_that_is_a_cent_away_is_never_believed(
    products: list[tuple[str, Decimal, int, bool]], error: Decimal
) -> None:
    assume(error)
    items, ordered, subtotal = rows(products)
    memo = {"subtotal": f"{subtotal:.4f}", "grand_total": f"{subtotal + error:.4f}"}

    with pytest.raises(MalformedEvent, match="away from it"):
        refund_of(creditmemo_payload(17, 42, memo=memo, items=items, order_items=ordered))
