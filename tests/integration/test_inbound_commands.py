"""The daemon brings an ERP's documents into Magento, killed or not; people see and decide by commands."""

import json
from pathlib import Path

import pytest
import yaml

from tests.support.daemon import Configured, configure, until
from tests.support.way_back import WayBack, lines

pytestmark = [pytest.mark.needs_php, pytest.mark.slow]

ORDER = 42
FIRST, SECOND = ORDER * 10 + 1, ORDER * 10 + 2
ALL = {FIRST: 2, SECOND: 2}
INBOUND = {
    "takes": ["orders", "deliveries", "invoices", "credit_memos"],
    "every": "100ms",
    "sources": {"main": "west", "other": "east"},
    "capture": {"checkmo": "none"},
    "refunds": "erp",
    "patience": "1m",
}


@pytest.fixture
def sidecar(way: WayBack, tmp_path: Path) -> Configured:
    folder = tmp_path / "configured"
    folder.mkdir()
    configured = configure(folder, way.shop.database, way.erp.url)
    path = folder / "blueprint.yaml"
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    values["instance"] = "M1"
    values["destinations"]["erp"]["inbound"] = INBOUND
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    (folder / "token").write_text(way.magento.token)
    (folder / "token").chmod(0o600)
    with configured.settings.open("a") as settings:
        settings.write(f'\n[magento]\nbase_url = "{way.magento.base_url}"\ntoken_file = "token"\n')
    return configured


def state(way: WayBack) -> str:
    return str(way.only().state)


@pytest.mark.parametrize("fault", ["held", "rolled_back"])
def test_a_daemon_that_is_killed_while_magento_works_leaves_one_shipment(
    way: WayBack, sidecar: Configured, fault: str
) -> None:
    way.erp.deliver(way.place(ORDER))
    way.shop.execute("UPDATE erp_lease SET expires_at = NOW(6)")  # the test's own
    way.magento.fail_next(fault, on="ship")  # type: ignore[arg-type] # one of its faults
    with way.magento.gate_closed(), sidecar.daemon() as daemon:
        way.magento.wait_for("held")
        daemon.process.kill()
        daemon.process.wait()
        assert state(way) == "calling"
    way.magento.wait_for("committed" if fault == "held" else "rolled back")

    with sidecar.daemon() as daemon:
        until(lambda: state(way) == "done" or "PHP may still be running" in way.only().reason)
        way.time_passes()
        until(lambda: state(way) == "done")
        assert daemon.stop() == 0

    assert way.documents("shipment") == [ALL]
    assert len(way.magento.calls("ship")) == (1 if fault == "held" else 2)


def test_a_blueprint_with_inbound_needs_to_know_where_magento_is(sidecar: Configured) -> None:
    text = sidecar.settings.read_text(encoding="utf-8")
    sidecar.settings.write_text(text[: text.index("[magento]")], encoding="utf-8")

    refused = sidecar.run("run")

    assert refused.returncode == 78
    assert "add [magento] with base_url to sidecar.toml" in refused.stderr


def test_a_person_sees_a_shortage_with_its_refund_and_decides(way: WayBack, sidecar: Configured) -> None:
    order = way.place(ORDER)
    way.erp.invoice(order)
    way.erp.deliver(order, lines=lines((FIRST, "2"), (SECOND, "1"), reason="damaged"), final=True)
    way.carry()
    shortage = way.entries()[-1]

    (listed,) = json.loads(sidecar.run("--json", "inbound", "list").stdout)
    shown = json.loads(sidecar.run("--json", "inbound", "show", str(shortage.id)).stdout)
    for_people = sidecar.run("inbound", "show", str(shortage.id)).stdout
    decided = sidecar.run("inbound", "decide", str(shortage.id), "refund", "--reason", "sold out for good")
    again = sidecar.run("inbound", "decide", str(shortage.id), "ignore", "--reason", "twice")
    way.carry()

    assert (listed["kind"], listed["state"]) == ("shortage", "parked")
    assert "refunding 1 x sku-2 gives back 10.00 EUR" in listed["reason"]
    assert shown["plan"] == f"refund order: 1 of item {SECOND}"
    assert f"refund order: 1 of item {SECOND}" in for_people
    assert (decided.returncode, again.returncode) == (0, 1)
    assert "recorded as decided by" in decided.stdout
    assert way.documents("creditmemo") == [{SECOND: 1}]
    action = "SELECT action, reason, detail FROM erp_operator_action"
    assert way.shop.rows(action) == [
        ("decide", "sold out for good", f"inbound {shortage.id}: shortage {shortage.document.erp_number} refund")
    ]


def test_a_parked_document_is_tried_dry_then_again_or_put_aside(way: WayBack, sidecar: Configured) -> None:
    order = way.place(ORDER)
    way.erp.deliver(order, lines=lines((FIRST, "3")))
    way.erp.deliver(order, lines=lines((SECOND, "3")), final=False)
    way.carry()
    first, second = (str(entry.id) for entry in way.entries())

    (status,) = json.loads(sidecar.run("--json", "status").stdout)
    assert status["coming_back"] == {"parked": 2}
    dry = sidecar.run("inbound", "retry", first, "--dry-run", "--reason", "x")
    way.shop.execute("UPDATE sales_order_item SET qty_ordered = 3 WHERE item_id = %s", FIRST)
    now = sidecar.run("inbound", "retry", first, "--dry-run", "--reason", "x")
    retried = sidecar.run("inbound", "retry", first, "--reason", "the order was corrected")
    skipped = sidecar.run("inbound", "skip", second, "--reason", "done by hand")
    way.carry()
    unknown = sidecar.run("inbound", "show", "999")

    assert "nothing: 3 x sku-1 to ship, of which Magento has 2 left" in dry.stdout
    assert f"ship: 3 of item {FIRST}, from source west" in now.stdout
    assert (retried.returncode, skipped.returncode) == (0, 0)
    assert way.states() == [("delivery", "done"), ("delivery", "skipped")]
    assert unknown.returncode == 1
    assert "there is no inbound document 999" in unknown.stderr
    assert "Magento shows everything that the ERPs did." in sidecar.run("inbound", "list").stdout


def test_the_doctor_tells_whether_magentos_documents_can_be_read(sidecar: Configured) -> None:
    checks = {check["check"]: check for check in json.loads(sidecar.run("--json", "doctor").stdout)}

    assert checks["Magento's documents"]["state"] == "ok"
