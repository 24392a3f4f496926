"""The commands for lanes and events, as a person types them."""

import json
from pathlib import Path

import pytest

from sidecar.domain.events import OutboxId
from tests.support.daemon import Configured, configure
from tests.support.rig import Rig, turn_until
from tests.support.sandbox import an_order

pytestmark = pytest.mark.slow


@pytest.fixture
def sidecar(rig: Rig, tmp_path: Path) -> Configured:
    folder = tmp_path / "configured"
    folder.mkdir()
    return configure(folder, rig.shop.database, rig.erp.url)


def parked(rig: Rig) -> OutboxId:
    rule = {"operation": "order.create", "nth": 1, "count": 1, "kind": "reject", "code": "CREDIT_BLOCKED"}
    rig.erp.plan({**rule, "message": "no"})
    event = OutboxId(rig.shop.place(42))
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "parked"})
    relay.close()
    return event


def test_a_lane_is_paused_listed_and_resumed(sidecar: Configured) -> None:
    paused = sidecar.run("lane", "pause", "erp", "order:42", "--reason", "the customer calls back")
    again = sidecar.run("lane", "pause", "erp", "order:42", "--reason", "twice")
    listed = json.loads(sidecar.run("--json", "lane", "list").stdout)
    resumed = sidecar.run("lane", "resume", "erp", "order:42", "--reason", "she called")

    assert (paused.returncode, again.returncode, resumed.returncode) == (0, 1, 0)
    assert "stops within a second" in paused.stdout
    assert [(row["lane"], row["state"], row["reason"]) for row in listed] == [
        ("order:42", "paused, nothing unfinished", "the customer calls back")
    ]
    assert "No lane stands" in sidecar.run("lane", "list").stdout


def test_a_destination_that_the_blueprint_does_not_have_is_refused(sidecar: Configured) -> None:
    refused = sidecar.run("lane", "pause", "epr", "order:42", "--reason", "typing error")

    assert refused.returncode == 1
    assert "the blueprint has no destination epr" in refused.stderr
    assert "name one of: erp" in refused.stderr


def test_an_event_is_shown_with_its_payload_only_on_request(rig: Rig, sidecar: Configured) -> None:
    event = parked(rig)

    without = sidecar.run("event", "show", str(event))
    with_payload = sidecar.run("event", "show", str(event), "--payload")
    as_json = json.loads(sidecar.run("--json", "event", "show", str(event), "--payload").stdout)

    assert "parked" in without.stdout
    assert "ann@example.com" not in without.stdout
    assert "ann@example.com" in with_payload.stdout
    assert json.loads(as_json["payloads"]["As Magento wrote it"])["order"]["entity_id"] == 42
    assert as_json["standings"][0]["state"] == "parked"


def test_an_edit_shows_the_differences_first_and_is_done_with_apply(rig: Rig, sidecar: Configured) -> None:
    event = parked(rig)
    edit = ("event", "edit", "erp", str(event), "--set", "order.customer_note=Ring twice", "--reason", "note missing")

    tried = sidecar.run(*edit)
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_event_edit") == [(0,)]
    done = sidecar.run(*edit, "--apply")
    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert "Nothing was changed" in tried.stdout
    assert "order.customer_note" in tried.stdout
    assert "goes out as edited" in done.stdout
    assert json.loads(rig.accepted(42)[0]["body"])["remarks"] == "Ring twice"
    shown = sidecar.run("event", "show", str(event)).stdout
    assert "changed order.customer_note" in shown


def test_a_payload_from_a_file_takes_the_event_s_place(rig: Rig, sidecar: Configured, tmp_path: Path) -> None:
    event = parked(rig)
    ((payload,),) = rig.shop.rows("SELECT payload FROM erp_outbox")
    file = tmp_path / "payload.json"
    file.write_text(payload.replace('"customer_note": null', '"customer_note": "By bicycle"'))
    edit = ("event", "edit", "erp", str(event), "--payload", str(file), "--reason", "as agreed")

    done = json.loads(sidecar.run("--json", *edit, "--apply").stdout)
    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert done["changes"] == [{"field": "order.customer_note", "before": None, "after": "By bicycle"}]
    assert json.loads(rig.accepted(42)[0]["body"])["remarks"] == "By bicycle"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--set", "order.custmer_note=x"), "the payload has no field order.custmer_note"),
        (("--payload", "/nowhere/payload.json"), "payload.json cannot be read"),
    ],
)
def test_an_edit_that_cannot_be_done_says_why(
    rig: Rig, sidecar: Configured, words: tuple[str, ...], sentence: str
) -> None:
    event = parked(rig)

    refused = sidecar.run("event", "edit", "erp", str(event), *words, "--reason", "try", "--apply")

    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert rig.states() == {event: "parked"}


def test_a_confirmed_event_becomes_the_document_that_was_named(rig: Rig, sidecar: Configured) -> None:
    event = parked(rig)
    rig.erp.plan()
    number = rig.erp.ask("POST", "/api/orders", an_order("M1-42")).body["number"]

    done = sidecar.run("event", "confirm", "erp", str(event), "--number", number, "--reason", "entered by hand")
    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert done.returncode == 0, done.stderr
    assert rig.shop.rows("SELECT erp_number FROM erp_document") == [(number,)]
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_finding WHERE subject = 'order:42'") != [(0,)]
