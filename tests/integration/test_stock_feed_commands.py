"""The daemon imports an ERP's stock once a person has taken the first reading; people see and decide by commands."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.daemon import Configured, configure, until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database
from tests.support.stock_feed import FeedWorld, available_profile, feed_on

pytestmark = pytest.mark.slow

NOTED = (
    "CREATE TRIGGER trg_inventory_source_item_after_{event} AFTER {event} ON inventory_source_item FOR EACH ROW"
    " INSERT IGNORE INTO inventory_cl (entity_id) VALUES (NEW.source_item_id)"
)


@dataclass
class Installed:
    """A shop with a feed, and the sidecar beside it as an operator has it."""

    world: FeedWorld
    sidecar: Configured

    def said(self, *words: str) -> Any:  # noqa: ANN401 -- JSON
        """A command's JSON."""
        run = self.sidecar.run("--json", *words)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)


@pytest.fixture
def installed(database: Database, erp: Sandbox, tmp_path: Path) -> Iterator[Installed]:
    with feed_on(database, erp, tmp_path) as world:
        for event in ("INSERT", "UPDATE"):
            world.shop.execute(NOTED.format(event=event))
        world.shop.execute("INSERT INTO mview_state (view_id, mode) VALUES ('inventory', 'enabled')")
        folder = tmp_path / "configured"
        folder.mkdir()
        sidecar = configure(folder, database, erp.url)
        path = folder / "blueprint.yaml"
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        values["instance"] = "M1"
        values["domains"]["stock"] |= {"authority": "erp", "direction": "both"}
        destination = values["destinations"]["erp"]
        destination["profile"] = available_profile(folder)
        destination["stock"]["reasons"] = ["manual"]
        destination["stock_feed"] = {
            "quantity": "available",
            "warehouses": {"W1": "west", "E1": "east"},
            "every": "10s",
            "write": "sql",
            "guards": {"missing": "zero"},
        }
        path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
        world.lead.give_up()
        yield Installed(world, sidecar)


def test_a_person_takes_the_first_reading_and_the_daemon_goes_on_from_there(installed: Installed) -> None:
    world, sidecar = installed.world, installed.sidecar
    world.stock("west", "sku-1", 3)
    world.tell(W1_sku1=50, E1_sku2=5)
    too_early = sidecar.run("stock", "baseline", "erp")
    assert too_early.returncode == 1
    assert "has not been read to its end yet" in too_early.stderr

    with sidecar.daemon() as daemon:
        until(lambda: world.readings() == ["complete"])
        shown = installed.said("stock", "baseline", "erp")
        assert (shown["skus"], shown["rows_to_change"], shown["held"], shown["applied"]) == (2, 2, 0, False)
        assert shown["largest"] == [
            {"sku": "sku-1", "before": "3.0000", "after": "50.0000"},
            {"sku": "sku-2", "before": "0", "after": "5.0000"},
        ]
        assert world.held() == {"west sku-1": 3}
        assert "add --reason" in sidecar.run("stock", "baseline", "erp", "--apply").stderr
        for_people = sidecar.run("stock", "baseline", "erp", "--apply", "--reason", "go-live").stdout
        assert "It is taken, and written next" in for_people
        until(lambda: world.held() == {"west sku-1": 50, "east sku-2": 5})
        assert "by itself, every 0:00:10" in sidecar.run("stock", "import", "erp").stderr
        assert daemon.stop() == 0
    assert world.shop.rows("SELECT action, reason FROM erp_operator_action") == [("baseline", "go-live")]
    assert "the first reading of erp was taken" in sidecar.run("stock", "baseline", "erp").stderr


def test_a_person_imports_by_hand_and_accepts_a_jump_once(installed: Installed) -> None:
    world, sidecar = installed.world, installed.sidecar
    world.tell(W1_sku1=10)
    refused = sidecar.run("stock", "import", "erp")
    assert "nobody has taken the first reading of erp yet" in refused.stderr
    world.import_anew()
    world.take_baseline()
    world.lead.give_up()
    world.tell(W1_sku1=1000)

    imported = installed.said("stock", "import", "erp")

    assert (imported["state"], imported["done"], world.held()["west sku-1"]) == ("imported", True, 10)
    dry = installed.said("stock", "import", "erp", "--dry-run")
    assert [one["kind"] for one in dry["held_skus"]] == ["stock_jump"]
    nothing = sidecar.run("stock", "import", "erp", "--sku", "sku-2", "--accept", "--reason", "x")
    assert "nothing of sku-2 is held for its jump" in nothing.stderr
    accepted = installed.said("stock", "import", "erp", "--sku", "sku-1", "--accept", "--reason", "a container came")
    assert accepted["after"] == "1000.0000"
    installed.said("stock", "import", "erp")
    assert world.held()["west sku-1"] == 1000
