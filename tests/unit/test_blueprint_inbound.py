"""What a blueprint says about an ERP's own doings: complete, or refused with what to write."""

import re
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from ops.embedded.programs import PROJECT
from sidecar.blueprint import load_blueprint
from sidecar.blueprint.inbound import untold_problems
from sidecar.domain.delivery import ChangeKind
from sidecar.domain.events import DestinationName
from sidecar.domain.policy import Capture, InboundPolicy
from tests.support.blueprints import BASE, Change, NoAliases, Values, erp, problems_after

WHOLE: Values = {
    "takes": ["orders", "deliveries", "invoices", "credit_memos"],
    "capture": {"checkmo": "none", "braintree": "online"},
    "refunds": "magento",
}
AT = "destinations.erp.inbound"


def said(**changes: object) -> Change:
    part = {key: value for key, value in (WHOLE | changes).items() if value is not None}
    return lambda values: erp(values).update(inbound=deepcopy(part))


def test_what_is_said_becomes_the_policy_and_the_stock_deltas_warehouses_are_read_backwards(tmp_path: Path) -> None:
    values = deepcopy(BASE)
    said()(values)
    path = tmp_path / "blueprint.yaml"
    path.write_text(yaml.dump(values, Dumper=NoAliases), encoding="utf-8")

    policy = load_blueprint(path).policy(DestinationName("erp")).inbound

    assert policy is not None
    assert policy.takes == frozenset(ChangeKind)
    assert policy.sources == {"W1": "default"}
    assert policy.capture == {"checkmo": Capture.NONE, "braintree": Capture.ONLINE}
    assert (policy.refunds, policy.restock) == ("magento", "received")


def _one_warehouse_for_two_sources(values: Values) -> None:
    said()(values)
    erp(values)["stock"]["warehouses"] = {"east": "W1", "west": "W1"}


def _echoes_are_sent(values: Values) -> None:
    said()(values)
    erp(values)["echoes"] = "sent"


PROBLEMS: list[tuple[Change, str]] = [
    (
        said(capture=None, refunds="erp"),
        (
            f"{AT}.capture: found nothing although invoices are taken, "
            "allowed: for each payment method one of online, none, elsewhere"
        ),
    ),
    (
        said(refunds=None),
        (
            f"{AT}.refunds: found nothing although credit_memos are taken, "
            "allowed: magento, erp, provider: one of them gives the money back"
        ),
    ),
    (
        said(capture={"checkmo": "none"}),
        (
            f"{AT}.refunds: found magento, and no payment method is captured online, "
            "allowed: erp, provider; or online for a method in capture"
        ),
    ),
    (
        said(patience="5s"),
        (
            f"{AT}.patience: found less than a minute (0:00:05), "
            "allowed: a duration from 1m on: a lost call may still be running"
        ),
    ),
    (
        said(call_deadline="3m"),
        (
            f"{AT}.call_deadline: found more than 0:01:00 (0:03:00), "
            "allowed: up to 1m: systemd's watchdog takes a longer one for a hang"
        ),
    ),
    (
        _one_warehouse_for_two_sources,
        (
            f"{AT}.sources: found nothing, and warehouse W1 stands for east, west, "
            "allowed: a table {warehouse: source} in which W1 has one source"
        ),
    ),
    (
        _echoes_are_sent,
        (
            "destinations.erp.echoes: found sent, although the ERP's own documents become Magento's (inbound), "
            "allowed: withheld: the ERP would be told of them again, and answer"
        ),
    ),
    (said(refunds="both"), f"{AT}.refunds: found 'both', allowed: magento, erp, provider"),
    (said(takes=["parcels"]), f"{AT}.takes[0]: found 'parcels', allowed: orders, deliveries, invoices, credit_memos"),
]


@pytest.mark.parametrize(("change", "line"), PROBLEMS, ids=[line.partition(",")[0] for _, line in PROBLEMS])
def test_what_is_missing_or_contradicts_itself_is_told_with_what_to_write(
    change: Change, line: str, tmp_path: Path
) -> None:
    assert problems_after(change, tmp_path) == [line]


def test_what_the_adapter_never_tells_cannot_be_taken() -> None:
    policy = InboundPolicy(frozenset(ChangeKind))

    (problem,) = untold_problems(AT, policy, frozenset(ChangeKind) - {ChangeKind.INVOICES})

    assert str(problem) == (
        f"{AT}.takes: found invoices, of which the adapter tells nothing, "
        "allowed: credit_memos, deliveries, orders; or a profile that reads invoices"
    )
    assert list(untold_problems(AT, None, frozenset())) == []


def test_the_example_is_whole_where_its_comments_are_taken_away(tmp_path: Path) -> None:
    text = (PROJECT / "ops" / "examples" / "blueprint.yaml").read_text(encoding="utf-8")
    begin = text.index("    # inbound:\n")
    end = text.index("\n\n", begin)
    path = tmp_path / "blueprint.yaml"
    path.write_text(
        text[:begin] + re.sub(r"^    # ", "    ", text[begin:end], flags=re.MULTILINE) + text[end:], encoding="utf-8"
    )

    policy = load_blueprint(path).policy(DestinationName("erp")).inbound

    assert policy is not None
    assert policy.capture["demo_card"] is Capture.ONLINE
