"""Parts of a blueprint that are well formed, and must not be said together."""

from copy import deepcopy
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.blueprint import load_blueprint
from sidecar.blueprint.checks import TYPES_OF, never_reached
from sidecar.blueprint.document import ReleasePart
from sidecar.domain.events import EventType
from tests.support.blueprints import (
    ORDERS,
    Change,
    Values,
    add_destination,
    add_receiver,
    erp,
    orders,
    problems_after,
)


def _shipments_under_two_names(values: Values) -> None:
    add_receiver(values, "wms", ["ShipmentCreated"], base_url="https://erp.example.com/api")
    values["domains"]["shipments"] = deepcopy(ORDERS)


def _echoes_of_one_of_two(values: Values) -> None:
    erp(values)["stores"] = [1]
    other: Values = {"acknowledges": False, "lifecycle": {}, "echoes": None}
    add_destination(values, "second", base_url="https://two.example.com", **other)


def _refunds_without_orders(values: Values) -> None:
    erp(values)["takes"] = ["CreditmemoCreated"]
    erp(values).update(release=[], lifecycle={}, stock=None)
    values["domains"] = {"refunds": deepcopy(ORDERS)}


def _refunds_in_both_directions(values: Values) -> None:
    erp(values)["takes"].append("CreditmemoCreated")
    erp(values)["inbound"] = {"takes": ["credit_memos"], "refunds": "erp"}
    erp(values)["stock"]["reasons"] = ["manual"]
    values["domains"]["refunds"] = deepcopy(ORDERS)


