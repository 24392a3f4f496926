"""From a window to its changes and back, in SQL and on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from pymysql.cursors import DictCursor

from sidecar.cli.main import main
from sidecar.mysql.definitions import view_definitions
from tests.support.daemon import configure
from tests.support.rig import Rig, turn_until


def documented(rig: Rig, *, window: int, sku: str, change: int) -> list[list[dict[str, Any]]]:
    """What the three questions in the header of the view answer, asked of a window and a change of this test."""
    header = view_definitions()["erp_v_stock_lineage"].partition("CREATE")[0]
    lines = [line.removeprefix("--   ") for line in header.splitlines() if line.startswith("--   ")]
    asked = "\n".join(lines).partition("destination warehouse")[0]
    for told, meant in {"main-erp": "erp", "= 12": f"= {window}", "TEE-S": sku, "1201": str(change)}.items():
        asked = asked.replace(told, meant)
    questions = [question for question in asked.split(";") if question.strip()]
    assert len(questions) == 3
    with rig.shop.database.connect() as connection, connection.cursor(DictCursor) as cursor:
        answers = []
        for question in questions:
            cursor.execute(question)
            answers.append(list(cursor.fetchall()))
    return answers


def test_lineage_goes_from_windows_to_changes_and_back(
    rig: Rig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "configured").mkdir()
    settings = configure(tmp_path / "configured", rig.shop.database, rig.erp.url).folder / "sidecar.toml"

    def asked(*arguments: str) -> Any:  # noqa: ANN401 -- JSON
        assert main(["--settings", str(settings), "--json", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    first, second = rig.shop.adjust("TEE", "-1.0000"), rig.shop.adjust("TEE", "-2.0000", reason="manual")
    left_out, cup = rig.shop.adjust("TEE", "5.0000", reason="import"), rig.shop.adjust("CUP", "1.0000")
    turn_until(rig.aggregator(), lambda: rig.shop.rows("SELECT state FROM erp_stock_window") == [("booked",)])
    later = rig.shop.adjust("TEE", "-4.0000", source="east")

    by_window, by_change, changes = documented(rig, window=1, sku="TEE", change=second)
    windows = rig.shop.rows("SELECT state, changes, lines_out, refused, held, calls, kept_by FROM erp_v_stock_windows")
    shown = asked("stock", "show", "erp", "W1", "1", "--events")
    stock = {outbox_id: asked("event", "show", str(outbox_id))["stock"][0] for outbox_id in (second, left_out, later)}

    (pictured,) = asked("stock", "windows", "--since", "1h")
    assert main(["--settings", str(settings), "stock", "windows"]) == 0
    assert "█" in capsys.readouterr().out

    assert [pictured[name] for name in ("changes", "windows", "lines", "calls", "calls_saved")] == [3, 1, 2, 1, 2]
    assert (pictured["changes_a_call"], pictured["states"], pictured["oldest_frozen_s"]) == ("3.0", {"booked": 1}, None)
    assert pictured["oldest_open_s"] > 0
    assert sum(bucket["changes"] for bucket in pictured["over_time"]) == 3
    assert [(row["sku"], row["line_state"], json.loads(row["members"])) for row in by_window] == [
        ("CUP", "booked", [cup]),
        ("TEE", "booked", [first, second]),
    ]
    assert [(row["warehouse"], row["sequence"], row["line"], row["is_counted"]) for row in by_change] == [
        ("W1", 1, 2, 1)
    ]
    assert sorted((row["sku"], row["outbox_id"]) for row in changes) == [("CUP", cup), ("TEE", first), ("TEE", second)]
    assert all(row["occurred_at_us"] for row in changes)
    assert windows == [("booked", 3, 2, 0, 0, 1, "")]
    assert [(line["sku"], line["quantity"], line["members"]) for line in shown["lines"]] == [
        ("CUP", "1", [cup]),
        ("TEE", "-3", [first, second]),
    ]
    assert [(change["event"], change["quantity"], change["reason"]) for change in shown["events"]] == [
        (cup, "1.0000", "shipment"),
        (first, "-1.0000", "shipment"),
        (second, "-2.0000", "manual"),
    ]
    assert [(one["fate"], one["sequence"], one["line"]) for one in stock.values()] == [
        ("sent", 1, 2),
        ("not_taken", None, None),
        ("open", None, None),
    ]
