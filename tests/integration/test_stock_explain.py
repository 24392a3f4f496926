"""`erp-sidecar stock explain` tells where every unit of a SKU went, from both sides."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sidecar.cli.main import main
from sidecar.domain.policy import StockPolicy
from tests.support.daemon import configure
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

SALE = json.dumps({"event_type": "order_placed", "object_increment_id": "000000042"})
STOCK = StockPolicy(frozenset({"shipment", "manual"}), {"west": "west"}, timedelta(milliseconds=50))


def change(rig: Rig, quantity: int, reason: str, cause: tuple[str, str] = ("manual", "admin:3")) -> int:
    """Change what the source west holds, and tell it, as the module does in one transaction."""
    with rig.shop.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT quantity FROM inventory_source_item WHERE sku = 'TEE' FOR UPDATE")
        (before,) = cursor.fetchone() or (0,)
        cursor.execute("UPDATE inventory_source_item SET quantity = quantity + %s WHERE sku = 'TEE'", (quantity,))
        payload = {
            "sku": "TEE",
            "source_code": "west",
            "quantity": f"{quantity}.0000",
            "reason": reason,
            "cause": {"type": cause[0], "id": cause[1]},
            "old_quantity": str(before),
            "new_quantity": str(before + quantity),
            "old_status": 1,
            "new_status": 1,
        }
        return rig.shop.insert(connection, "InventoryAdjusted", None, "TEE", json.dumps(payload))


def stocked(rig: Rig, quantity: int) -> None:
    """Ten of it on both sides."""
    rig.erp.control(
        "POST", "stock", {"balances": [{"warehouse": "west", "sku": "TEE", "quantity": f"{quantity}.0000"}]}
    )


def test_a_person_is_told_where_every_unit_went(
    database: Database, erp: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with rig_on(database, erp, replace(POLICY, stock=STOCK)) as rig:
        (tmp_path / "configured").mkdir()
        settings = configure(tmp_path / "configured", database, erp.url).folder / "sidecar.toml"
        for statement in (
            "CREATE TABLE inventory_source_stock_link (stock_id INT, source_code VARCHAR(255), priority INT)",
            "INSERT INTO inventory_source_stock_link VALUES (1, 'west', 1)",
            "INSERT INTO inventory_source (source_code, name, country_id, postcode) VALUES ('west', 'West', 'DE', '1')",
            "INSERT INTO inventory_source_item (source_code, sku, quantity, status) VALUES ('west', 'TEE', 10, 1)",
        ):
            rig.shop.execute(statement)
        reservation = "INSERT INTO inventory_reservation (stock_id, sku, quantity, metadata) VALUES (1, 'TEE', -2, %s)"
        rig.shop.execute(reservation, SALE)

        def asked(*more: str) -> Any:  # noqa: ANN401 -- JSON
            assert main(["--settings", str(settings), "--json", "stock", "explain", "TEE", *more]) == 0
            return json.loads(capsys.readouterr().out)

        stocked(rig, 10)
        change(rig, -2, "shipment", ("shipment", "17"))
        aggregator = rig.aggregator()
        turn_until(aggregator, lambda: rig.shop.rows("SELECT state FROM erp_stock_window") == [("booked",)])
        change(rig, 5, "import", ("import", "stock.csv"))
        rig.shop.execute("UPDATE inventory_source_item SET quantity = quantity - 3 WHERE sku = 'TEE'")
        opened = change(rig, -1, "manual")
        rig.shop.reserve("TEE", "-2.0000")

        story = asked()
        stocked(rig, 12)
        later = asked("--source", "west", "--since", "1d")
        strange = asked()
        assert main(["--settings", str(settings), "stock", "explain", "TEE"]) == 0
        printed = capsys.readouterr().out

    (told,) = story["destinations"]
    assert story["magento"]["sources"][0]["quantity"] == "9.0000"
    assert story["magento"]["stocks"] == [{"stock": 1, "reserved": "-2.0000", "salable": "7.0000"}]
    assert story["magento"]["orders"] == [{"order": "000000042", "reserved": "-2.0000"}]
    assert [(one["where"], one["reason"], one["quantity"], one["documents"]) for one in story["changes"]] == [
        ("stock 1", "order_placed", "-2.0000", ["000000042"]),
        ("west", "import", "5.0000", ["stock.csv"]),
        ("west", "manual", "-1.0000", ["admin:3"]),
        ("west", "shipment", "-2.0000", ["17"]),
    ]
    (foots,) = story["footing"]
    assert (foots["opening"], foots["expected"], foots["now"], foots["difference"]) == (
        "10.0000", "12.0000", "9.0000", "-3.0000"
    )  # fmt: skip
    assert [(gap["before_event"], gap["quantity"]) for gap in foots["breaks"]] == [(opened, "-3.0000")]
    assert [(one["sequence"], one["quantity"], one["fate"]) for one in told["lines"]] == [(1, "-2", "sent")]
    assert [(one["fate"], one["quantity"]) for one in told["in_no_window"]] == [
        ("not_taken", "5.0000"),
        ("open", "-1.0000"),
        ("not_taken", "-2.0000"),
    ]
    (level,) = [one for one in told["levels"] if one["warehouse"] == "west"]
    assert (level["on_hand"], level["in_magento"], level["not_explained"]) == ("8.0000", "9.0000", "0.0000")
    assert level["explained"].split("; ") == [
        "-5.0000 stock.reasons does not name import",
        "+1.0000 on its way to the ERP, or kept back",
        "+3.0000 changed in Magento without an event",
    ]
    assert [one["where"] for one in later["changes"]] == ["west"] * 3
    assert later["destinations"][0]["levels"] == []
    assert strange["destinations"][0]["levels"][0]["not_explained"] == "2.0000"
    assert f"-3.0000 between event {opened - 1}" in printed
