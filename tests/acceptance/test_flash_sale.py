"""`ops/demo --scenario flash-sale`: a small sale, and every stock change of it was told once."""

import json
import subprocess
from dataclasses import fields

import pytest

from ops.demonstration.__main__ import main
from ops.demonstration.flash_sale.checker import Verdict
from ops.embedded.programs import PROJECT

DEMO = PROJECT / "ops" / "demo"
ORDERS = 150


@pytest.mark.slow
@pytest.mark.needs_php
def test_a_flash_sale_is_told_in_few_calls_and_both_sides_agree_on_stock_and_demand() -> None:
    command = [
        str(DEMO),
        "--scenario",
        "flash-sale",
        "--orders",
        str(ORDERS),
        "--minutes",
        "0.3",
        "--json",
        "--seed",
        "3",
    ]

    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said.keys() == {"seed", "seconds", "compression"} | {field.name for field in fields(Verdict)}
    assert said["orders"] == ORDERS
    assert said["mismatch"] == said["in_no_window"] == said["in_several"] == said["unfinished"] == 0
    assert said["deltas"] > 2 * ORDERS
    assert said["windows"] >= 3
    assert said["calls"] * 10 <= said["deltas"]
    assert said["calls_saved"] == said["deltas"] - said["calls"]
    assert said["faults"]


@pytest.mark.parametrize("wrong", [("--orders", "5"), ("--minutes", "1")])
def test_a_sales_options_are_refused_for_a_day_in_the_shop(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(wrong)

    assert refused.value.code == 2
    assert "--scenario flash-sale" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [("--orders", "0"), ("--minutes", "nan"), ("--minutes", "-1"), ("--once",)])
def test_a_sale_that_cannot_be_played_is_refused(wrong: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(("--scenario", "flash-sale", *wrong))

    assert refused.value.code == 2