CONTRADICTIONS: list[tuple[str, Change, str]] = [
    (
        "two authorities in one entry",
        lambda v: orders(v).update(authority=["magento", "erp"]),
        (
            "domains.orders.authority: found 2 authorities (magento, erp), "
            "allowed: one name: of two authorities nobody knows which is right"
        ),
    ),
    (
        "an authority that is nobody",
        lambda v: orders(v).update(authority="sap"),
        "domains.orders.authority: found 'sap', allowed: magento, erp",
    ),
    (
        "a modifier that is nobody",
        lambda v: orders(v).update(modifiers=["magento", "sap"]),
        "domains.orders.modifiers[1]: found 'sap', allowed: magento, erp",
    ),
    (
        "a destination that claims what the domain gives to another",
        lambda v: erp(v).update(authority_for=["orders"]),
        (
            "destinations.erp.authority_for: found orders, whose authority domains.orders gives to magento, "
            "allowed: one authority for each domain"
        ),
    ),
    (
        "a claim without an entry",
        lambda v: erp(v).update(authority_for=["prices"]),
        (
            "destinations.erp.authority_for: found prices without an entry, "
            "allowed: an entry domains.prices with authority erp"
        ),
    ),
    (
        "a second destination that acknowledges orders",
        lambda v: add_destination(v, "crm", base_url="https://crm.example.com"),
        (
            "destinations.crm.acknowledges: found true, as in destinations.erp, "
            "allowed: false in all but one: an order in Magento carries one ERP number (ext_order_id)"
        ),
    ),
    (
        "orders to one ERP under two names",
        lambda v: add_destination(v, "crm", acknowledges=False, lifecycle={}),
        (
            "destinations.crm.takes: found orders, which destinations.erp (the same ERP) takes already, "
            "allowed: one of the two: the ERP would get each order twice"
        ),
    ),
    (
        "a second destination that does not say where it begins",
        lambda v: add_destination(
            v,
            "wms",
            takes=["InventoryAdjusted"],
            release=[],
            lifecycle={},
            base_url="https://wms.example.com",
            start=None,
        ),
        (
            "destinations.wms.start: found nothing, allowed: now, beginning, a date (from 00:00 UTC) or an instant "
            "such as 2026-11-01T08:00:00+01:00, as there are several destinations"
        ),
    ),
    (
        "a lifecycle that nobody acknowledges",
        lambda v: erp(v).update(acknowledges=False),
        (
            "destinations.erp.lifecycle: found a table that is never used, "
            "allowed: none, as the destination does not acknowledge orders"
        ),
    ),
    (
        "a lifecycle of an ERP that takes no orders",
        lambda v: add_destination(
            v, "wms", takes=["InventoryAdjusted"], release=[], base_url="https://wms.example.com"
        ),
        (
            "destinations.wms.lifecycle: found a table that is never used, "
            "allowed: none, as the destination does not acknowledge orders"
        ),
    ),
    (
        "orders and reservations to one ERP",
        lambda v: add_receiver(v, "wms", ["InventoryReserved"], base_url="https://ERP.example.com:443/api/"),
        (
            "destinations.wms.takes: found InventoryReserved while destinations.erp (the same ERP) takes OrderPlaced, "
            "allowed: one of the two: the ERP would count the same demand twice"
        ),
    ),
    (
        "a document of which the adapter makes nothing",
        lambda v: erp(v)["takes"].append("InvoiceCreated") or v["domains"].update(invoices=deepcopy(ORDERS)),
        (
            "destinations.erp.takes: found InvoiceCreated, of which kind legacy makes no document, allowed: "
            "CreditmemoCreated, CustomerSaved, InventoryAdjusted, InventoryReserved, OrderCancelled, OrderPlaced, "
            "OrderUpdated; name InvoiceCreated in a destination of kind cloudevents, cloudevents_batch"
        ),
    ),
    (
        "refunds of orders that the ERP is not sent",
        _refunds_without_orders,
        (
            "destinations.erp.takes: found CreditmemoCreated without OrderPlaced, "
            "allowed: both: a refund names the order that the ERP has"
        ),
    ),
    (
        "refunds that the ERP is told of and tells",
        _refunds_in_both_directions,
        (
            "destinations.erp.inbound.takes: found credit_memos, although the destination takes CreditmemoCreated, "
            "allowed: one of the two: a refund that the ERP was told of would come back as one of its own"
        ),
    ),
    (
        "documents of a domain that nobody answers for",
        lambda v: add_receiver(v, "hub", ["InvoiceCreated", "InvoiceUpdated"]),
        (
            "domains.invoices: found nothing, allowed: an entry with its owners, "
            "as destinations.hub takes InvoiceCreated, InvoiceUpdated"
        ),
    ),
    (
        "shipments and the deltas that say the same, to one ERP under two names",
        _shipments_under_two_names,
        (
            "destinations.erp.stock.reasons: found 'shipment' although destinations.wms (the same ERP) takes "
            "ShipmentCreated, allowed: one of the two: the ERP would book the same shipment twice"
        ),
    ),
    (
        "a second ERP, and nobody says whose changes are echoes",
        _echoes_of_one_of_two,
        (
            "destinations.second.echoes: found nothing, allowed: withheld, sent: "
            "of several ERPs the origin erp does not tell which one caused a change"
        ),
    ),
    (
        "an order taker without rules",
        lambda v: erp(v).update(release=[]),
        "destinations.erp.release: found no rule, allowed: at least one rule, or no order is ever sent",
    ),
    (
        "rules without orders",
        lambda v: erp(v).update(takes=["InventoryAdjusted"], lifecycle={}),
        "destinations.erp.release: found rules that can never match, allowed: none, as the destination takes no orders",
    ),
    (
        "a look at duplicates without orders",
        lambda v: add_destination(
            v,
            "wms",
            takes=["InventoryAdjusted"],
            release=[],
            lifecycle=None,
            duplicates={"window": "5m"},
            base_url="https://wms.example.com",
        ),
        (
            "destinations.wms.duplicates: found a table that is never used, "
            "allowed: none, as the destination takes no orders"
        ),
    ),
    (
        "a rule behind one that takes everything",
        lambda v: erp(v)["release"].append({"methods": ["paypal_*"], "when": "authorized"}),
        (
            "destinations.erp.release[2].methods: found a rule that can never match (paypal_*), "
            "allowed: a method that no rule before it covers"
        ),
    ),
    (
        "a deadline before the end of settling",
        lambda v: erp(v)["release"][1].update(settle="2h", deadline="1h"),
        (
            "destinations.erp.release[1].deadline: found a deadline of 1:00:00 that ends before the order has settled "
            "(2:00:00), allowed: more than settle"
        ),
    ),
    (
        "deltas without a stock table",
        lambda v: erp(v).pop("stock"),
        (
            "destinations.erp.stock: found nothing, "
            "allowed: a table with reasons and warehouses, as the destination takes deltas"
        ),
    ),
    (
        "a stock table without deltas",
        lambda v: erp(v).update(takes=["OrderPlaced"]),
        "destinations.erp.stock: found a table that is never used, allowed: none, or InventoryAdjusted in takes",
    ),
    (
        "a flow that nobody answers for",
        lambda v: v["domains"].pop("stock"),
        "domains.stock: found nothing, allowed: an entry with its owners, as destinations.erp takes InventoryAdjusted",
    ),
    (
        "a flow against the agreed direction",
        lambda v: orders(v).update(direction="erp_to_magento"),
        (
            "domains.orders.direction: found 'erp_to_magento' while destinations.erp takes OrderPlaced, "
            "allowed: magento_to_erp, both"
        ),
    ),
    (
        "quiet hours without an end",
        lambda v: erp(v).update(
            governor={"quiet_hours": {"time_zone": "UTC", "ranges": [{"begin": "06:00", "end": "06:00"}]}}
        ),
        (
            "destinations.erp.governor.quiet_hours.ranges: found the whole week, "
            "allowed: some time in which calls may begin"
        ),
    ),
    (
        "a ceiling below the first wait",
        lambda v: erp(v).update(retry={"first": "1h"}),
        "destinations.erp.retry.ceiling: found less than the first wait (1:00:00), allowed: at least that",
    ),
]


