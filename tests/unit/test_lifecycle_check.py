"""`blueprint check` proves a lifecycle map, and tells what keeps it from being one."""

import re
from pathlib import Path

import pytest

from erp_adapters.sandbox.documents import STATUSES
from ops.embedded.programs import PROJECT
from sidecar.blueprint import load_blueprint
from sidecar.blueprint.lifecycle_checks import stranger_problems
from sidecar.cli.main import main
from sidecar.domain.events import DestinationName
from sidecar.domain.lifecycle import ErpStatus, Lifecycle
from sidecar.wiring import check_blueprint
from tests.support.blueprints import Change, Values, erp, problems_after, statuses

AT = "destinations.erp.lifecycle"
ERP = DestinationName("erp")


def lifecycle(values: Values) -> Values:
    found: Values = erp(values)["lifecycle"]
    return found


def _add_cancelled(values: Values, shows: Values) -> None:
    statuses(values)["gone"] = {"means": "cancelled", "shows": shows}
    statuses(values)["accepted"]["next"].append("gone")
    lifecycle(values)["absent"].remove("cancelled")


MISTAKES: list[tuple[str, Change, list[str]]] = [
    (
        "a status that Magento would cut off",
        lambda v: statuses(v)["accepted"]["shows"].update(new="s" * 33),
        [
            (
                f"{AT}.statuses.accepted.shows.new: found '{'s' * 33}' with 33 characters, "
                "allowed: up to 32, or Magento cuts it off"
            )
        ],
    ),
    (
        "a status in which nothing is released",
        lambda v: statuses(v)["accepted"]["shows"].update(processing="holded"),
        [
            (
                f"{AT}.statuses.accepted.shows.processing: found 'holded', "
                "allowed: a status that later changes may leave: none of fraud, holded, payment_review, pending_payment"
            )
        ],
    ),
    (
        "a rejection that is a hold",
        lambda v: lifecycle(v).update(rejection={"shows": {"new": "holded"}}),
        [
            (
                f"{AT}.rejection.shows.new: found 'holded', "
                "allowed: a status that later changes may leave: none of fraud, holded, payment_review, pending_payment"
            )
        ],
    ),
    (
        "a state that Magento has not",
        lambda v: statuses(v)["accepted"].update(shows={"shipped": "complete"}),
        [
            (
                f"{AT}.statuses.accepted.shows.shipped: found 'shipped', "
                "allowed: new, pending_payment, payment_review, processing, complete, closed, canceled, holded"
            )
        ],
    ),
    (
        "the form of earlier versions, which could not be proved",
        lambda v: erp(v).update(lifecycle={"accepted": {"new": "erp_accepted"}}),
        [f"{AT}.accepted: found an unknown key, allowed: first, statuses, absent, rejection"],
    ),
    (
        "a status without a meaning",
        lambda v: statuses(v)["accepted"].pop("means"),
        [
            (
                f"{AT}.statuses.accepted.means: found nothing, "
                "allowed: accepted, awaiting_approval, credit_hold, blocked, posted, "
                "partly_delivered, invoiced, closed, rejected, cancelled"
            )
        ],
    ),
    (
        "no status to begin in",
        lambda v: lifecycle(v).pop("first"),
        [
            (
                f"{AT}.first: found nothing, "
                "allowed: at least one status that an order may begin in, of accepted, stopped, done"
            )
        ],
    ),
    (
        "names of no status, told all at once",
        lambda v: (lifecycle(v).update(first=["opne"]), statuses(v)["stopped"].update(next=["acepted", "stopped"])),
        [
            f"{AT}.first[0]: found 'opne', allowed: accepted, stopped, done",
            f"{AT}.statuses.stopped.next[0]: found 'acepted', allowed: accepted, stopped, done",
            f"{AT}.statuses.stopped.next[1]: found 'stopped' after itself, allowed: another status",
        ],
    ),
    (
        "a status that nothing leads to",
        lambda v: statuses(v)["accepted"].update(next=["done"]),
        [
            (
                f"{AT}.statuses.stopped: found a status that is never reached, "
                "allowed: a path from a first one: stopped in the next of a status before it, or in first"
            )
        ],
    ),
    (
        "a dead end",
        lambda v: statuses(v)["stopped"].update(next=[]),
        [
            (
                f"{AT}.statuses.stopped.next: found a dead end, "
                "allowed: a way to an end: a status that means cancelled, closed, or an irreversible rejected one"
            )
        ],
    ),
    (
        "two statuses that only lead to each other",
        lambda v: statuses(v)["accepted"].update(next=["stopped"]),
        [
            (
                f"{AT}.statuses.accepted.next: found a dead end, "
                "allowed: a way to an end: a status that means cancelled, closed, or an irreversible rejected one"
            ),
            (
                f"{AT}.statuses.stopped.next: found a dead end, "
                "allowed: a way to an end: a status that means cancelled, closed, or an irreversible rejected one"
            ),
            (
                f"{AT}.statuses.done: found a status that is never reached, "
                "allowed: a path from a first one: done in the next of a status before it, or in first"
            ),
        ],
    ),
    (
        "an irreversible status with a way back",
        lambda v: statuses(v)["stopped"].update(irreversible=True),
        [
            (
                f"{AT}.statuses.stopped.next: found accepted, from where stopped comes again, "
                "allowed: statuses without a way back to stopped, as it is irreversible"
            )
        ],
    ),
    (
        "a meaning that nobody thought of",
        lambda v: lifecycle(v)["absent"].remove("blocked"),
        [
            (
                f"{AT}.absent: found nothing about blocked, "
                "allowed: each of them as a status that means it, or here, where this ERP has no such status"
            )
        ],
    ),
    (
        "a meaning that is there and said to be absent",
        lambda v: lifecycle(v)["absent"].append("closed"),
        [f"{AT}.absent: found closed, which statuses.done means, allowed: only meanings that no status has"],
    ),
    (
        "a status of Magento that says two things",
        lambda v: statuses(v)["stopped"]["shows"].update(processing="erp_accepted"),
        [
            (
                f"{AT}.statuses.stopped.shows.processing: found 'erp_accepted', which says that the order goes on in "
                "statuses.accepted.shows.processing, allowed: a status that says that it stands still in the ERP"
            )
        ],
    ),
    (
        "a refusal that looks like an acceptance",
        lambda v: lifecycle(v).update(rejection={"shows": {"new": "erp_accepted"}}),
        [
            (
                f"{AT}.rejection.shows.new: found 'erp_accepted', which says that the order goes on in "
                "statuses.accepted.shows.processing, allowed: a status that says that the ERP refuses it"
            )
        ],
    ),
    (
        "a hold on an order that goes on",
        lambda v: statuses(v)["accepted"].update(holds=True),
        [
            (
                f"{AT}.statuses.accepted.holds: found true for accepted, allowed: only what means awaiting_approval, "
                "blocked, credit_hold: a hold blocks invoice, shipment and cancel"
            )
        ],
    ),
    (
        "a stop that would be shown for ever",
        lambda v: statuses(v)["stopped"]["shows"].update(new="erp_credit_hold"),
        [
            (
                f"{AT}.statuses.accepted.shows: found nothing for new, "
                "allowed: a status for new: an order that was stopped would go on showing 'erp_credit_hold'"
            ),
            (
                f"{AT}.statuses.done.shows: found nothing for new, "
                "allowed: a status for new: an order that was stopped would go on showing 'erp_credit_hold'"
            ),
        ],
    ),
    (
        "names without a map",
        lambda v: erp(v).update(lifecycle={"first": ["open"], "absent": ["closed"]}),
        [
            f"{AT}.first: found names without a map, allowed: none, or the ERP's statuses in statuses",
            f"{AT}.absent: found names without a map, allowed: none, or the ERP's statuses in statuses",
        ],
    ),
]


