"""The doctor and an ERP's stock: rights, sources, the way into Magento, and who makes the shop sell it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.demonstration.stage import statements_of
from sidecar.domain.examination import Verdict
from sidecar.domain.stock_examination import judge_stock
from sidecar.mysql.stock_examination import stock_facts
from tests.support.daemon import Configured
from tests.support.servers import Database
from tests.support.stores import STOCK_TABLES, Tables

FEED = {"quantity": "available", "warehouses": {"W1": "west"}, "write": "sql"}


def test_facts_of_sources_indexers_and_messages_are_read_as_they_stand(tables: Tables) -> None:
    tables.insert("inventory_stock", stock_id=2, name="Europe")
    for source in ("west", "east"):
        tables.insert("inventory_source", source_code=source, name=source, country_id="DE", postcode="1")
    tables.insert("inventory_source_stock_link", stock_id=2, source_code="west", priority=1)
    tables.insert("mview_state", view_id="inventory", mode="enabled")
    for number, (status, age) in enumerate(((2, 90), (4, 30), (4, 10)), start=1):
        tables.insert("queue_message", id=number, topic_name="inventory.reservations.updateSalabilityStatus")
        tables.run(
            "INSERT INTO {prefix}queue_message_status (queue_id, message_id, status, updated_at)"
            " VALUES (1, %s, %s, UTC_TIMESTAMP() - INTERVAL %s MINUTE)",
            number,
            status,
            age,
        )

    facts = stock_facts(tables.session, ("west", "east", "moon"))

    assert (facts.sources, facts.linked, facts.modes) == (
        {"west": True, "east": True},
        frozenset({"west"}),
        {"inventory": "enabled"},
    )
    states = [(check.state, check.found) for check in judge_stock("erp", ("west",), facts)]
    assert states[0] == (Verdict.OK, "its 1 sources are enabled, and a stock sells from each")
    assert states[2][0] is Verdict.WARN
    assert "1:3" in states[2][1], "the oldest message waits for an hour and a half"


@pytest.mark.slow
def test_the_doctor_says_why_stock_cannot_be_written(sidecar: Configured, database: Database) -> None:
    _feed(sidecar.folder / "blueprint.yaml")
    with database.connect() as connection, connection.cursor() as cursor:
        for statement in statements_of(STOCK_TABLES):
            cursor.execute(statement)
        cursor.execute(
            "INSERT INTO inventory_source (source_code, name, country_id, postcode) VALUES ('west', 'West', 'DE', '1')"
        )
    found = {(line["found"], line["do"]) for line in _lines(sidecar)}

    assert (
        "nothing would index what is written by SQL, inventory not on schedule",
        "bin/magento indexer:set-mode schedule inventory cataloginventory_stock",
    ) in found
    assert "no stock sells from source west" in {words for words, _ in found}


def _feed(path: Path) -> None:
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    erp = values["destinations"]["erp"]
    del erp["stock"]
    erp["takes"].remove("InventoryAdjusted")
    erp["stock_feed"] = FEED
    values["domains"]["stock"] |= {
        "creator": "erp",
        "modifiers": ["erp"],
        "authority": "erp",
        "direction": "erp_to_magento",
    }
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def _lines(sidecar: Configured) -> list[dict[str, Any]]:
    ended = sidecar.run("doctor", "--json")
    assert ended.stdout, ended.stderr
    lines = json.loads(ended.stdout)
    return [line for line in lines if line["check"].startswith("stock feed")]