@pytest.mark.parametrize(
    ("change", "line"), [case[1:] for case in CONTRADICTIONS], ids=[case[0] for case in CONTRADICTIONS]
)
def test_parts_that_contradict_each_other_are_refused(change: Change, line: str, tmp_path: Path) -> None:
    assert problems_after(change, tmp_path) == [line]


def test_two_destinations_that_claim_one_domain_are_refused(tmp_path: Path) -> None:
    def change(values: Values) -> None:
        values["domains"]["orders"]["authority"] = "erp"
        erp(values)["authority_for"] = ["orders"]
        stock_only: Values = {"takes": ["InventoryAdjusted"], "release": [], "base_url": "https://wms.example.com"}
        stock_only["lifecycle"] = {}
        add_destination(values, "wms", authority_for=["orders"], **stock_only)

    assert problems_after(change, tmp_path) == [
        (
            "destinations.wms.authority_for: found orders, which destinations.erp claims too, "
            "allowed: one authority for each domain"
        )
    ]


def test_two_destinations_in_one_erp_may_share_the_orders_store_by_store(tmp_path: Path) -> None:
    def change(values: Values) -> None:
        erp(values)["stores"] = [1, 2]
        add_destination(values, "second", stores=[3], acknowledges=False, lifecycle={})

    assert problems_after(change, tmp_path) == []


def test_every_event_type_belongs_to_one_domain() -> None:
    assert sorted(kind for types in TYPES_OF.values() for kind in types) == sorted(EventType)


def test_a_receiver_of_events_may_take_every_type_and_gets_echoes_unless_it_says_otherwise(tmp_path: Path) -> None:
    def change(values: Values) -> None:
        add_receiver(values, "hub", [str(kind) for kind in EventType])
        values["domains"] = {str(domain): deepcopy(ORDERS) for domain in TYPES_OF}
        values["exports"] = {"products": ["sku", "price", "tier_price"]}

    assert problems_after(change, tmp_path) == []
    blueprint = load_blueprint(tmp_path / "blueprint.yaml")
    assert blueprint.exported_products == ("sku", "price", "tier_price")
    withheld = {name: blueprint.policy(name).withholds_echoes for name in blueprint.destinations}
    assert withheld == {"erp": True, "hub": False}


