"""Two orders of one cart that are one purchase wait for a person; orders of one cart that are meant do not."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.domain.errors import NotPossible
from sidecar.domain.policy import QuarantinePolicy
from sidecar.domain.release import QUARANTINED, ReleaseRule
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.operator_store import OperatorStore
from tests.support.carts import order_cart
from tests.support.daemon import configure
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

CARD = "card"


def held(rig: Rig) -> dict[int, str]:
    """Why each waiting event waits."""
    return dict(rig.shop.rows("SELECT outbox_id, reason FROM erp_delivery WHERE state = 'waiting'"))


def findings(rig: Rig) -> list[tuple[str, str, str, str]]:
    """Every finding: kind, both orders, state."""
    return rig.shop.rows("SELECT kind, subject, path, state FROM erp_finding ORDER BY id")


PAIR = ("duplicate_order", "order:42", "order:43")


def test_two_orders_of_one_cart_wait_for_a_person_before_either_is_sent(rig: Rig) -> None:
    first, second = order_cart(rig.shop, 42), order_cart(rig.shop, 43)
    other = rig.shop.place(50)

    turn_until(rig.relay(), lambda: other in rig.receipts_by_event() and len(held(rig)) == 2)

    assert held(rig) == {
        first: "quarantined as the same purchase as 000000043 (not sent)",
        second: "quarantined as the same purchase as 000000042 (not sent)",
    }
    assert findings(rig) == [(*PAIR, "open")]
    assert rig.accepted(42) == rig.accepted(43) == []


def test_the_second_order_waits_when_the_first_was_sent_before_it_came(rig: Rig) -> None:
    first = order_cart(rig.shop, 42)
    relay = rig.relay()
    turn_until(relay, lambda: first in rig.receipts_by_event())
    (document,) = rig.accepted(42)

    second = order_cart(rig.shop, 43)
    turn_until(relay, lambda: second in held(rig))

    assert held(rig)[second] == f"quarantined as the same purchase as 000000042 ({document['number']})"
    assert rig.shop.rows("SELECT erp_value FROM erp_finding") == [
        (f"000000042: {document['number']}; 000000043: not sent",)
    ]


def test_a_duplicate_that_is_cancelled_in_magento_lets_the_other_go_by_itself(rig: Rig) -> None:
    first, second = order_cart(rig.shop, 42), order_cart(rig.shop, 43)
    relay = rig.relay()
    turn_until(relay, lambda: len(held(rig)) == 2)

    cancelled = rig.shop.cancel(43)
    turn_until(relay, lambda: {first, second, cancelled} <= rig.receipts_by_event().keys())

    outcomes = rig.receipts_by_event()
    assert outcomes[first] == "delivered"
    assert outcomes[second] == outcomes[cancelled] == "cancelled_before_release"
    assert len(rig.accepted(42)) == 1
    assert rig.accepted(43) == []
    assert findings(rig) == [(*PAIR, "repaired")]


def test_orders_to_several_addresses_of_one_cart_go_at_once(rig: Rig) -> None:
    events = [
        order_cart(rig.shop, 42, address=None, book=7, customer=1),
        order_cart(rig.shop, 43, address=None, book=8, customer=1),
        order_cart(rig.shop, 44, address=1406, customer=1),
        order_cart(rig.shop, 45, address=1407, customer=1),
    ]

    turn_until(rig.relay(), lambda: set(events) <= rig.receipts_by_event().keys())

    assert findings(rig) == []
    assert [len(rig.accepted(entity_id)) for entity_id in (42, 43, 44, 45)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("quantity", "total", "customer"),
    [("1.0000", "35.0000", None), ("2.0000", "34.9900", None), ("2.0000", "35.0000", 9)],
)
def test_orders_of_one_cart_that_differ_in_lines_amount_or_customer_go_at_once(
    rig: Rig, quantity: str, total: str, customer: int | None
) -> None:
    first = order_cart(rig.shop, 42)
    second = order_cart(rig.shop, 43, quantity=quantity, total=total, customer=customer)

    turn_until(rig.relay(), lambda: {first, second} <= rig.receipts_by_event().keys())

    assert findings(rig) == []


def test_a_second_order_long_after_the_first_is_no_duplicate(rig: Rig) -> None:
    first, second = order_cart(rig.shop, 42, seconds=601), order_cart(rig.shop, 43)

    turn_until(rig.relay(), lambda: {first, second} <= rig.receipts_by_event().keys())

    assert findings(rig) == []


def test_an_attempt_that_was_never_paid_does_not_hold_the_one_that_was(rig: Rig) -> None:
    abandoned = order_cart(rig.shop, 42, method=CARD, state="pending_payment")
    paid = order_cart(rig.shop, 43, method=CARD)
    rig.shop.pay(43)
    relay = rig.relay()

    turn_until(relay, lambda: paid in rig.receipts_by_event())
    rig.shop.pay(42)
    rig.shop.update(42, state="processing", method=CARD)
    turn_until(relay, lambda: held(rig).get(abandoned, "").startswith("quarantined"))

    assert len(rig.accepted(43)) == 1
    assert rig.accepted(42) == []


def test_an_outage_of_the_erp_is_time_enough_to_catch_both(rig: Rig) -> None:
    rig.erp.plan({"operation": "order.create", "nth": 1, "kind": "http_503", "count": 1000, "retryAfter": 0})
    first = order_cart(rig.shop, 42)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states().get(first) == "retry")

    second = order_cart(rig.shop, 43)
    rig.erp.plan()
    turn_until(relay, lambda: held(rig).keys() == {first, second})

    assert rig.accepted(42) == rig.accepted(43) == []


def test_a_settle_time_catches_both_where_the_second_comes_a_moment_later(database: Database, erp: Sandbox) -> None:
    policy = replace(POLICY, release=(ReleaseRule(("*",), "placed", settle=timedelta(seconds=5)),))
    with rig_on(database, erp, policy=policy) as rig:
        first = order_cart(rig.shop, 42)
        relay = rig.relay()
        turn_until(relay, lambda: held(rig).get(first) == "settling for 0:00:05")

        second = order_cart(rig.shop, 43)
        rig.shop.execute("UPDATE sales_order SET created_at = created_at - INTERVAL 4 SECOND WHERE entity_id = 42")
        turn_until(relay, lambda: held(rig).get(first, "").startswith("quarantined"))
        turn_until(relay, lambda: held(rig).get(second, "").startswith("quarantined"))

        assert rig.accepted(42) == rig.accepted(43) == []


def test_a_blueprint_may_say_that_nobody_looks_for_duplicates(database: Database, erp: Sandbox) -> None:
    policy = replace(POLICY, quarantine=QuarantinePolicy(window=timedelta()))
    with rig_on(database, erp, policy=policy) as rig:
        events = {order_cart(rig.shop, 42), order_cart(rig.shop, 43)}

        turn_until(rig.relay(), lambda: events <= rig.receipts_by_event().keys())

        assert findings(rig) == []


def test_an_order_of_its_own_quote_costs_no_further_look(rig: Rig) -> None:
    order_cart(rig.shop, 42)
    order_cart(rig.shop, 43, quote=471)
    rig.shop.place(44)

    facts = MagentoStore(rig.session).release_facts([42, 43, 44])

    assert [facts[entity_id].has_siblings for entity_id in (42, 43, 44)] == [False, False, False]


def test_the_one_that_a_person_keeps_goes_and_the_other_waits_on(rig: Rig) -> None:
    first, second = order_cart(rig.shop, 42), order_cart(rig.shop, 43)
    relay = rig.relay()
    turn_until(relay, lambda: len(held(rig)) == 2)
    operators = OperatorStore(rig.session)
    (kept, other) = operators.held_orders(QUARANTINED, [POLICY.name], 10)

    assert operators.release_order(kept.increment_id, [POLICY.name], "ann", "she called") == [POLICY.name]
    turn_until(relay, lambda: first in rig.receipts_by_event())
    (document,) = rig.accepted(42)
    reason = f"quarantined as the same purchase as 000000042 ({document['number']})"
    turn_until(relay, lambda: held(rig) == {second: reason})

    assert (kept.event, other.event, kept.amount) == (first, second, "35.0000 EUR")
    assert "erp-sidecar order release 000000043" in other.hint
    assert rig.accepted(43) == []
    assert findings(rig) == [(*PAIR, "open")]
    assert rig.shop.rows("SELECT action, actor, reason, destination, outbox_id, lane FROM erp_operator_action") == [
        ("release", "ann", "she called", "erp", first, "order:42")
    ]


def test_both_go_where_a_person_says_that_both_are_meant(rig: Rig) -> None:
    events = {order_cart(rig.shop, 42), order_cart(rig.shop, 43)}
    relay = rig.relay()
    turn_until(relay, lambda: len(held(rig)) == 2)

    for number in ("000000042", "000000043"):
        OperatorStore(rig.session).release_order(number, [POLICY.name], "ann", "for two flats")
    turn_until(relay, lambda: events <= rig.receipts_by_event().keys())

    assert findings(rig) == [(*PAIR, "repaired")]


def test_a_person_lifts_no_release_rule_and_is_told_so(rig: Rig) -> None:
    event = order_cart(rig.shop, 42, method=CARD)
    sent = rig.shop.place(50)
    turn_until(rig.relay(), lambda: event in held(rig) and sent in rig.receipts_by_event())
    operators = OperatorStore(rig.session)

    for number, words in {
        "000000042": "waits for its release rule: not paid in full",
        "000000050": "is not held",
        "000000099": "Magento has no order 000000099",
    }.items():
        with pytest.raises(NotPossible, match=words):
            operators.release_order(number, [POLICY.name], "ann", "please")

    assert rig.shop.rows("SELECT * FROM erp_operator_action") == []


def test_the_commands_list_duplicates_and_let_one_go(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> None:
    first, _ = order_cart(rig.shop, 42), order_cart(rig.shop, 43)
    relay = rig.relay()
    turn_until(relay, lambda: len(held(rig)) == 2)
    sidecar = configure(tmp_path_factory.mktemp("configured"), rig.shop.database, rig.erp.url)

    listed = json.loads(sidecar.run("--json", "order", "duplicates").stdout)
    waiting = json.loads(sidecar.run("--json", "order", "waiting").stdout)
    said = sidecar.run("order", "release", listed[0]["order"], "--reason", "she called").stdout
    turn_until(relay, lambda: first in rig.receipts_by_event())

    assert [row["order"] for row in listed] == ["000000042", "000000043"]
    assert [row["deadline_in_s"] for row in waiting] == [None, None]
    assert "000000042 goes to erp" in said
    assert "000000043" in sidecar.run("order", "duplicates").stdout
