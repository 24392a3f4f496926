"""The lifecycle map: what is shown, and which step an order can have taken."""

import pytest

from sidecar.domain.lifecycle import ErpStatus, Lifecycle, Meaning, Rejection

MAP = Lifecycle(
    {
        "open": ErpStatus(Meaning.ACCEPTED, {"new": "erp_accepted"}, ("blocked", "posted", "cancelled")),
        "blocked": ErpStatus(Meaning.BLOCKED, {"new": "erp_blocked"}, ("open", "cancelled"), holds=True),
        "posted": ErpStatus(Meaning.POSTED, {"new": "erp_posted"}, ("invoiced",), irreversible=True),
        "invoiced": ErpStatus(Meaning.INVOICED, {}, ("closed",), irreversible=True),
        "closed": ErpStatus(Meaning.CLOSED, irreversible=True),
        "cancelled": ErpStatus(Meaning.CANCELLED, irreversible=True),
    },
    first=("open", "blocked"),
    rejection=Rejection({"new": "erp_rejected"}),
)


def test_a_status_is_shown_inside_the_state_that_the_order_is_in() -> None:
    assert MAP.status_for("open", "new") == "erp_accepted"
    assert MAP.status_for("open", "processing") is None
    assert MAP.status_for("unheard of", "new") is None


def test_a_status_that_nobody_named_means_nothing_and_holds_nothing() -> None:
    assert (MAP.meaning_of("blocked"), MAP.holds("blocked")) == (Meaning.BLOCKED, True)
    assert (MAP.meaning_of("open"), MAP.holds("open")) == (Meaning.ACCEPTED, False)
    assert (MAP.meaning_of("unheard of"), MAP.holds("unheard of")) == (None, False)


def test_steps_that_were_taken_while_nobody_looked_are_allowed() -> None:
    assert MAP.refusal("blocked", "closed") == ""
    assert MAP.refusal("open", "open") == ""


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("invoiced", "open", "'invoiced' is irreversible, and 'open' does not follow it in the lifecycle map"),
        ("cancelled", "posted", "'cancelled' is irreversible, and 'posted' does not follow it in the lifecycle map"),
        ("open", "unheard of", "the ERP's status 'unheard of' is not in the lifecycle map"),
        ("", "unheard of", "the ERP's status 'unheard of' is not in the lifecycle map"),
    ],
)
def test_a_step_that_the_map_does_not_know_is_refused_in_a_sentence(before: str, after: str, words: str) -> None:
    assert MAP.refusal(before, after) == words


def test_a_step_backwards_is_refused_also_where_nothing_was_irreversible() -> None:
    one_way = Lifecycle({"open": ErpStatus(next=("posted",)), "posted": ErpStatus()})

    assert one_way.refusal("posted", "open") == "no path of the lifecycle map leads from 'posted' to 'open'"


@pytest.mark.parametrize("before", ["", "a status of an earlier map"])
def test_an_order_that_was_never_seen_under_this_map_may_be_anywhere_in_it(before: str) -> None:
    assert all(MAP.refusal(before, after) == "" for after in MAP.statuses)


def test_without_a_map_every_step_is_allowed_and_nothing_is_shown() -> None:
    assert Lifecycle().refusal("closed", "open") == ""
    assert list(Lifecycle().pairs()) == []


def test_a_map_that_only_says_what_is_shown_allows_each_step() -> None:
    shown = Lifecycle.showing({"open": {"new": "booked"}, "closed": {}})

    assert shown.status_for("open", "new") == "booked"
    assert shown.refusal("closed", "open") == ""


def test_a_rejection_is_shown_inside_the_current_state_and_hidden_from_the_shopper() -> None:
    assert MAP.rejection.status_for("new") == "erp_rejected"
    assert MAP.rejection.status_for("processing") is None
    assert not MAP.rejection.visible_to_shopper


def test_everything_that_may_be_written_is_named_once() -> None:
    assert list(MAP.pairs()) == [
        ("new", "erp_accepted"),
        ("new", "erp_blocked"),
        ("new", "erp_posted"),
        ("new", "erp_rejected"),
    ]
