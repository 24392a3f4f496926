"""Refunds: what is given back of each line, and totals that add up or are not believed."""

from decimal import Decimal
from typing import Any

import pytest

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.refund import Refund, refund_of
from tests.support.event_schemas import check
from tests.support.events import creditmemo_payload

MEMO = {
    "discount_amount": "-2.3800",
    "discount_tax_compensation_amount": "0.3800",
    "shipping_amount": "5.0000",
    "tax_amount": "4.3700",
    "adjustment_positive": "1.5000",
    "adjustment_negative": "0.2500",
    "grand_total": "28.6200",
}


def order_item(item_id: int, product_type: str = "simple", parent: int | None = None, **more: object) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "product_type": product_type,
        "sku": f"sku-{item_id}",
        "tax_percent": "19.0000",
        "parent_item_id": parent,
    } | more


def item(order_item_id: int, role: str = "both", *, back: bool | None = False, **columns: object) -> dict[str, Any]:
    row = {"entity_id": order_item_id + 900, "order_item_id": order_item_id, "sku": f"sku-{order_item_id}"}
    row |= {"qty": "2.0000", "row_total": "20.0000", "tax_amount": "3.8000", "role": role, "back_to_stock": back}
    return row | columns


def memo(*items: dict[str, Any], of: list[dict[str, Any]] | None = None, **changes: object) -> Refund:
    return refund_of(creditmemo_payload(17, 42, items=list(items), order_items=of or [order_item(1)], **changes))


def lines_of(*items: dict[str, Any], of: list[dict[str, Any]]) -> list[tuple[str, str, str, str, str]]:
    """Reference, SKU, quantity, total and what came back of each line."""
    return [
        (line.line_ref, line.sku, str(line.quantity), str(line.total), str(line.restocked))
        for line in memo(*items, of=of).lines
    ]


def test_the_totals_add_up_with_adjustments_shipping_and_the_net_discount() -> None:
    refund = memo(item(1), memo=MEMO)

    assert {name: str(amount) for name, amount in refund.totals.items()} == {
        "subtotal": "20.0000",
        "discount": "-2.0000",
        "shipping": "5.0000",
        "tax": "4.3700",
        "adjustment": "1.2500",
        "grand_total": "28.6200",
    }
    parts = [amount for name, amount in refund.totals.items() if name != "grand_total"]
    assert sum(parts) == refund.totals["grand_total"]


def test_a_grand_total_that_is_not_the_sum_of_its_parts_is_malformed_and_says_by_how_much() -> None:
    with pytest.raises(MalformedEvent, match=r"1\.0000 away"):
        memo(item(1), memo=MEMO | {"grand_total": "29.6200"})


def test_the_tax_in_the_shipping_discount_is_not_counted_twice() -> None:
    refund = memo(item(1), memo=MEMO | {"shipping_discount_tax_compensation_amount": "0.1000"})

    assert refund.totals["discount"] == Decimal("-2.0000")


def test_what_went_back_to_a_gift_card_is_a_payment_and_no_discount() -> None:
    paid_back = MEMO | {"grand_total": "18.6200"}
    refund = memo(item(1), memo=paid_back, extra={"creditmemo": {"gift_cards_amount": "10.0000"}, "items": {}})

    assert refund.totals["grand_total"] == Decimal("28.6200")
    assert refund.totals["discount"] == Decimal("-2.0000")
    assert refund.tenders == {"gift_card": Decimal("10.0000")}


def test_a_refund_of_shipping_or_of_an_adjustment_alone_has_no_lines() -> None:
    empty = {"subtotal": "0.0000", "adjustment_positive": "3.0000", "grand_total": "3.0000"}

    refund = memo(memo=empty)

    assert refund.lines == ()
    assert refund.totals["adjustment"] == refund.totals["grand_total"] == Decimal("3.0000")


def test_an_item_of_which_nothing_is_given_back_is_left_out() -> None:
    nothing = item(2, qty="0.0000", row_total="0.0000", tax_amount="0.0000")

    assert lines_of(item(1), nothing, of=[order_item(1), order_item(2)]) == [("1", "sku-1", "2.0000", "20.0000", "0")]


