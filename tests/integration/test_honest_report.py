"""What did not run is named before the closing line, and nothing is skipped in silence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.embedded.programs import PROJECT

pytestmark = pytest.mark.slow

ONE_PASSES = "def test_passes():\n    assert True\n"


def test_a_skip_is_a_failure_that_says_what_to_do(tmp_path: Path) -> None:
    run = pytest_on(tmp_path, "import pytest\n\ndef test_skips():\n    pytest.skip('not today')\n")

    assert run.returncode == 1
    assert "may not be skipped in silence" in run.stdout
    assert closing_line(run).startswith("=")
    assert "1 failed" in closing_line(run)


def test_a_whole_file_cannot_be_skipped_either(tmp_path: Path) -> None:
    run = pytest_on(tmp_path, "import pytest\n\npytest.importorskip('no_such_library')\n" + ONE_PASSES)

    assert run.returncode != 0
    assert "may not be skipped in silence" in run.stdout


def test_a_test_cannot_be_marked_as_skipped_or_as_expected_to_fail(tmp_path: Path) -> None:
    for number, mark in enumerate(("skip", "skipif(True, reason='x')", "xfail")):
        (tmp_path / f"test_marked_{number}.py").write_text(f"import pytest\n\n@pytest.mark.{mark}\n" + ONE_PASSES)

    run = pytest_on(tmp_path, ONE_PASSES, str(tmp_path))

    assert run.returncode != 0
    assert "3 errors" in closing_line(run)


def test_what_is_left_out_is_counted_before_the_closing_line(tmp_path: Path) -> None:
    slow = "import pytest\n\n@pytest.mark.slow\n" + ONE_PASSES + "\ndef test_too():\n    assert True\n"

    run = pytest_on(tmp_path, slow, "--quick")

    assert run.returncode == 0
    assert run.stdout.splitlines()[-2] == "NOT RUN: 1 test: left out by --quick"
    assert "1 passed, 1 deselected" in closing_line(run)


def test_steps_that_failed_before_the_tests_are_named_before_the_closing_line(tmp_path: Path) -> None:
    run = pytest_on(tmp_path, ONE_PASSES, CHECK_FAILED_STEPS="mypy,layers")

    assert run.stdout.splitlines()[-2] == "FAILED before the tests: mypy,layers"


def test_a_warning_is_a_failure(tmp_path: Path) -> None:
    run = pytest_on(tmp_path, "import warnings\n\ndef test_warns():\n    warnings.warn('old')\n")

    assert run.returncode == 1


def pytest_on(folder: Path, source: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with this project's settings and hooks on one file."""
    file = folder / "test_example.py"
    file.write_text(source)
    command = [sys.executable, "-m", "pytest", "-c", str(PROJECT / "pyproject.toml"), "-p", "tests.conftest"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", str(folder), *options, str(file)],
        cwd=PROJECT,
        env={**os.environ, "CHECK_FAILED_STEPS": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def closing_line(run: subprocess.CompletedProcess[str]) -> str:
    return run.stdout.splitlines()[-1]
