"""How file and environment become settings, and what is said when they do not."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from sidecar.domain.errors import ConfigurationError
from sidecar.domain.lease import LeaseTerms
from sidecar.settings import load_settings

EXAMPLE = Path(__file__).parents[2] / "ops/examples/sidecar.toml"
MINIMAL = '[database]\nname = "magento"\nuser = "erp_sidecar"\n'


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the person who runs the tests is read."""
    for name in os.environ:
        if name == "CREDENTIALS_DIRECTORY" or name.startswith("ERP_SIDECAR_"):
            monkeypatch.delenv(name)


def write(folder: Path, text: str, mode: int = 0o640) -> Path:
    path = folder / "sidecar.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def problems_of(path: Path | None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    return str(caught.value).splitlines()


def test_the_example_is_read_and_says_what_is_the_default_anyway(tmp_path: Path) -> None:
    example = load_settings(EXAMPLE)
    minimal = load_settings(write(tmp_path, MINIMAL))

    assert example.model_dump(exclude={"database", "blueprint"}) == minimal.model_dump(
        exclude={"database", "blueprint"}
    )
    assert example.database.model_copy(update={"host": None}) == minimal.database
    assert example.blueprint == EXAMPLE.parent / "blueprint.yaml"


def test_what_is_left_out_has_defaults(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, MINIMAL))

    assert settings.database.port == 3306
    assert settings.database.password is None
    assert settings.lease.terms == LeaseTerms()
    assert settings.relay.gap_patience == timedelta(days=1)
    assert settings.reconciliation.every == timedelta(minutes=15)


def test_relative_paths_count_from_the_files_folder(tmp_path: Path) -> None:
    text = 'blueprint = "our.yaml"\nstate_dir = "state"\n' + MINIMAL + 'socket = "run/server.sock"\n'

    settings = load_settings(write(tmp_path, text))

    assert settings.blueprint == tmp_path / "our.yaml"
    assert settings.state_dir == tmp_path / "state"
    assert settings.database.socket == tmp_path / "run/server.sock"


def test_the_environment_outranks_the_file_key_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_SIDECAR_DATABASE__PORT", "3307")
    monkeypatch.setenv("ERP_SIDECAR_LEASE__TTL", "20s")
    monkeypatch.setenv("ERP_SIDECAR_LOGGING__FORMAT", "json")

    settings = load_settings(write(tmp_path, MINIMAL + "port = 3308\n[lease]\nmargin = '4s'\n"))

    assert settings.database.port == 3307
    assert settings.database.name == "magento"
    assert settings.lease.terms == LeaseTerms(timedelta(seconds=20), timedelta(seconds=4))
    assert settings.logging.format == "json"


def test_the_environment_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_SIDECAR_DATABASE__NAME", "magento")
    monkeypatch.setenv("ERP_SIDECAR_DATABASE__USER", "erp_sidecar")
    monkeypatch.setenv("ERP_SIDECAR_DESTINATIONS__ERP__SECRET", "hunter2")

    settings = load_settings(None)

    assert settings.database.user == "erp_sidecar"
    assert settings.secret_for("erp").get_secret_value() == "hunter2"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            MINIMAL + "port = 99999\n",
            "database.port: found 99999, allowed: a whole number from 1 to 65535",
            id="port",
        ),
        pytest.param(
            MINIMAL + "table_prefix = 'm2-'\n",
            "database.table_prefix: found 'm2-', allowed: Magento's table prefix, up to 32 of A-Z a-z 0-9 _",
            id="prefix",
        ),
        pytest.param(
            MINIMAL + "table_prefix = 'm2\\n'\n".replace("'", '"'),
            "database.table_prefix: found 'm2\\n', allowed: Magento's table prefix, up to 32 of A-Z a-z 0-9 _",
            id="prefix with a line's end",
        ),
        pytest.param(
            MINIMAL + "hots = 'db'\n",
            (
                "database.hots: found an unknown key, allowed: host, port, socket, name, user, password, "
                "password_file, password_credential, table_prefix"
            ),
            id="unknown key",
        ),
        pytest.param(
            MINIMAL + "[daemon]\n",
            (
                "daemon: found an unknown key, allowed: database, blueprint, state_dir, destinations, magento, "
                "lease, relay, stock, projector, reconciliation, janitor, logging"
            ),
            id="unknown table",
        ),
        pytest.param(
            "_env_file = 'x'\n" + MINIMAL,
            (
                "_env_file: found an unknown key, allowed: database, blueprint, state_dir, destinations, magento, "
                "lease, relay, stock, projector, reconciliation, janitor, logging"
            ),
            id="a key with a meaning for the library",
        ),
        pytest.param(
            MINIMAL + "host = 'db'\nsocket = '/s'\n",
            "database.host: found a host and a socket, allowed: one of the two",
            id="host and socket",
        ),
        pytest.param(
            MINIMAL + "[lease]\nttl = '5s'\n",
            "lease.margin: found 0:00:03 of 0:00:05, allowed: up to half of lease.ttl",
            id="a margin that leaves no time",
        ),
        pytest.param(
            MINIMAL + "[relay]\npoll = 50\n",
            "relay.poll: found 50, allowed: a duration such as 250ms, 30s, 5m, 2h or 7d, up to a year",
            id="a duration without a unit",
        ),
        pytest.param(
            MINIMAL + "[logging]\nlevel = 'verbose'\n",
            "logging.level: found 'verbose', allowed: DEBUG, INFO, WARNING, ERROR",
            id="log level",
        ),
        pytest.param(
            "[database\n",
            "the file: found what TOML does not allow (at line 1, column 10), allowed: TOML 1.0",
            id="TOML",
        ),
    ],
)
def test_a_wrong_setting_is_told_with_what_is_allowed(text: str, line: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)

    assert problems_of(path) == [f"{path}: {line}"]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "colour = 1\n[database]\nport = 0\nname = ''\n[lease]\nttl = '0s'\n")

    keys = [line.removeprefix(f"{path}: ").partition(": ")[0] for line in problems_of(path)]

    assert keys == ["colour", "database.port", "database.name", "database.user", "lease.ttl"]


def test_a_wrong_variable_is_told_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_SIDECAR_DATABASE__PORT", "many")
    path = write(tmp_path, MINIMAL)

    assert problems_of(path) == [
        (
            f"{path}: environment variable ERP_SIDECAR_DATABASE__PORT: found 'many', "
            "allowed: a whole number from 1 to 65535"
        )
    ]


def test_a_misspelt_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_SIDECAR_DATABSE__PORT", "3306")

    [problem] = problems_of(write(tmp_path, MINIMAL))

    assert "ERP_SIDECAR_DATABSE__PORT: found an unknown variable, allowed: ERP_SIDECAR_ and one of DATABASE," in problem


def test_the_demonstrations_variables_are_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_SIDECAR_DEMO_DSN", "mysql://root@127.0.0.1/demo")

    assert load_settings(write(tmp_path, MINIMAL)).database.name == "magento"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "absent.toml") == [
        f"{tmp_path}/absent.toml: the file: found no such file or directory, allowed: a file that this user may read"
    ]
