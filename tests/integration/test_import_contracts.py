"""The import contracts of pyproject.toml hold, and each of them can break."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops.embedded.programs import PROJECT

pytestmark = pytest.mark.slow

PACKAGES = (
    *(f"sidecar/{name}" for name in ("cli", "mysql", "engine", "domain", "daemon", "scheduling", "telemetry")),
    *(f"sidecar/{name}" for name in ("archive", "state_file", "off_peak", "reaching")),
    *(
        f"sidecar/{name}"
        for name in ("blueprint", "settings", "credentials", "transport", "configuration", "ports", "wiring")
    ),
    "erp_adapters/sandbox",
    *(f"ops/demonstration/{name}" for name in ("checker", "flash_sale/checker", "flash_sale/evidence")),
    *(f"ops/chaos_run/{name}" for name in ("checker", "stock_checker", "evidence")),
    "ops/embedded",
)


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The packages that the contracts name, empty, under the project's own contracts."""
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    for name in PACKAGES:
        (tmp_path / name).mkdir(parents=True)
    for folder in tmp_path.rglob("*"):
        if folder.is_dir():
            (folder / "__init__.py").touch()
    return tmp_path


def test_empty_packages_break_no_contract(skeleton: Path) -> None:
    run = lint_imports(skeleton)

    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("file", "imports", "contract"),
    [
        ("sidecar/domain/events.py", "sidecar.ports", "One way down"),
        ("sidecar/engine/relay.py", "sidecar.mysql", "One way down"),
        ("erp_adapters/odoo.py", "sidecar.mysql", "One way down"),
        ("sidecar/wiring/__init__.py", "sidecar.cli", "One way down"),
        ("erp_adapters/odoo.py", "sidecar.engine", "Adapters know the port"),
        ("sidecar/engine/relay.py", "sqlalchemy", "Domain, ports and engine"),
        ("sidecar/domain/events.py", "time", "The domain reads no clock"),
        ("erp_adapters/odoo.py", "httpx", "Only sidecar.transport"),
        ("sidecar/wiring/__init__.py", "pymysql", "Only sidecar.mysql"),
        ("erp_adapters/sandbox/ledger.py", "sidecar.domain", "The sandbox ERP is a stranger"),
        ("sidecar/wiring/__init__.py", "erp_adapters.sandbox", "Nothing of ours knows"),
        ("ops/demonstration/checker/__init__.py", "sidecar.ports", "The checkers read"),
        ("ops/chaos_run/checker/__init__.py", "ops.embedded", "The checkers read"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(skeleton: Path, file: str, imports: str, contract: str) -> None:
    (skeleton / file).write_text(f"import {imports}\n")

    run = lint_imports(skeleton)

    assert run.returncode == 1
    assert any(line.startswith(contract) and line.endswith("BROKEN") for line in run.stdout.splitlines()), run.stdout


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
