"""The name of a mapping: the same for the same words, wherever the ERP is, and another for others."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from erp_adapters.mapping.version import version_of
from erp_adapters.registry import AdapterConfiguration, WrittenCase, WrittenRules, mapping_version
from sidecar.domain.special_cases import Condition, Skus

CASE = WrittenCase("hazmat", "logistics", date(2026, 12, 31), Condition(skus=Skus(prefix="HAZ-")), WrittenRules())


@pytest.fixture
def configuration(tmp_path: Path) -> AdapterConfiguration:
    (tmp_path / "ours.yaml").write_text("product: Our ERP\n", encoding="utf-8")
    return AdapterConfiguration(
        "erp", "legacy", "ours.yaml", "https://erp.example.com", tmp_path, special_cases=(CASE,)
    )


def test_where_an_erp_is_and_how_fast_it_is_asked_is_no_part_of_the_mapping(
    configuration: AdapterConfiguration,
) -> None:
    moved = replace(configuration, destination="other", base_url="https://two.example.com", concurrency=2)

    assert mapping_version(moved) == mapping_version(configuration)


def test_codes_constants_cases_and_the_profile_s_text_are(configuration: AdapterConfiguration) -> None:
    later = replace(CASE, until=date(2027, 1, 31))
    names = [mapping_version(configuration)]
    names.append(mapping_version(replace(configuration, code_maps={"payment_methods": {"checkmo": "C"}})))
    names.append(mapping_version(replace(configuration, constants={"plant": "1000"})))
    names.append(mapping_version(replace(configuration, per_store={4: WrittenRules(constants={"plant": "1"})})))
    names.append(mapping_version(replace(configuration, special_cases=(later,))))
    (configuration.folder / "ours.yaml").write_text("product: Their ERP\n", encoding="utf-8")
    names.append(mapping_version(configuration))

    assert len(set(names)) == len(names)


def test_the_order_of_keys_makes_no_difference() -> None:
    assert version_of({"a": 1, "b": frozenset({"x", "y"})}) == version_of({"b": frozenset({"y", "x"}), "a": 1})


def test_two_processes_give_a_mapping_the_same_name() -> None:
    program = "from erp_adapters.mapping.version import version_of; print(version_of(frozenset('abcdefgh')))"

    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(said) == 1