@pytest.mark.parametrize(("document", "reason"), [("ShipmentCreated", "shipment"), ("CreditmemoCreated", "refund")])
def test_a_document_and_the_deltas_that_say_the_same_are_refused_together(
    document: str, reason: str, tmp_path: Path
) -> None:
    def change(values: Values) -> None:
        erp(values)["takes"].append(document)
        erp(values)["stock"]["reasons"] = [reason]

    assert (
        f"destinations.erp.stock.reasons: found '{reason}' although the destination takes {document}, "
        f"allowed: one of the two: the ERP would book the same {reason} twice"
    ) in problems_after(change, tmp_path)


PATTERNS = st.text(alphabet="ab*", min_size=1, max_size=4)
METHODS = st.text(alphabet="ab", max_size=6)


@given(st.lists(PATTERNS, min_size=1, max_size=3), PATTERNS, METHODS)
def test_a_rule_that_is_refused_as_unreachable_is_reached_by_no_method(
    before: list[str], pattern: str, method: str
) -> None:
    first = ReleasePart(methods=tuple(before), when="paid")
    second = ReleasePart(methods=(pattern,), when="placed")

    reached = fnmatchcase(method, pattern) and not any(fnmatchcase(method, other) for other in before)

    assert not (reached and never_reached(second, (first,)))


@given(st.lists(PATTERNS, min_size=1, max_size=3), PATTERNS)
def test_a_rule_that_is_let_through_is_reached_by_some_method(before: list[str], pattern: str) -> None:
    first = ReleasePart(methods=tuple(before), when="paid")
    second = ReleasePart(methods=(pattern,), when="placed")

    witness = pattern.replace("*", "z")

    assert never_reached(second, (first,)) or not any(fnmatchcase(witness, other) for other in before)


@pytest.mark.parametrize(
    ("takes", "exports", "problem"),
    [
        (["ProductUpdated"], None, "exports.products: found nothing, although catalog takes ProductUpdated"),
        (["ProductDeleted"], {"products": ["sku"]}, "exports.products: found a list that nobody is told by"),
        (["ProductUpdated"], {"products": ["sku", "price", "sku"]}, "exports.products: found sku twice"),
    ],
)
def test_products_are_told_by_the_attributes_that_the_blueprint_names(
    takes: list[str], exports: Values | None, problem: str, tmp_path: Path
) -> None:
    def change(values: Values) -> None:
        add_receiver(values, "catalog", takes)
        values["domains"]["products"] = deepcopy(ORDERS)
        if exports is not None:
            values["exports"] = exports

    (line,) = problems_after(change, tmp_path)

    assert line.startswith(problem)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (
            {"intents": {"drop_ship": {"skus": {"prefix": "DS-"}}, "pre_order": {"skus": ["DS-1"]}}},
            "intents.pre_order.skus: found SKUs that intents.drop_ship has too, allowed: one intent for each SKU",
        ),
        ({"intents": {"drop_ship": {}}}, "intents.drop_ship: found an intent of every line, allowed: at least one of"),
        (
            {"allocation": {"owner": "magento", "pickup": {"shop-1": "S1"}}},
            "allocation: found no warehouse, although the ERP shall be bound by one, allowed: websites or stores",
        ),
        (
            {"allocation": {"owner": "erp"}},
            "allocation: found nothing that the ERP would be told, allowed: websites, stores or pickup",
        ),
    ],
)
def test_how_orders_are_served_is_said_once_and_to_some_end(said: Values, problem: str, tmp_path: Path) -> None:
    (line,) = problems_after(lambda v: erp(v).update(said), tmp_path)

    assert line.startswith(f"destinations.erp.{problem}")


def test_how_orders_are_served_is_nobodys_business_where_no_orders_go(tmp_path: Path) -> None:
    def change(values: Values) -> None:
        erp(values).update(takes=["InventoryAdjusted"], release=[], lifecycle={}, allocation={"owner": "erp"})
        erp(values)["allocation"]["websites"] = {"base": "W1"}

    (line, *_) = problems_after(change, tmp_path)

    assert line.startswith("destinations.erp.allocation: found a table that is never used")
