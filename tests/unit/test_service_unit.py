"""The systemd unit says what the sidecar promises to its host."""

import configparser
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def service() -> configparser.SectionProxy:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(PROJECT / "ops" / "erp-sidecar.service")
    return unit["Service"]


def test_a_wrong_configuration_is_not_tried_again() -> None:
    assert service()["Restart"] == "on-failure"
    assert service()["RestartPreventExitStatus"] == "78"


def test_systemd_knows_when_it_is_ready_and_whether_it_is_alive() -> None:
    assert service()["Type"] == "notify"
    assert int(service()["WatchdogSec"]) > 0


def test_it_has_time_to_finish_what_is_with_the_erp() -> None:
    assert service()["KillSignal"] == "SIGTERM"
    assert int(service()["TimeoutStopSec"]) >= 60


def test_it_runs_as_its_own_user_and_writes_only_its_state() -> None:
    assert service()["User"] not in {"root", "0"}
    assert service()["ProtectSystem"] == "strict"
    assert service()["StateDirectory"] == "erp-sidecar"
    assert service()["NoNewPrivileges"] == "yes"


def test_secrets_come_as_credentials_never_in_the_environment() -> None:
    assert "LoadCredential" in service()
    assert "Environment" not in service()
    assert "EnvironmentFile" not in service()
