"""The environment is pinned by hash, completely, and records no place that packages came from."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
REQUIREMENTS = (PROJECT / "ops" / "requirements.txt").read_text(encoding="utf-8")
PINS = re.findall(
    r"^([a-z0-9][a-z0-9._-]*)==(\S+)((?:.*\\\n)(?: +--hash=sha256:[0-9a-f]{64}.*\n?)+)", REQUIREMENTS, re.MULTILINE
)


def test_every_requirement_is_pinned_by_hash() -> None:
    requirements = [line for line in REQUIREMENTS.splitlines() if line and not line.startswith((" ", "#"))]

    assert len(PINS) == len(requirements)
    assert PINS


def test_no_place_that_packages_came_from_is_recorded() -> None:
    assert "://" not in REQUIREMENTS
    assert "--index" not in REQUIREMENTS
    assert "--find-links" not in REQUIREMENTS


def test_every_declared_dependency_is_pinned() -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = declared["project"]["dependencies"] + declared["dependency-groups"]["dev"]
    names = {re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower() for requirement in wanted}

    assert names <= {name for name, _, _ in PINS}
