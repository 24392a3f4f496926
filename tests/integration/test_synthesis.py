"""Orders that were written past the module get the event that is missing, once, and exactly as it would have been."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from sidecar.domain.errors import ConfigurationError, LeaseLost, MalformedEvent
from sidecar.engine.auditor import Auditor
from sidecar.engine.pace import Terms
from sidecar.mysql.audit_store import AuditStore
from sidecar.mysql.synthesis_store import SynthesisStore
from tests.support.daemon import configure
from tests.support.event_schemas import check
from tests.support.rig import Rig, turn_until

pytestmark = pytest.mark.slow

UNHURRIED = Terms(busy_threads=10_000, target=timedelta(seconds=1))


def look(rig: Rig) -> tuple[list[int], int]:
    summary = Auditor(AuditStore(rig.session), rig.clock, rig.notes, UNHURRIED).run()
    return list(summary.without_event), summary.walked_to


@pytest.fixture
def shop_with_a_hole(rig: Rig) -> Rig:
    """Order 2 was written past the module."""
    rig.shop.place(1)
    rig.shop.place_past_the_module(2)
    rig.shop.place(3)
    return rig


def test_an_order_without_an_event_is_found(shop_with_a_hole: Rig) -> None:
    assert look(shop_with_a_hole)[0] == [2]
    assert shop_with_a_hole.shop.rows("SELECT kind, subject FROM erp_finding") == [("order_without_event", "order:2")]


def test_what_is_synthesised_keeps_the_contract_and_reaches_the_erp(shop_with_a_hole: Rig) -> None:
    rig = shop_with_a_hole
    _, walked_to = look(rig)
    store = SynthesisStore(rig.session, "M1")

    with store.turn():
        written = store.write_order_placed(2, walked_to, "ann", "module was off")

    ((event_id, lane, origin, text),) = rig.shop.rows(
        "SELECT event_id, lane, origin, payload FROM erp_outbox WHERE id = %s", written
    )
    payload = json.loads(text)
    check(payload, "OrderPlaced.v1.json")
    assert (payload["event_id"], lane, origin) == (event_id, "order:2", "audit")
    assert payload["addresses"]["billing"]["street"] == ["1 Road", "Back door"]
    turn_until(rig.relay(), lambda: written in rig.receipts_by_event())
    assert len(rig.accepted(2)) == 1
    assert look(rig)[0] == []
    assert rig.shop.rows("SELECT state FROM erp_finding") == [("repaired",)]
    assert rig.shop.rows("SELECT action, outbox_id FROM erp_operator_action") == [("synthesise", written)]


def test_synthesising_twice_writes_one_event(shop_with_a_hole: Rig) -> None:
    rig = shop_with_a_hole
    _, walked_to = look(rig)
    store = SynthesisStore(rig.session, "M1")

    with store.turn():
        first = store.write_order_placed(2, walked_to, "ann", "module was off")
        second = store.write_order_placed(2, walked_to, "ann", "module was off")

    assert (first is not None, second) == (True, None)
    assert look(rig)[0] == []


def test_of_two_who_synthesise_at_once_one_is_sent_away(rig: Rig) -> None:
    one, other = SynthesisStore(rig.session, "M1"), SynthesisStore(rig.session.apart(), "M1")

    with one.turn(), pytest.raises(ConfigurationError, match="somebody else"), other.turn():
        pass
    with other.turn():
        pass


def test_who_has_lost_the_turn_writes_nothing(shop_with_a_hole: Rig) -> None:
    rig = shop_with_a_hole
    slow, quick = SynthesisStore(rig.session, "M1"), SynthesisStore(rig.session, "M1")

    with slow.turn():
        rig.shop.execute("UPDATE erp_lease SET expires_at = NOW(6) - INTERVAL 1 SECOND WHERE role = 'synthesis'")
        with quick.turn(), pytest.raises(LeaseLost):
            slow.write_order_placed(2, 0, "ann", "module was off")

    assert rig.shop.rows("SELECT COUNT(*) FROM erp_outbox WHERE lane = 'order:2'") == [(0,)]


def test_an_events_id_is_always_the_same(shop_with_a_hole: Rig) -> None:
    store = SynthesisStore(shop_with_a_hole.session, "M1")

    assert json.loads(store.preview(2))["event_id"] == json.loads(store.preview(2))["event_id"]


def test_an_order_that_cannot_be_told_exactly_is_left_alone(shop_with_a_hole: Rig) -> None:
    rig = shop_with_a_hole
    rig.shop.execute("UPDATE sales_order_item SET product_options = '{broken' WHERE order_id = 2")

    store = SynthesisStore(rig.session, "M1")
    with store.turn(), pytest.raises(MalformedEvent, match="JSON cannot be read"):
        store.write_order_placed(2, 0, "ann", "module was off")

    assert rig.shop.rows("SELECT COUNT(*) FROM erp_outbox WHERE lane = 'order:2'") == [(0,)]


def test_the_commands_look_tell_and_only_then_write(shop_with_a_hole: Rig, tmp_path: Path) -> None:
    rig = shop_with_a_hole
    folder = tmp_path / "etc"
    folder.mkdir()
    sidecar = configure(folder, rig.shop.database, rig.erp.url)

    looked = sidecar.run("audit", "run", "--json")
    told = sidecar.run("audit", "synthesise")
    written = sidecar.run("audit", "synthesise", "--apply", "--reason", "module was off", "--json")
    again = sidecar.run("audit", "run", "--json")

    assert looked.returncode == 1, looked.stderr
    assert [one["lane"] for one in json.loads(looked.stdout)["missing"]] == ["order:2"]
    assert "would be written; add --apply" in told.stdout
    assert written.returncode == 0, written.stderr
    assert [row["outcome"] for row in json.loads(written.stdout)] == ["written"]
    assert again.returncode == 0, again.stderr
    assert rig.shop.rows("SELECT reason FROM erp_operator_action") == [("module was off",)]
