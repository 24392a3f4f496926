"""What Magento shows of the truth: news is shown, what a stale save put back is repaired, what people chose stays."""

from dataclasses import replace

import pytest

from sidecar.domain.acknowledgement import Projection, Shown, Statuses, Told
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.lifecycle import ErpStatus, Lifecycle, Meaning, Rejection
from sidecar.domain.numbers import NumberRule
from sidecar.domain.projection import project
from tests.support.acknowledging import refused, told, truth_of

STATUSES = Statuses(
    frozenset(
        {
            ("new", "pending"),
            ("new", "erp_accepted"),
            ("new", "erp_rejected"),
            ("new", "erp_posted"),
            ("processing", "processing"),
            ("processing", "erp_accepted"),
            ("processing", "erp_rejected"),
            ("holded", "holded"),
            ("holded", "erp_stopped"),
        }
    ),
    {"new": "pending", "processing": "processing", "holded": "holded"},
)
MAP = Lifecycle(
    {
        "open": ErpStatus(Meaning.ACCEPTED, {"new": "erp_accepted", "processing": "erp_accepted"}),
        "posted": ErpStatus(Meaning.POSTED, {"new": "erp_posted"}),
        "credit": ErpStatus(Meaning.CREDIT_HOLD, {"holded": "erp_stopped"}, holds=True),
        "blocked": ErpStatus(Meaning.BLOCKED, holds=True),
    },
    rejection=Rejection({"new": "erp_rejected", "processing": "erp_rejected"}),
)
LEFT = ("SO-1", "new", "erp_accepted")
SETTLED = told(status="open", projected="open", left=LEFT, status_before="pending")


def shown(status: str | None = "pending", number: str | None = None, state: str = "new", **more: object) -> Shown:
    return replace(Shown(42, state, status, number), **more)  # type: ignore[arg-type]


def judged(one: Told | None, before: Shown, *, by_a_person: bool = False) -> Projection:
    return project(truth_of(one), before, STATUSES, MAP, by_a_person=by_a_person)


def test_the_first_news_shows_number_and_status_with_one_comment() -> None:
    projection = judged(told(status="open"), shown())

    assert (projection.after.number, projection.after.status) == ("SO-1", "erp_accepted")
    assert [comment.text for comment in projection.comments] == ["main-erp booked this order as SO-1."]
    assert projection.overwritten == ()


def test_a_new_status_is_told_in_words() -> None:
    posted = replace(SETTLED, erp_status="posted", change=8)

    projection = judged(posted, shown("erp_accepted", "SO-1"))

    assert projection.after.status == "erp_posted"
    assert [comment.text for comment in projection.comments] == ["The ERP has posted this order."]


def test_a_status_that_the_map_does_not_know_is_told_and_leaves_magento_s_alone() -> None:
    projection = judged(replace(SETTLED, erp_status="odd"), shown("erp_accepted", "SO-1"))

    assert projection.after.status == "erp_accepted"
    assert [comment.text for comment in projection.comments] == ["Its status in the ERP is 'odd'."]


def test_what_is_shown_already_is_left_alone() -> None:
    assert judged(SETTLED, shown("erp_accepted", "SO-1")).is_empty


@pytest.mark.parametrize("stale", [None, "pending", "erp_posted"])
def test_a_status_that_a_stale_save_brings_back_is_put_right_without_a_comment(stale: str | None) -> None:
    projection = judged(SETTLED, shown(stale, "SO-1"))

    assert projection.after.status == "erp_accepted"
    assert projection.overwritten == ("status",)
    assert projection.comments == ()


def test_a_status_that_somebody_chose_is_left_alone() -> None:
    assert judged(SETTLED, shown("picking", "SO-1")).is_empty


def test_a_default_that_a_person_chose_is_left_alone_and_one_that_a_save_brought_is_not() -> None:
    told_before = replace(SETTLED, status_before="erp_posted")

    assert judged(told_before, shown("pending", "SO-1"), by_a_person=True).is_empty
    assert judged(told_before, shown("pending", "SO-1")).after.status == "erp_accepted"


def test_a_default_that_came_with_the_loss_of_the_number_is_a_stale_save_s_whoever_made_it() -> None:
    told_before = replace(SETTLED, status_before="erp_posted")

    projection = judged(told_before, shown("pending", None), by_a_person=True)

    assert (projection.after.number, projection.after.status) == ("SO-1", "erp_accepted")
    assert projection.overwritten == ("number", "status")