@pytest.mark.parametrize(("change", "lines"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_a_map_that_is_not_complete_and_free_of_contradictions_is_refused(
    change: Change, lines: list[str], tmp_path: Path
) -> None:
    assert problems_after(change, tmp_path) == lines


def test_a_cancelled_order_may_keep_its_status_as_it_leaves_its_state(tmp_path: Path) -> None:
    assert problems_after(lambda v: _add_cancelled(v, {}), tmp_path) == []


def test_what_is_shown_on_hold_ends_with_the_hold(tmp_path: Path) -> None:
    def show(values: Values, *, holds: bool) -> None:
        statuses(values)["stopped"]["shows"]["holded"] = "erp_credit_hold"
        statuses(values)["stopped"]["holds"] = holds

    assert problems_after(lambda v: show(v, holds=True), tmp_path) == []
    assert len(problems_after(lambda v: show(v, holds=False), tmp_path)) == 2


def test_an_irreversible_rejection_is_an_end_and_one_that_can_be_resolved_is_not(tmp_path: Path) -> None:
    def reject(values: Values, *, irreversible: bool) -> None:
        said = {"means": "rejected", "shows": {"processing": "erp_rejected"}, "irreversible": irreversible}
        statuses(values)["refused"] = said
        statuses(values)["accepted"]["next"].append("refused")
        lifecycle(values)["absent"].remove("rejected")

    assert problems_after(lambda v: reject(v, irreversible=True), tmp_path) == []
    assert [line.split(": ")[1] for line in problems_after(lambda v: reject(v, irreversible=False), tmp_path)] == [
        "found a dead end, allowed"
    ]


def test_without_a_map_only_a_rejection_is_shown_and_only_to_the_merchant(tmp_path: Path) -> None:
    assert problems_after(lambda v: erp(v).pop("lifecycle"), tmp_path) == []

    said = load_blueprint(tmp_path / "blueprint.yaml").policy(ERP).lifecycle

    assert {state: said.rejection.status_for(state) for state in ("new", "processing", "complete", "closed")} == {
        "new": "erp_rejected",
        "processing": "erp_rejected",
        "complete": "erp_rejected",
        "closed": None,
    }
    assert not said.rejection.visible_to_shopper
    assert said.statuses == {}


def test_the_map_reaches_the_engine_as_it_was_written(tmp_path: Path) -> None:
    assert problems_after(lambda v: statuses(v)["stopped"].update(holds=True), tmp_path) == []

    said = load_blueprint(tmp_path / "blueprint.yaml").policy(ERP).lifecycle

    assert said.first == ("accepted",)
    assert (said.status_for("stopped", "processing"), said.holds("stopped")) == ("erp_credit_hold", True)
    assert said.refusal("accepted", "done") == ""
    assert said.refusal("done", "accepted") != ""


def test_a_map_and_an_adapter_that_know_different_statuses_are_told_apart() -> None:
    said = Lifecycle({"open": ErpStatus(), "shiped": ErpStatus()})

    assert [str(problem) for problem in stranger_problems(AT, said, frozenset({"open", "shipped"}))] == [
        f"{AT}.statuses.shiped: found a status that the adapter never tells, allowed: open, shipped",
        f"{AT}.statuses: found nothing about 'shipped', allowed: an entry for each status that the adapter tells",
    ]
    assert list(stranger_problems(AT, said, frozenset())) == []
    assert list(stranger_problems(AT, Lifecycle(), frozenset({"open"}))) == []


@pytest.mark.parametrize("path", ["ops/examples/blueprint.yaml", "ops/demonstration/blueprint.yaml"])
def test_the_shipped_maps_name_each_status_of_their_erp_and_no_other(path: str) -> None:
    assert set(check_blueprint(PROJECT / path).policy(ERP).lifecycle.statuses) == set(STATUSES)


def test_the_command_tells_a_status_that_the_adapter_never_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (PROJECT / "ops/examples/blueprint.yaml").read_text(encoding="utf-8")
    path = tmp_path / "blueprint.yaml"
    path.write_text(re.sub(r"\bposted\b(?=[,:\]](?! posted))", "booked", text), encoding="utf-8")

    assert main(["blueprint", "check", str(path)]) == 78

    told = capsys.readouterr().err
    assert f"{AT}.statuses.booked: found a status that the adapter never tells, allowed: blocked, cancelled," in told
    assert f"{AT}.statuses: found nothing about 'posted', allowed: an entry for each" in told
