"""Orders: one money role and one stock role per line, and nothing counted twice."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.order import DEEPEST, content_hash, lines_of, order_of, parse_payload, role_of, totals_of

ORDER = {
    "entity_id": 42,
    "increment_id": "000000042",
    "store_id": 1,
    "state": "new",
    "status": "pending",
    "order_currency_code": "EUR",
    "created_at": "2026-11-23 10:00:00",
    "shipping_method": "flatrate_flatrate",
    "subtotal": "20.0000",
    "discount_amount": "-2.3800",
    "discount_tax_compensation_amount": "0.3800",
    "shipping_amount": "5.0000",
    "tax_amount": "4.3700",
    "grand_total": "27.3700",
}


def item(item_id: int, **columns: object) -> dict[str, Any]:
    row = {"item_id": item_id, "sku": f"sku-{item_id}", "name": "Thing", "product_type": "simple", "role": "both"}
    row |= {"qty_ordered": "2.0000", "price": "10.0000", "row_total": "20.0000", "tax_amount": "4.3700"}
    return row | columns


def payload(**changes: object) -> dict[str, Any]:
    return {"event_id": "e", "type": "OrderPlaced", "order": ORDER, "items": [item(1)], "payment": {"method": "x"}} | (
        changes
    )


def test_a_configurable_and_its_simple_are_one_line_with_the_parent_s_money_and_the_child_s_sku() -> None:
    parent = item(1, product_type="configurable", role="money", sku="parent-sku")
    child = item(2, parent_item_id=1, role="stock", sku="child-sku", price="0.0000", row_total="0.0000")

    (line,) = lines_of([parent, child])

    assert (line.line_ref, line.sku, line.role, line.total) == ("1", "child-sku", "both", Decimal("20.0000"))


def test_a_fixed_bundle_has_a_money_line_and_stock_lines_that_cost_nothing() -> None:
    parent = item(1, product_type="bundle", role="money")
    child = item(2, parent_item_id=1, role="stock")

    money, stock = lines_of([parent, child])

    assert (money.role, money.total) == ("money", Decimal("20.0000"))
    assert (stock.role, stock.total, stock.quantity) == ("stock", Decimal(0), Decimal("2.0000"))


def test_a_dynamic_bundle_s_parent_repeats_a_sum_and_makes_no_line() -> None:
    parent = item(1, product_type="bundle", role="none")
    children = [item(2, parent_item_id=1, row_total="12.0000"), item(3, parent_item_id=1, row_total="8.0000")]

    lines = lines_of([parent, *children])

    assert sum(line.total for line in lines) == Decimal("20.0000")


@pytest.mark.parametrize(
    ("row", "parent", "role"),
    [
        ({"product_type": "simple"}, None, "both"),
        ({"product_type": "virtual"}, None, "both"),
        ({"product_type": "grouped"}, None, "both"),
        ({"product_type": "configurable"}, None, "money"),
        ({"product_type": "simple"}, {"product_type": "configurable"}, "stock"),
        ({"product_type": "bundle", "product_options": {"product_calculations": 0}}, None, "none"),
        ({"product_type": "bundle", "product_options": '{"product_calculations":"1"}'}, None, "money"),
        (
            {"product_type": "simple"},
            {"product_type": "bundle", "product_options": {"product_calculations": 0}},
            "both",
        ),
        (
            {"product_type": "simple"},
            {"product_type": "bundle", "product_options": {"product_calculations": 1}},
            "stock",
        ),
    ],
)
def test_a_row_s_role_follows_from_its_type_and_its_parent(
    row: dict[str, Any], parent: dict[str, Any] | None, role: str
) -> None:
    assert role_of(row, parent) == role


def test_the_net_discount_makes_the_totals_add_up_in_a_tax_inclusive_catalogue() -> None:
    totals = totals_of(ORDER)

    assert totals["discount"] == Decimal("-2.0000")
    assert totals["grand_total"] == sum(totals[name] for name in ("subtotal", "discount", "shipping", "tax"))


def test_a_save_that_changed_nothing_has_the_same_hash() -> None:
    noisy = payload(
        event_id="other", type="OrderUpdated", status_history=[{"comment": "x"}], occurred_at="later", origin="cron"
    )
    noisy["order"] = ORDER | {"updated_at": "2026-11-24 00:00:00", "ext_order_id": "SO-1"}

    assert content_hash(noisy) == content_hash(payload())


def test_a_changed_quantity_has_another_hash() -> None:
    assert content_hash(payload(items=[item(1, qty_ordered="3.0000")])) != content_hash(payload())


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"', "{'a': 1}"])
def test_a_payload_that_is_no_json_object_is_malformed_with_a_hint(text: str) -> None:
    with pytest.raises(MalformedEvent) as caught:
        parse_payload(text)
    assert caught.value.hint


def test_a_payload_that_magento_could_not_build_says_why() -> None:
    with pytest.raises(MalformedEvent, match="float"):
        parse_payload(json.dumps({"payload_error": "float in qty_ordered"}))


def test_a_payload_that_nests_without_end_is_malformed_with_a_hint() -> None:
    for depth in (DEEPEST, 900, 100_000):
        with pytest.raises(MalformedEvent, match=f"deeper than {DEEPEST}") as caught:
            parse_payload('{"error":' + "[" * depth + "]" * depth + "}")
        assert caught.value.hint


def test_a_payload_that_nests_as_a_basket_does_is_read() -> None:
    assert parse_payload('{"a":' + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1) + "}")


@pytest.mark.parametrize("text", ['{"name":"\\ud83d"}', '{"\\uDE00":1}', '{"rows":[{"name":"\\ude00\\ud83d"}]}'])
def test_a_payload_with_half_a_character_is_malformed_with_a_hint(text: str) -> None:
    with pytest.raises(MalformedEvent, match="surrogate") as caught:
        parse_payload(text)
    assert caught.value.hint


def test_a_character_that_is_written_as_a_pair_is_whole() -> None:
    assert parse_payload('{"name":"\\ud83d\\ude00"}') == {"name": "\U0001f600"}


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@given(st.dictionaries(st.text().filter(lambda name: name not in ("erased", "payload_error")), JSON, min_size=1))
def test_a_payload_means_the_same_however_its_characters_are_written(payload: dict[str, object]) -> None:
    escaped, spaced = json.dumps(payload), f" {json.dumps(payload, ensure_ascii=False, indent=1)}\n"

    assert parse_payload(json.dumps(payload, ensure_ascii=False)) == payload
    assert parse_payload(escaped) == parse_payload(spaced) == payload


def test_what_cannot_be_hashed_is_malformed() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for broken in (payload(extra=deep), payload(items=5), payload(extra={1: "a", "b": "c"})):
        with pytest.raises(MalformedEvent, match="cannot be hashed"):
            content_hash(broken)


@pytest.mark.parametrize("options", ['a:1:{s:4:"info";}', "[1]", '"text"', "[" * 100_000, 7])
def test_a_bundle_whose_options_cannot_be_read_is_malformed_and_not_guessed(options: object) -> None:
    with pytest.raises(MalformedEvent, match="product_options"):
        role_of({"product_type": "bundle", "product_options": options}, None)


def test_a_bundle_with_an_empty_list_of_options_has_a_fixed_price() -> None:
    assert role_of({"product_type": "bundle", "product_options": "[]"}, None) == "money"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"order": None}, "order"),
        ({"order": ORDER | {"entity_id": "42"}}, "order.entity_id"),
        ({"order": ORDER | {"grand_total": 27.37}}, "order.grand_total"),
        ({"order": ORDER | {"increment_id": None}}, "order.increment_id"),
        ({"items": []}, "items"),
        ({"items": [item(1, role="all")]}, "items[0].role"),
        ({"items": [item(1, row_total="1e3")]}, "items[0].row_total"),
        ({"items": [item(1, sku=None)]}, "items[0].sku"),
        ({"items": [item(1) | {"item_id": [1]}]}, "items[0].item_id"),
        ({"items": [item(1) | {"item_id": {"id": 1}}]}, "items[0].item_id"),
        ({"items": [item(1) | {"item_id": None}]}, "items[0].item_id"),
        ({"items": [item(1), item(2, parent_item_id=[1])]}, "items[1].parent_item_id"),
        ({"items": [item(1), item(2, parent_item_id={})]}, "items[1].parent_item_id"),
        ({"items": [item(1, name=["Thing"])]}, "items[0].name"),
        ({"items": [item(1, role=[])]}, "items[0].role"),
        ({"items": [item(1, product_type={}, row_total=[])]}, "items[0].row_total"),
        ({"order": ORDER | {"status": {}}}, "order.status"),
        ({"order": ORDER | {"shipping_method": 5}}, "order.shipping_method"),
        ({"payment": {}}, "payment.method"),
    ],
)
def test_the_first_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedEvent) as caught:
        order_of(payload(**changes))
    assert f"payload field {field} is" in str(caught.value)