def test_a_status_that_is_as_it_was_left_is_left_again() -> None:
    left_alone = replace(SETTLED, shown_status="pending", shown_number="SO-1")

    assert judged(left_alone, shown("pending", None)).after.status == "pending"


def test_an_order_from_before_it_was_written_down_how_orders_were_left_keeps_its_status() -> None:
    from_before = told(status="open", projected="open")

    projection = judged(from_before, shown("processing", None, "processing"))

    assert (projection.after.status, projection.after.number, projection.overwritten) == ("processing", "SO-1", ())


def test_news_is_shown_over_what_somebody_chose() -> None:
    posted = replace(SETTLED, erp_status="posted")

    assert judged(posted, shown("picking", "SO-1")).after.status == "erp_posted"


def test_an_order_that_moved_to_another_state_shows_the_truth_there_and_nobody_is_blamed() -> None:
    projection = judged(SETTLED, shown("processing", "SO-1", "processing"))

    assert projection.after.status == "erp_accepted"
    assert projection.overwritten == ()


def test_a_lost_number_and_lost_lines_are_put_right() -> None:
    with_lines = replace(SETTLED, lines={"1": "10", "2": "20"})
    before = shown("erp_accepted", None, lines={"1": "10", "2": None})

    projection = judged(with_lines, before)

    assert projection.after.number == "SO-1"
    assert projection.changed_lines == {"2": "20"}
    assert projection.overwritten == ("number", "lines")


def test_a_list_that_says_something_else_than_the_order_is_put_right() -> None:
    projection = judged(SETTLED, shown("erp_accepted", "SO-1", grid=("pending", None)))

    assert projection.after.grid == ("erp_accepted", "SO-1")
    assert projection.overwritten == ("grid",)
    assert not projection.changes_order


def test_a_status_without_a_pair_is_refused_with_what_to_do() -> None:
    without = Statuses(frozenset(), STATUSES.defaults)

    with pytest.raises(ConfigurationError, match="'erp_accepted' is not assigned to state 'new'") as caught:
        project(truth_of(told(status="open")), shown(), without, MAP)

    assert "lifecycle map" in caught.value.hint


def test_another_number_of_the_same_order_is_told() -> None:
    projection = judged(replace(SETTLED, erp_number="SO-2"), shown("erp_accepted", "SO-1"))

    assert projection.after.number == "SO-2"
    assert [comment.text for comment in projection.comments] == ["main-erp holds this order as SO-2 now."]
    assert projection.overwritten == ()


# -- holds ---------------------------------------------------------------------------------------------------


def test_a_stop_in_the_erp_is_a_hold_with_what_was_before() -> None:
    projection = judged(replace(SETTLED, erp_status="credit"), shown("erp_accepted", "SO-1"))

    after = projection.after
    assert (after.state, after.status) == ("holded", "erp_stopped")
    assert (after.held_state, after.held_status) == ("new", "erp_accepted")
    assert projection.is_held


def test_when_the_erp_goes_on_its_hold_ends_with_the_status_of_now() -> None:
    stopped = told(status="open", projected="credit", left=("SO-1", "holded", "erp_stopped"), is_held=True)
    before = shown("erp_stopped", "SO-1", "holded", held_state="new", held_status="pending")

    projection = judged(stopped, before)

    after = projection.after
    assert (after.state, after.status, after.held_state, after.held_status) == ("new", "erp_accepted", None, None)
    assert not projection.is_held


@pytest.mark.parametrize("status", ["open", "blocked"])
def test_a_hold_that_a_person_made_is_neither_ended_nor_claimed(status: str) -> None:
    before = shown("holded", "SO-1", "holded", held_state="new", held_status="pending")

    projection = judged(replace(SETTLED, erp_status=status), before)

    assert (projection.after.state, projection.after.status, projection.is_held) == ("holded", "holded", False)


def test_a_hold_of_ours_that_a_save_undid_is_made_again_and_one_that_a_person_undid_is_not() -> None:
    stopped = told(status="blocked", projected="blocked", left=("SO-1", "holded", "holded"), is_held=True)
    before = shown("pending", "SO-1")

    again = judged(stopped, before)
    assert (again.after.state, again.overwritten, again.is_held) == ("holded", ("hold",), True)

    person = judged(stopped, before, by_a_person=True)
    assert (person.after.state, person.is_held) == ("new", False)


def test_a_hold_of_ours_that_a_save_brought_back_is_told_by_its_status() -> None:
    before = shown("erp_stopped", "SO-1", "holded", held_state="new", held_status="erp_accepted")

    projection = judged(SETTLED, before)

    assert (projection.after.state, projection.after.status) == ("new", "erp_accepted")
    assert projection.overwritten == ("hold",)


