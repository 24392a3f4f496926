"""What waits for an entry of the mapping, or for an item of the ERP, names it; and all of it goes once it is there."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import yaml

from sidecar.domain.delivery import MissingEntry
from sidecar.domain.events import DestinationName
from sidecar.engine.named_entries import release_what_is_named
from sidecar.mysql.missing_entries import MissingEntries
from tests.support import patience
from tests.support.daemon import Configured
from tests.support.rig import ERP, Rig, turn_until
from tests.support.sandbox import Sandbox
from tests.support.shop import Shop

MANY = 500
REFUSED_ONCE = {
    "operation": "order.create",
    "nth": 1,
    "count": 1,
    "kind": "reject",
    "code": "CREDIT_BLOCKED",
    "message": "no credit",
}


def parked_for_an_entry(rig: Rig, *orders: int, store: int = 1) -> list[int]:
    """Orders that were paid in a way that the mapping does not know."""
    events = []
    for order in orders:
        events.append(rig.shop.place(order, method="newpay", store=store))
        rig.shop.pay(order)
    return events


def parked(rig: Rig, count: int) -> Callable[[], bool]:
    return lambda: list(rig.states().values()).count("parked") == count


def missing(rig: Rig) -> dict[int, str | None]:
    return dict(rig.shop.rows("SELECT outbox_id, missing FROM erp_v_parked"))


def test_an_order_with_an_unknown_code_is_parked_with_the_entry_to_add(rig: Rig) -> None:
    (event,) = parked_for_an_entry(rig, 42)
    relay = rig.relay()

    turn_until(relay, parked(rig, 1))

    assert missing(rig) == {event: "payment_methods.newpay"}
    ((hint,),) = rig.shop.rows("SELECT hint FROM erp_delivery")
    assert hint == "add code_maps.payment_methods.newpay to the destination's blueprint, then restart the sidecar"
    assert rig.accepted(42) == []


def test_what_waits_for_an_entry_goes_when_the_blueprint_names_it_and_nothing_else_does(rig: Rig) -> None:
    rig.erp.plan(REFUSED_ONCE)
    refused = rig.shop.place(41)
    relay = rig.relay()
    turn_until(relay, parked(rig, 1))
    here, there = parked_for_an_entry(rig, 42), parked_for_an_entry(rig, 43, store=4)
    turn_until(relay, parked(rig, 3))
    store = MissingEntries(rig.session)

    release_what_is_named(store, ERP, {"payment_methods.other": frozenset[int]()}.get, "v2", rig.notes)
    untouched = rig.states()
    release_what_is_named(store, ERP, {"payment_methods.newpay": frozenset({4})}.get, "v3", rig.notes)

    assert set(untouched.values()) == {"parked"}
    assert rig.states() == {refused: "parked", here[0]: "parked", there[0]: "retrying"}
    assert rig.notes.named("mapping.released") == [
        {"destination": "erp", "entry": "payment_methods.newpay", "events": 1}
    ]
    columns = "action, actor, reason, detail, state_before, outbox_id"
    assert rig.shop.rows(f"SELECT {columns} FROM erp_operator_action") == [  # noqa: S608 -- fixed names
        (
            "release",
            "blueprint v3",
            "it names payment_methods.newpay",
            "1 events that waited for payment_methods.newpay",
            "parked",
            None,
        )
    ]


def test_what_is_released_too_early_is_parked_again_with_its_entry(rig: Rig) -> None:
    (event,) = parked_for_an_entry(rig, 42)
    relay = rig.relay()
    turn_until(relay, parked(rig, 1))

    MissingEntries(rig.session).release(ERP, "payment_methods.newpay", (), "ada", "a typing error")
    turn_until(relay, lambda: rig.shop.rows("SELECT attempts FROM erp_delivery") == [(2,)] and parked(rig, 1)())

    assert missing(rig) == {event: "payment_methods.newpay"}


def test_many_that_wait_are_released_a_transaction_at_a_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    parked_for_an_entry(rig, 1, 2, 3, 4, 5)
    relay = rig.relay()
    turn_until(relay, parked(rig, 5))
    monkeypatch.setattr("sidecar.mysql.missing_entries.CHUNK", 2)

    released = MissingEntries(rig.session).release(ERP, "payment_methods.newpay", (), "ada", "added")

    assert released == 5
    assert [detail[:8] for (detail,) in rig.shop.rows("SELECT detail FROM erp_operator_action ORDER BY id")] == [
        "2 events",
        "2 events",
        "1 events",
    ]


@pytest.mark.slow
def test_an_item_that_the_erp_lacks_is_named_and_its_orders_go_once_it_is_there(
    shop: Shop, erp: Sandbox, sidecar: Configured
) -> None:
    assert erp.control("POST", "masterdata", {"unknownItems": ["sku-1"]}).status == 200
    shop.place(42)
    shop.place(43)
    with sidecar.daemon() as daemon:
        wait_until(lambda: shop.rows("SELECT COUNT(*) FROM erp_delivery WHERE state = 'parked'") == [(2,)])
        listed = json.loads(sidecar.run("mapping", "missing", "--json").stdout)
        shown = sidecar.run("mapping", "missing").stdout
        assert erp.control("POST", "masterdata", {"unknownItems": []}).status == 200

        released = sidecar.run("mapping", "release", "skus.sku-1", "--destination", "erp", "--reason", "item created")

        wait_until(lambda: shop.rows("SELECT COUNT(*) FROM erp_document") == [(2,)])
        again = sidecar.run("mapping", "release", "skus.sku-1", "--destination", "erp", "--reason", "twice")
        assert daemon.stop() == 0

    assert [(row["entry"], row["events"], row["to_add"]) for row in listed] == [
        ("skus.sku-1", 2, 'skus: {"sku-1": ...}')
    ]
    assert "erp-sidecar mapping release" in shown
    assert "2 events that waited for skus.sku-1 go to erp" in released.stdout
    assert again.returncode == 1
    assert "no event waits for skus.sku-1 at erp" in again.stderr


@pytest.mark.slow
def test_one_entry_added_lets_five_hundred_orders_go_and_leaves_what_is_parked_for_another_reason(
    shop: Shop, erp: Sandbox, sidecar: Configured
) -> None:
    erp.plan(REFUSED_ONCE)
    blueprint = sidecar.folder / "blueprint.yaml"
    complete = blueprint.read_text(encoding="utf-8")
    values = yaml.safe_load(complete)
    del values["destinations"]["erp"]["code_maps"]["payment_methods"]["checkmo"]
    blueprint.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    refused = shop.place(1, method="free")
    with sidecar.daemon() as daemon:
        wait_until(lambda: shop.rows("SELECT outbox_id FROM erp_delivery WHERE state = 'parked'") == [(refused,)])
        with shop.transaction() as connection:
            placed = [shop.place_in(connection, order) for order in range(2, MANY + 2)]
        edited = shop.update(2, quantity="3.0000")
        waiting = "SELECT COUNT(*), COUNT(DISTINCT missing) FROM erp_delivery WHERE missing IS NOT NULL"
        wait_until(lambda: shop.rows(waiting) == [(MANY, 1)])
        wait_until(lambda: shop.rows("SELECT outbox_id FROM erp_delivery WHERE state = 'held'") == [(edited,)])
        assert daemon.stop() == 0
    blueprint.write_text(complete, encoding="utf-8")

    with sidecar.daemon() as daemon:
        wait_until(lambda: shop.rows("SELECT COUNT(*) FROM erp_document") == [(MANY,)])
        assert daemon.stop() == 0

    assert shop.rows("SELECT outbox_id, state, missing FROM erp_delivery") == [(refused, "parked", None)]
    outcomes = dict(shop.rows("SELECT outbox_id, outcome FROM erp_receipt"))
    assert {outcomes[event] for event in placed} == {"delivered"}
    assert outcomes[edited] == "absorbed"
    assert len(erp.rows("SELECT number FROM orders")) == MANY
    ((actor, detail),) = shop.rows("SELECT actor, detail FROM erp_operator_action")
    assert actor.startswith("blueprint 2026-")
    assert detail == f"{MANY} events that waited for payment_methods.checkmo"


def test_an_entry_that_no_blueprint_can_name_has_no_key() -> None:
    assert MissingEntry("skus", "24-MB01").key == "skus.24-MB01"
    assert MissingEntry("skus", "two\nlines").key == ""
    assert MissingEntry("skus", "x" * 600).key == ""


def wait_until(condition: Callable[[], bool]) -> None:
    patience.wait_until(condition, lambda: "the condition never came true", timedelta(seconds=60))


def test_nothing_waits_at_a_destination_that_is_not_asked_about(rig: Rig) -> None:
    parked_for_an_entry(rig, 42)
    relay = rig.relay()
    turn_until(relay, parked(rig, 1))

    assert MissingEntries(rig.session).awaited([DestinationName("other")], 10) == []
