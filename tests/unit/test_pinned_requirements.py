"""Every environment is pinned by hash, completely, and record no place that packages came from."""

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = DECLARED["dependency-groups"]
CHECK, HOST, BENCH = "requirements.txt", "requirements-run.txt", "requirements-bench.txt"
PLOTS = "requirements-plots.txt"
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)((?:.*\\\n)(?: +--hash=sha256:[0-9a-f]{64}.*\n?)+)", re.MULTILINE)


def text_of(file: str) -> str:
    return (PROJECT / "ops" / file).read_text(encoding="utf-8")


def pins(file: str) -> dict[str, str]:
    return {name: version for name, version, _ in PIN.findall(text_of(file))}


@pytest.mark.parametrize("file", [CHECK, HOST, BENCH, PLOTS])
def test_every_requirement_is_pinned_by_hash(file: str) -> None:
    requirements = [line for line in text_of(file).splitlines() if line and not line.startswith((" ", "#"))]

    assert len(pins(file)) == len(requirements)
    assert pins(file)


@pytest.mark.parametrize("file", [CHECK, HOST, BENCH, PLOTS])
def test_no_place_that_packages_came_from_is_recorded(file: str) -> None:
    assert "://" not in text_of(file)
    assert "--index" not in text_of(file)
    assert "--find-links" not in text_of(file)


@pytest.mark.parametrize(("file", "group"), [(CHECK, "dev"), (HOST, "build"), (BENCH, "bench"), (PLOTS, "plots")])
def test_every_declared_dependency_is_pinned(file: str, group: str) -> None:
    ours = [] if file in (BENCH, PLOTS) else DECLARED["project"]["dependencies"]
    wanted = ours + GROUPS[group]
    names = {re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower() for requirement in wanted}

    assert names <= set(pins(file))


def test_a_host_runs_the_versions_that_were_checked_and_no_tool_of_the_check() -> None:
    checked, host = pins(CHECK), pins(HOST)

    assert {name: version for name, version in host.items() if checked.get(name, version) != version} == {}
    assert not {"pytest", "mypy", "ruff", "hypothesis", "testcontainers"} & set(host)


def test_what_draws_is_of_the_checked_versions_and_no_part_of_a_host() -> None:
    checked, drawing = pins(CHECK), pins(PLOTS)

    assert {name: version for name, version in drawing.items() if checked[name] != version} == {}
    assert "matplotlib" not in pins(HOST)
