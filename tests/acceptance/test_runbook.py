"""What the runbook tells a person to type does what it says."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import Configured, configure
from tests.support.rig import Rig, rig_on, turn_until
from tests.support.sandbox import sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]
REFUSED = {"kind": "reject", "code": "PERIOD_CLOSED", "message": "The period is closed."}


@pytest.fixture
def rig(database: Database, tmp_path: Path) -> Iterator[Rig]:
    with sandbox(tmp_path) as erp, rig_on(database, erp) as made:
        yield made


@pytest.fixture
def sidecar(rig: Rig, database: Database, tmp_path: Path) -> Configured:
    folder = tmp_path / "etc"
    folder.mkdir()
    return configure(folder, database, rig.erp.url)


def command_for_a_refused_window(verb: str) -> list[str]:
    text = (PROJECT / "ops" / "runbook.md").read_text(encoding="utf-8")
    (command,) = re.findall(rf"`erp-sidecar (window {verb} erp .*?)`", text)
    return shlex.split(command)


def states(rig: Rig) -> list[str]:
    return [state for (state,) in rig.shop.rows("SELECT state FROM erp_stock_window ORDER BY sequence")]


def movements(rig: Rig) -> list[str]:
    return [row["reference"] for row in rig.erp.rows("SELECT reference FROM stock_movements ORDER BY reference")]


def refuse_a_window(rig: Rig) -> None:
    rig.erp.plan({"operation": "stock.post", "nth": 1, "count": 1, **REFUSED})
    rig.shop.adjust("TEE", "-1.0000")
    turn_until(rig.aggregator(), lambda: states(rig) == ["parked"])


def test_a_refused_window_goes_out_once_after_the_retry_of_the_runbook(rig: Rig, sidecar: Configured) -> None:
    refuse_a_window(rig)

    done = sidecar.run(*command_for_a_refused_window("retry"))
    turn_until(rig.aggregator(), lambda: states(rig) == ["booked"])

    assert done.returncode == 0, done.stderr
    assert movements(rig) == ["M1.W1.1"]


def test_a_window_that_the_erp_has_already_is_not_sent_again(rig: Rig, sidecar: Configured) -> None:
    rig.shop.adjust("TEE", "-1.0000")
    turn_until(rig.aggregator(), lambda: states(rig) == ["booked"])
    rig.shop.execute("UPDATE erp_stock_window SET state = 'parked'")
    rig.shop.execute("UPDATE erp_stock_window_line SET state = 'open'")

    sidecar.run(*command_for_a_refused_window("retry"))
    turn_until(rig.aggregator(), lambda: states(rig) == ["booked"])

    assert movements(rig) == ["M1.W1.1"]


def test_a_window_that_is_skipped_makes_way_for_the_next(rig: Rig, sidecar: Configured) -> None:
    refuse_a_window(rig)
    rig.shop.adjust("TEE", "-2.0000")

    done = sidecar.run(*command_for_a_refused_window("skip"))
    turn_until(rig.aggregator(), lambda: states(rig) == ["skipped", "booked"])

    assert done.returncode == 0, done.stderr
    assert movements(rig) == ["M1.W1.2"]


def test_the_list_of_windows_shows_the_erps_words_until_every_window_is_done(rig: Rig, sidecar: Configured) -> None:
    refuse_a_window(rig)

    before = sidecar.run("window", "list", "--json").stdout
    sidecar.run(*command_for_a_refused_window("skip"))
    after = sidecar.run("window", "list").stdout

    assert "PERIOD_CLOSED: The period is closed." in before
    assert "Every stock window is done." in after


def test_a_window_that_is_not_parked_is_left_alone(rig: Rig, sidecar: Configured) -> None:
    rig.shop.adjust("TEE", "-1.0000")
    turn_until(rig.aggregator(), lambda: states(rig) == ["booked"])

    done = sidecar.run(*command_for_a_refused_window("skip"))

    assert done.returncode == 1
    assert "is not parked at erp; see: erp-sidecar window list" in done.stdout
    assert states(rig) == ["booked"]
