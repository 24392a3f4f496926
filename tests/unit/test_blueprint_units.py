"""What a blueprint says about units, and what its check says of levels that are merely set."""

import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from sidecar.blueprint import load_blueprint
from sidecar.cli.main import main
from sidecar.domain.events import DestinationName
from sidecar.domain.special_cases import Skus
from sidecar.domain.units import UnitRule, Units
from tests.support.blueprints import BASE, NoAliases, Values, erp, problems_after
from tests.support.profiles import profile_with_levels

BOX: Values = {"skus": {"prefix": "CASE-"}, "unit": "BOX", "holds": 12}
AT = "destinations.erp.stock.units"


def written(folder: Path, stock: Values, **changes: object) -> Path:
    values = deepcopy(BASE)
    del erp(values)["lifecycle"]
    erp(values)["stock"].update(stock)
    erp(values).update(changes)
    path = folder / "blueprint.yaml"
    path.write_text(yaml.dump(values, Dumper=NoAliases, sort_keys=False), encoding="utf-8")
    return path


def test_units_are_read_as_they_are_written(tmp_path: Path) -> None:
    cable = {"skus": ["CABLE"], "unit": "KM", "holds": "1000.5", "places": 3}

    stock = (
        load_blueprint(written(tmp_path, {"unit": "PCE", "units": [BOX, cable]})).policy(DestinationName("erp")).stock
    )

    assert stock is not None
    assert stock.units == Units(
        "PCE",
        (
            UnitRule(Skus(prefix="CASE-"), "BOX", Decimal(12)),
            UnitRule(Skus(named=frozenset({"CABLE"})), "KM", Decimal("1000.5"), 3),
        ),
    )


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (BOX | {"holds": 0}, f"{AT}[0].holds: found 0, allowed: a number above 0"),
        (BOX | {"holds": "-3"}, f"{AT}[0].holds: found "),
        (BOX | {"places": 5}, f"{AT}[0].places: found 5, allowed: how many decimal places"),
        (BOX | {"unit": "A" * 17}, f"{AT}[0].unit: found "),
        ({"unit": "BOX", "holds": 12}, f"{AT}[0].skus: found nothing"),
    ],
)
def test_a_unit_that_is_written_wrongly_is_named(tmp_path: Path, part: Values, problem: str) -> None:
    problems = problems_after(lambda values: erp(values)["stock"].update(units=[part]), tmp_path)

    assert [one for one in problems if one.startswith(problem)], problems


def test_skus_that_two_units_have_are_refused(tmp_path: Path) -> None:
    pallet = {"skus": ["CASE-1"], "unit": "PAL", "holds": 480}

    problems = problems_after(lambda values: erp(values)["stock"].update(units=[BOX, pallet]), tmp_path)

    assert problems == [
        f"{AT}[1].skus: found SKUs that two units have (PAL), allowed: SKUs that {AT}[0] (BOX) does not have"
    ]


def test_the_check_says_where_levels_are_set_without_a_precondition(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, {}, profile=profile_with_levels(tmp_path, guarded=False))

    assert main(["blueprint", "check", str(path)]) == 0
    assert main(["--json", "blueprint", "check", str(path)]) == 0

    told, document = capsys.readouterr().out.split("{", 1)
    assert "erp is told levels of stock without the one that is expected" in " ".join(told.split())
    assert json.loads("{" + document)["unguarded_stock"] == ["erp"]


def test_the_check_says_nothing_of_an_erp_that_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, {}, profile=profile_with_levels(tmp_path))

    assert main(["blueprint", "check", str(path)]) == 0

    assert "levels of stock" not in capsys.readouterr().out
