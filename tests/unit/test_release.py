"""The release gate: who may go, who waits, and why."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sidecar.domain.release import NEVER_RELEASED, ReleaseFacts, ReleaseRule, Verdict, deadline_in, judge

PLACED = ReleaseRule(("checkmo", "bank*"), "placed")
PAID = ReleaseRule(("*",), "paid", deadline=timedelta(days=3))
RULES = (PLACED, PAID)
FACTS = ReleaseFacts(1, "new", "pending", "checkmo", Decimal(10), Decimal(0), Decimal(0), timedelta(minutes=5))


def test_an_order_paid_on_account_goes_when_it_is_placed() -> None:
    assert judge(RULES, FACTS)[0] is Verdict.RELEASED


def test_the_first_rule_whose_methods_match_decides() -> None:
    assert judge(RULES, replace(FACTS, payment_method="banktransfer"))[0] is Verdict.RELEASED
    assert judge(RULES, replace(FACTS, payment_method="card"))[0] is Verdict.WAITING


@pytest.mark.parametrize("word", sorted(NEVER_RELEASED))
def test_no_rule_releases_an_order_in_a_state_or_status_that_never_releases(word: str) -> None:
    paid = replace(FACTS, paid=Decimal(10))

    for facts in (replace(paid, state=word), replace(paid, status=word)):
        verdict, why = judge(RULES, facts)
        assert verdict is Verdict.WAITING
        assert word in why


def test_payment_captured_later_releases_the_order() -> None:
    card = replace(FACTS, payment_method="card")

    assert judge(RULES, card) == (Verdict.WAITING, "not paid in full")
    assert judge(RULES, replace(card, paid=Decimal("9.99")))[0] is Verdict.WAITING
    assert judge(RULES, replace(card, paid=Decimal(10)))[0] is Verdict.RELEASED


def test_an_authorization_is_enough_where_the_rule_says_so() -> None:
    rules = (ReleaseRule(("card",), "authorized"),)
    card = replace(FACTS, payment_method="card")

    assert judge(rules, card)[0] is Verdict.WAITING
    assert judge(rules, replace(card, authorized=Decimal(10)))[0] is Verdict.RELEASED


def test_an_order_settles_before_it_goes() -> None:
    rules = (ReleaseRule(("*",), "placed", settle=timedelta(minutes=10)),)

    assert judge(rules, FACTS)[0] is Verdict.WAITING
    assert judge(rules, replace(FACTS, age=timedelta(minutes=10)))[0] is Verdict.RELEASED


def test_past_its_deadline_a_waiting_order_needs_a_person() -> None:
    late = replace(FACTS, payment_method="card", age=timedelta(days=4))

    verdict, why = judge(RULES, late)

    assert verdict is Verdict.OVERDUE
    assert "not paid in full" in why


def test_a_method_that_no_rule_covers_waits_and_says_so() -> None:
    verdict, why = judge((PLACED,), replace(FACTS, payment_method="card"))

    assert verdict is Verdict.WAITING
    assert "card" in why


def test_what_was_cancelled_need_not_be_paid() -> None:
    card = replace(FACTS, payment_method="card", state="complete", paid=Decimal(6))

    assert judge(RULES, card)[0] is Verdict.WAITING
    assert judge(RULES, replace(card, canceled=Decimal(4)))[0] is Verdict.RELEASED


@pytest.mark.parametrize(("paid", "verdict"), [("9.9955", Verdict.RELEASED), ("9.9949", Verdict.WAITING)])
def test_less_than_half_a_cent_short_is_paid(paid: str, verdict: Verdict) -> None:
    assert judge(RULES, replace(FACTS, payment_method="card", paid=Decimal(paid)))[0] is verdict


def test_an_order_that_was_refunded_is_judged_as_any_other_because_money_and_goods_have_moved() -> None:
    assert judge(RULES, replace(FACTS, state="closed", status="closed"))[0] is Verdict.RELEASED


def test_an_order_without_a_status_may_hide_a_suspicion_and_waits() -> None:
    verdict, why = judge(RULES, replace(FACTS, status=""))

    assert verdict is Verdict.WAITING
    assert "no status" in why


def test_a_deadline_counts_down_and_past_it_is_negative() -> None:
    card = replace(FACTS, payment_method="card", age=timedelta(days=2))

    assert deadline_in(RULES, card) == timedelta(days=1)
    assert deadline_in(RULES, replace(card, age=timedelta(days=4))) == timedelta(days=-1)
    assert deadline_in(RULES, FACTS) is None


def test_a_cancelled_order_is_not_sent() -> None:
    assert judge(RULES, replace(FACTS, state="canceled"))[0] is Verdict.CANCELLED
