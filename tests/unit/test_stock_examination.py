"""What the doctor says of a shop's stock: nothing is well that was not seen to be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.domain.examination import Check, Verdict
from sidecar.domain.stock_examination import StockFacts, judge_stock

SOUND = StockFacts(
    sources={"west": True, "east": True},
    linked=frozenset({"west", "east"}),
    modes={"inventory": "enabled"},
    newest_done=timedelta(minutes=1),
)


def judged(facts: StockFacts) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in judge_stock("erp", ("west", "east"), facts):
        found.setdefault(check.check.split()[0], []).append(check)
    return found


def test_a_shop_that_can_sell_what_an_erp_feeds_is_well_but_for_what_cannot_be_read() -> None:
    checks = judge_stock("erp", ("west", "east"), SOUND)

    assert [(check.check, check.state) for check in checks] == [
        ("stock feed of erp", Verdict.OK),
        ("stock feed of erp", Verdict.OK),
        ("consumer inventory.reservations.updateSalabilityStatus", Verdict.OK),
        ("stock settings", Verdict.UNKNOWN),
    ]


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (replace(SOUND, sources={"west": True}), Verdict.FAIL, "no source east"),
        (replace(SOUND, sources={"west": True, "east": False}), Verdict.WARN, "source east is disabled"),
        (replace(SOUND, linked=frozenset({"west"})), Verdict.WARN, "no stock sells from source east"),
    ],
)
def test_a_source_that_nothing_is_sold_from_is_told(facts: StockFacts, state: Verdict, words: str) -> None:
    first, *_ = judged(facts)["stock"]

    assert (first.state, words in first.found) == (state, True)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (replace(SOUND, oldest_waiting=timedelta(hours=2)), Verdict.WARN),
        (replace(SOUND, oldest_waiting=timedelta(minutes=2)), Verdict.OK),
        (replace(SOUND, newest_done=None), Verdict.UNKNOWN),
        (replace(SOUND, newest_done=timedelta(days=3)), Verdict.UNKNOWN),
        (replace(SOUND, newest_done=None, sees_queue=False), Verdict.UNKNOWN),
    ],
)
def test_a_consumer_runs_only_where_its_messages_say_so(facts: StockFacts, state: Verdict) -> None:
    ((consumer,),) = [checks for word, checks in judged(facts).items() if word == "consumer"]

    assert consumer.state is state


def test_an_indexer_whose_mode_nobody_has_noted_is_unknown() -> None:
    assert [check.state for check in judged(replace(SOUND, modes={}))["stock"]][1] is Verdict.UNKNOWN
