"""How the lines of an order are served: what the blueprint says of SKUs, what Magento says of the order."""

from decimal import Decimal
from typing import Any

import pytest

from erp_adapters.conformance.documents import order_reference, payload, put
from erp_adapters.mapping import Expression, Fulfilment, IntentRule, MappingError, canonical_order
from sidecar.domain.intents import Allocation, AllocationOwner, Intent
from sidecar.domain.order import order_of
from sidecar.domain.special_cases import Skus

SKUS = ("DS-1", "PRE-1")
BY_SKU = {
    Intent.DROP_SHIP: IntentRule(Skus(prefix="DS-")),
    Intent.PRE_ORDER: IntentRule(Skus(prefix="PRE-"), Expression.parse("product_options.release")),
}
CONTEXT = Allocation(AllocationOwner.ERP, {"base": "W1"}, {4: "W4"}, {"shop-1": "S1"})
BINDING = Allocation(AllocationOwner.MAGENTO, {"base": "W1"}, {4: "W4"}, {"shop-1": "S1"})


def lines(document: dict[str, Any], rules: Fulfilment) -> list[tuple[str, str, str, bool]]:
    told = canonical_order(order_of(document), order_reference("M1-42"), {}, rules)["lines"]
    names = ("intent", "backordered", "warehouse", "warehouse_is_binding")
    return [tuple(line[name] for name in names) for line in told]


def of_website(code: str, store: int = 1, method: str = "flatrate_flatrate") -> dict[str, Any]:
    return {**payload(SKUS, store_id=store, shipping_method=method), "store": {"website_code": code}}


def test_a_line_is_served_from_stock_unless_somebody_says_otherwise() -> None:
    backordered = put(payload(SKUS), "items.0.qty_backordered", "1.0000")

    assert lines(backordered, Fulfilment()) == [("backorder", "1.0000", "", False), ("stock", "", "", False)]


def test_the_blueprint_tells_what_is_drop_shipped_or_pre_ordered_by_sku_and_by_the_items_row() -> None:
    released = put(payload(SKUS), "items.1.product_options", {"release": "2027-01-15"})

    rules = Fulfilment(BY_SKU)

    assert [line[0] for line in lines(payload(SKUS), rules)] == ["drop_ship", "stock"]
    assert [line[0] for line in lines(released, rules)] == ["drop_ship", "pre_order"]


def test_the_store_view_stands_before_the_website_and_the_owner_says_whether_it_binds() -> None:
    assert lines(of_website("base"), Fulfilment(allocation=CONTEXT))[0] == ("stock", "", "W1", False)
    assert lines(of_website("base", 4), Fulfilment(allocation=BINDING))[0] == ("stock", "", "W4", True)


def test_lines_that_no_warehouse_has_name_none_even_where_magento_decides() -> None:
    assert lines(of_website("base"), Fulfilment(BY_SKU, BINDING)) == [
        ("drop_ship", "", "", False),
        ("stock", "", "W1", True),
    ]


def test_a_website_without_a_warehouse_is_no_context_where_the_erp_decides_and_a_refusal_where_magento_does() -> None:
    assert lines(of_website("other"), Fulfilment(allocation=CONTEXT))[0][2] == ""
    with pytest.raises(MappingError, match=r"'other' has no warehouse in allocation\.websites") as refused:
        lines(of_website("other"), Fulfilment(allocation=BINDING))
    assert "add allocation.websites.other" in refused.value.hint


def test_an_order_that_is_collected_names_the_place_and_is_refused_where_that_is_unknown() -> None:
    collected = of_website("base", method="instore_pickup")
    there = {**collected, "extra": {"order": {"pickup_location_code": "shop-1"}}}

    told = canonical_order(order_of(there), order_reference("M1-42"), {}, Fulfilment(BY_SKU, CONTEXT))

    assert (told["order"]["pickup_location"], told["order"]["pickup_warehouse"]) == ("shop-1", "S1")
    assert [(line["intent"], line["warehouse"]) for line in told["lines"]] == [("drop_ship", ""), ("pickup", "S1")]
    for without in (collected, {**collected, "extra": {"order": []}}):
        assert [line[0] for line in lines(without, Fulfilment())] == ["pickup", "pickup"]
        with pytest.raises(MappingError, match="does not tell where"):
            lines(without, Fulfilment(allocation=CONTEXT))


def test_what_a_configurable_lacks_is_noted_at_either_of_its_rows_and_is_never_more_than_was_ordered() -> None:
    document = payload(SKUS)
    parent = {**document["items"][0], "product_type": "configurable", "role": "money"}
    child = {**document["items"][1], "parent_item_id": 881, "role": "stock", "qty_backordered": "9.0000"}

    (line,) = order_of({**document, "items": [parent, child]}).lines

    assert (line.role, line.quantity, line.backordered) == ("both", Decimal(2), Decimal(2))
