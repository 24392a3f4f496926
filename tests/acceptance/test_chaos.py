"""`ops/chaos`: a short run on each server, and no promise is broken. Long runs are for a person with time."""

import json
import subprocess

import pytest

from ops.embedded.programs import PROJECT

CHAOS = PROJECT / "ops" / "chaos"
PROMISED_NUMBERS = frozenset(
    (
        *("events", "delivered", "kills", "freezes", "db_restarts", "lost", "duplicates", "inversions"),
        *("late_commits", "unknown_parked", "losses_injected_unsearchable", "acknowledged"),
        *("seed", "seconds", "server", "takeovers", "writes_after_lease", "stock_mismatch"),
    )
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "server",
    [
        pytest.param("mariadb", marks=pytest.mark.needs_mariadb),
        pytest.param("mysql", marks=pytest.mark.needs_mysql),
    ],
)
def test_a_short_run_loses_doubles_and_reorders_nothing(server: str) -> None:
    run = subprocess.run(
        [CHAOS, "--seconds", "10", "--seed", "5", "--server", server, "--json"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said.keys() >= PROMISED_NUMBERS
    assert said["server"] == server
    assert said["lost"] == said["duplicates"] == said["inversions"] == said["stock_mismatch"] == 0
    assert said["delivered"] + said["unknown_parked"] == said["events"] > 100
    assert said["unknown_parked"] <= said["losses_injected_unsearchable"]
    assert min(said["kills"], said["freezes"], said["db_restarts"], said["acknowledged"]) >= 1


def test_chaos_explains_itself() -> None:
    run = subprocess.run([CHAOS, "--help"], capture_output=True, text=True, check=False)

    assert run.returncode == 0
    assert all(option in run.stdout for option in ("--seconds", "--seed", "--server", "--json", "--keep"))
