"""A project of somebody else holds its adapter against the suite with one file, and sees which promise it breaks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ITS_FILE = ROOT / "tests" / "support" / "outside" / "our_erp.py"


def run(folder: Path, broken: str = "") -> tuple[int, str]:
    """What pytest says in a folder that has nothing of this project but the packages."""
    shutil.copy(ITS_FILE, folder / "test_our_erp.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OUR_ADAPTER": broken}
    program = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        "--strict-markers",
    ]
    environment.pop("PYTEST_ADDOPTS", None)
    ended = subprocess.run(
        program, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    return ended.returncode, ended.stdout + ended.stderr


def failed(said: str) -> set[str]:
    lines = (line for line in said.splitlines() if line.startswith("FAILED "))
    return {line.split("::")[-1].split(" - ")[0].partition("[")[0] for line in lines}


def test_an_adapter_that_keeps_the_promises_passes_and_what_it_cannot_play_is_named(tmp_path: Path) -> None:
    code, said = run(tmp_path)

    assert code == 0, said
    assert " passed" in said
    assert "skipped" not in said
    assert "NOT PLAYED: 1 test of TestOurErp for want of a quota of calls in a time: not built yet" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("broken", "promises"),
    [
        ("cuts texts", {"test_a_text_of_the_longest_length_arrives_whole_and_one_more_is_refused"}),
        (
            "sends twice",
            {
                "test_a_lost_response_is_unknown_and_the_look_up_finds_the_document",
                "test_after_a_time_out_the_look_up_decides_and_the_order_is_there_once",
                "test_eight_who_send_one_order_at_once_make_one_document_or_every_one_is_known",
                "test_the_same_reference_twice_is_refused_or_shows_as_many",
            },
        ),
    ],
)
def test_an_adapter_that_breaks_a_promise_is_told_which(tmp_path: Path, broken: str, promises: set[str]) -> None:
    code, said = run(tmp_path, broken)

    assert code == 1, said
    assert promises <= failed(said)
    assert "assert " in said