def test_a_configurable_and_its_simple_are_one_line_with_the_parents_money_and_the_childs_stock() -> None:
    of = [order_item(1, "configurable"), order_item(2, "simple", 1)]
    parent, child = item(1, "money"), item(2, "stock", back=True, row_total=None, tax_amount=None)

    assert lines_of(parent, child, of=of) == [("1", "sku-2", "2.0000", "20.0000", "2.0000")]


def test_a_fixed_bundle_gives_money_back_on_the_parent_and_stock_on_the_children() -> None:
    of = [order_item(1, "bundle"), order_item(2, "simple", 1), order_item(3, "simple", 1)]
    parent = item(1, "money", back=True, qty="1.0000")
    children = [item(number, "stock", row_total=None, tax_amount=None) for number in (2, 3)]

    assert lines_of(parent, *children, of=of) == [
        ("1", "sku-1", "1.0000", "20.0000", "0"),
        ("2", "sku-2", "2.0000", "0", "2.0000"),
        ("3", "sku-3", "2.0000", "0", "2.0000"),
    ]


def test_a_dynamic_bundles_parent_repeats_its_children_and_is_left_out() -> None:
    of = [order_item(1, "bundle"), order_item(2, "simple", 1)]

    assert lines_of(item(1, "none"), item(2), of=of) == [("2", "sku-2", "2.0000", "20.0000", "0")]


@pytest.mark.parametrize(
    ("transaction", "refunded", "online", "says"),
    [
        ("R-1", "28.6200", "0.0000", True),
        (None, "28.6200", None, False),
        (None, "28.6200", "28.6200", True),
        (None, "40.0000", "28.6200", False),
        (None, None, None, False),
    ],
    ids=["named by the gateway", "by hand", "all refunds by the gateway", "mixed and unnamed", "nothing is told"],
)
def test_a_refund_is_online_only_where_the_payload_says_so(
    transaction: str | None, refunded: str | None, online: str | None, *, says: bool
) -> None:
    payment = {"method": "card", "base_amount_refunded": refunded, "base_amount_refunded_online": online}

    refund = memo(item(1), memo=MEMO | {"transaction_id": transaction}, payment=payment)

    assert (refund.online, refund.payment_method) == (says, "card")


def test_what_every_save_changes_changes_no_hash_and_an_amount_does() -> None:
    first = memo(item(1), memo=MEMO)

    again = memo(item(1, updated_at="later"), memo=MEMO | {"updated_at": "later"}, event_id="another")
    other = memo(item(1, qty="1.0000"), memo=MEMO)

    assert first.content_sha256 == again.content_sha256 != other.content_sha256


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"creditmemo": None}, "creditmemo"),
        ({"memo": {"entity_id": "17"}}, "creditmemo.entity_id"),
        ({"memo": {"increment_id": None}}, "creditmemo.increment_id"),
        ({"memo": {"grand_total": 20.0}}, "creditmemo.grand_total"),
        ({"order": {"entity_id": None, "increment_id": "1", "store_id": 1}}, "order.entity_id"),
        ({"items": None}, "items"),
        ({"items": [item(1, "all")]}, "items[0].role"),
        ({"items": [item(9)]}, "items[0].order_item_id"),
        ({"items": [item(1) | {"order_item_id": [1]}]}, "items[0].order_item_id"),
        ({"items": [item(1, qty=2)]}, "items[0].qty"),
        ({"order_items": [order_item(1) | {"item_id": None}]}, "order_items[0].item_id"),
        ({"extra": {"creditmemo": {"gift_cards_amount": 5}}}, "extra.creditmemo.gift_cards_amount"),
    ],
)
def test_the_first_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedEvent) as caught:
        refund_of(creditmemo_payload(17, 42, **({"items": [item(1)], "order_items": [order_item(1)]} | changes)))

    assert f"payload field {field} is" in str(caught.value)


def test_the_credit_memo_of_these_tests_keeps_the_contract() -> None:
    check(creditmemo_payload(17, 42), "CreditmemoCreated.v1.json")
