"""The fault plane: one vocabulary of failures for every sandbox, and plans that are looked at before they are taken."""

from threading import Event
from typing import Any

import pytest

from erp_adapters.sandbox.faults import REPERTOIRE
from erp_adapters.sandbox.plan_rules import PlanError
from erp_adapters.sandbox.plane import FaultPlan, Kind, Play, Repertoire, Request, Rule, control, play


class Caller:
    """Somebody who waits, and counts how long."""

    def __init__(self) -> None:
        self.waited = 0.0
        self.left = Event()

    def wait(self, seconds: float) -> None:
        self.waited += seconds

    def wait_until_gone(self) -> None:
        self.left.set()


def plan_of(*rules: dict[str, Any]) -> FaultPlan:
    plan = FaultPlan(REPERTOIRE)
    plan.replace(rules)
    return plan


def played(rule: dict[str, Any]) -> tuple[str | None, list[str], Caller]:
    """What a request with this rule is answered, what was done, and how the caller fared."""
    done: list[str] = []
    caller = Caller()

    def work() -> str:
        done.append("done")
        return "answer"

    asked: Any = caller
    return play(Rule({"operation": "any", "nth": 1, **rule}), asked, work, lambda rule: str(rule.kind)), done, caller


def test_a_repertoire_speaks_of_every_kind_and_of_none_twice() -> None:
    everything: dict[Kind, Play] = {kind: Play("so") for kind in Kind}
    but_one: dict[Kind, Play] = {kind: one for kind, one in everything.items() if kind is not Kind.HANG}

    for plays, lacks in ((but_one, {}), (everything, {Kind.HANG: "never"})):
        with pytest.raises(ValueError, match="each kind"):
            Repertoire(("order.create",), plays, lacks)


@pytest.mark.parametrize("kind", ["lose_request", "hang"])
def test_a_request_that_is_lost_leaves_nothing_and_says_nothing(kind: str) -> None:
    answer, done, caller = played({"kind": kind})

    assert (answer, done) == (None, [])
    assert caller.left.is_set() == (kind == "hang")


def test_a_lost_answer_and_a_server_error_come_after_the_work() -> None:
    assert played({"kind": "lose_response_after_commit"})[:2] == (None, ["done"])
    assert played({"kind": "http_500_after_commit"})[:2] == ("http_500_after_commit", ["done"])


@pytest.mark.parametrize("kind", ["http_500_before_commit", "http_503", "http_429", "locked_record", "reject"])
def test_what_is_answered_in_place_of_the_work_leaves_it_undone(kind: str) -> None:
    assert played({"kind": kind})[:2] == (kind, [])


def test_a_silent_failure_answers_as_if_nothing_were_wrong() -> None:
    assert played({"kind": "drop_line"})[:2] == ("answer", ["done"])


def test_a_delay_lets_the_caller_wait_before_or_after_the_work() -> None:
    assert played({"kind": "delay", "seconds": 3, "when": "after"})[2].waited == 3


def test_a_quota_serves_as_many_in_a_window_as_it_says_and_tells_how_long_it_lasts() -> None:
    plan = plan_of({"operation": "order.create", "kind": "quota", "limit": 2, "seconds": 600})

    drawn = [plan.draw(Request("order.create", (f"R-{number}",))) for number in range(4)]

    assert [rule is None for rule in drawn] == [True, True, False, False]
    assert drawn[3] is not None
    assert drawn[3].retry_after is not None
    assert 595 < drawn[3].retry_after <= 600
    assert plan.draw(Request("order.read", ("R-1",))) is None


def test_a_quota_ends_with_its_window() -> None:
    plan = plan_of({"operation": "any", "kind": "quota", "limit": 1, "seconds": 0})

    assert [plan.draw(Request("ping")) for _ in range(3)] == [None, None, None]


def test_a_rule_concerns_only_what_its_kind_can_befall() -> None:
    plan = plan_of({"operation": "any", "probability": 1, "kind": "drop_line"})

    assert plan.draw(Request("ping")) is None


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"kind": "quota", "limit": 1, "seconds": 1, "nth": 1}, "plan[0]"),
        ({"kind": "quota", "seconds": 1}, "plan[0].limit"),
        ({"kind": "stale_read", "nth": 1}, "plan[0].seconds"),
        ({"kind": "append_lines", "nth": 1}, "plan[0].kind"),
        ({"kind": "hang", "nth": True}, "plan[0].nth"),
        ({"kind": "hang", "nth": 0}, "plan[0].nth"),
        ({"kind": "hang", "probability": 2}, "plan[0].probability"),
        ({"kind": "hang", "nth": 1, "surprise": 1}, "plan[0].surprise"),
        ({"kind": "hang", "match": {"number": "7"}}, "plan[0].match"),
        ({"kind": "hang", "match": {"reference": 7}}, "plan[0].match"),
        ({"kind": "reject", "nth": 1, "code": "", "message": "No."}, "plan[0].code"),
    ],
)
def test_a_plan_that_makes_no_sense_leaves_the_one_before_in_force(rule: dict[str, Any], path: str) -> None:
    plan = plan_of({"operation": "any", "nth": 1, "kind": "hang"})

    with pytest.raises(PlanError) as refused:
        plan.replace([{"operation": "any", **rule}])

    assert refused.value.misfits[0].path == path
    assert [kept["kind"] for kept in plan.as_json()] == ["hang"]


def test_whoever_asks_is_told_what_can_be_planned_and_what_has_struck() -> None:
    plan = FaultPlan(REPERTOIRE)
    rules = {"plan": [{"operation": "order.create", "match": {"reference": "R-1"}, "kind": "drop_line"}]}

    assert control(plan, "POST", rules) == (200, {"accepted": 1})
    assert control(plan, "POST", {"plan": [{"kind": "explode"}]})[0] == 400
    assert control(plan, "POST", [])[0] == 400
    plan.draw(Request("order.create", ("R-1",)))
    status, shown = control(plan, "GET", None)

    assert status == 200
    assert shown["injected"] == [{"kind": "drop_line", "operation": "order.create", "references": ["R-1"]}]
    assert set(shown["plays"]) | set(shown["lacks"]) == {kind.value for kind in Kind}