def test_a_hold_whose_before_values_are_gone_is_not_guessed() -> None:
    stopped = told(status="open", projected="credit", left=("SO-1", "holded", "erp_stopped"), is_held=True)

    with pytest.raises(ConfigurationError, match="lost which state"):
        judged(stopped, shown("erp_stopped", "SO-1", "holded"))


@pytest.mark.parametrize("state", ["complete", "closed", "canceled", "payment_review"])
def test_magento_holds_no_order_in_such_a_state_and_neither_do_we(state: str) -> None:
    projection = judged(replace(SETTLED, erp_status="blocked"), shown("any", "SO-1", state))

    assert projection.after.state == state


# -- rejections ----------------------------------------------------------------------------------------------


def test_a_refusal_is_a_status_inside_the_state_and_the_erp_s_words() -> None:
    projection = project(truth_of(None, refused()), shown(), STATUSES, MAP)

    assert (projection.after.state, projection.after.status) == ("new", "erp_rejected")
    (comment,) = projection.comments
    assert comment.text == (
        "The ERP refused this order: CREDIT: limit exceeded\nWhat to do: raise the limit, then retry (event 7)"
    )
    assert not comment.is_visible


def test_the_shopper_reads_a_refusal_only_where_the_blueprint_says_so() -> None:
    told_to_all = replace(MAP, rejection=Rejection(visible_to_shopper=True, prefix="We are sorry:"))

    (comment,) = project(truth_of(None, refused()), shown(), STATUSES, told_to_all).comments

    assert comment.is_visible
    assert comment.text.startswith("We are sorry: ")


def test_when_it_is_over_the_status_goes_back_to_what_it_was() -> None:
    over = refused(outcome="skipped", status_before="pending")

    projection = project(truth_of(None, over), shown("erp_rejected"), STATUSES, MAP)

    assert projection.after.status == "pending"
    assert [comment.text for comment in projection.comments] == [
        "What the ERP had refused was set aside; it is not sent."
    ]


def test_when_it_is_over_what_the_erp_says_now_counts_more() -> None:
    over = refused(outcome="delivered", status_before="pending")

    projection = project(truth_of(told(status="open"), over), shown("erp_rejected"), STATUSES, MAP)

    assert (projection.after.status, projection.after.number) == ("erp_accepted", "SO-1")
    assert len(projection.comments) == 2


def test_when_it_is_over_a_status_that_somebody_chose_meanwhile_stays() -> None:
    over = refused(outcome="skipped", status_before="pending")

    assert project(truth_of(None, over), shown("picking"), STATUSES, MAP).after.status == "picking"


def test_a_change_that_the_erp_refuses_is_shown_over_what_it_said_of_the_order_and_nobody_is_blamed() -> None:
    projection = project(truth_of(SETTLED, refused()), shown("erp_accepted", "SO-1"), STATUSES, MAP)

    assert projection.after.status == "erp_rejected"
    assert projection.overwritten == ()


def test_a_refusal_that_a_stale_save_wrote_over_is_shown_again_without_a_comment() -> None:
    known = refused(status_before="pending", is_news=False)

    projection = project(truth_of(None, known), shown("pending"), STATUSES, MAP)

    assert projection.after.status == "erp_rejected"
    assert projection.comments == ()


# -- numbers -------------------------------------------------------------------------------------------------

GUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


@pytest.mark.parametrize(
    ("rule", "number", "seen"),
    [
        (NumberRule(last=10), "SO-1", "SO-1"),
        (NumberRule(last=32), GUID, "619ff-8b86-d011-b42d-00c04fc964ff"[-32:]),
        (NumberRule(without="-"), GUID, GUID.replace("-", "")),
        (NumberRule(after="/"), "https://erp.example.com/orders/4711", "4711"),
    ],
)
def test_a_number_that_is_too_long_is_shown_by_the_chosen_rule(rule: NumberRule, number: str, seen: str) -> None:
    assert rule.shown(number) == seen


@pytest.mark.parametrize("rule", [NumberRule(), NumberRule(after="/"), NumberRule(without="x")])
def test_a_number_that_no_rule_makes_fit_is_refused_with_the_rule_to_write(rule: NumberRule) -> None:
    with pytest.raises(ConfigurationError, match="36 characters") as caught:
        rule.shown(GUID)

    assert 'number: {without: "-"}' in caught.value.hint
