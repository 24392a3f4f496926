"""Where secrets come from, who may read them, and that nothing repeats them."""

import os
import traceback
from pathlib import Path

import pytest

from sidecar.domain.errors import ConfigurationError
from sidecar.settings import load_settings

DATABASE = '[database]\nname = "magento"\nuser = "erp_sidecar"\n'
MAGENTO = '[magento]\nbase_url = "https://shop.example"\n'
SECRET = "correct-horse"


@pytest.fixture(autouse=True)
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which systemd would hand credentials over, empty."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    for name in os.environ:
        if name.startswith("ERP_SIDECAR_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def refusal_of(path: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    return caught.value


def test_a_password_is_read_from_a_file_of_its_own_without_the_lines_end(tmp_path: Path) -> None:
    write(tmp_path / "password", f"{SECRET}\n")

    settings = load_settings(write(tmp_path / "sidecar.toml", DATABASE + 'password_file = "password"\n'))

    assert settings.database.password is not None
    assert settings.database.password.get_secret_value() == SECRET


@pytest.mark.parametrize("name", ["database-password", "secrets_database-password"])
def test_a_credential_with_the_usual_name_needs_no_setting(name: str, tmp_path: Path, credentials: Path) -> None:
    write(credentials / name, SECRET, 0o400)

    settings = load_settings(write(tmp_path / "sidecar.toml", DATABASE))

    assert settings.database.password is not None
    assert settings.database.password.get_secret_value() == SECRET


def test_a_destination_finds_its_credential_by_its_name(tmp_path: Path, credentials: Path) -> None:
    write(credentials / "secrets_erp-secret", SECRET, 0o400)

    settings = load_settings(write(tmp_path / "sidecar.toml", DATABASE))

    assert settings.secret_for("erp").get_secret_value() == SECRET


def test_a_named_credential_is_taken(tmp_path: Path, credentials: Path) -> None:
    write(credentials / "warehouse", SECRET, 0o400)
    text = DATABASE + '[destinations.wms]\nsecret_credential = "warehouse"\n'

    settings = load_settings(write(tmp_path / "sidecar.toml", text))

    assert settings.secret_for("wms").get_secret_value() == SECRET


def test_magentos_token_is_found_by_its_usual_name(tmp_path: Path, credentials: Path) -> None:
    write(credentials / "secrets_magento-token", SECRET, 0o400)

    settings = load_settings(write(tmp_path / "sidecar.toml", DATABASE + MAGENTO))

    assert settings.magento_token().get_secret_value() == SECRET


def test_magentos_token_is_read_from_a_file_beside_the_settings(tmp_path: Path) -> None:
    write(tmp_path / "token", SECRET)

    settings = load_settings(write(tmp_path / "sidecar.toml", DATABASE + MAGENTO + 'token_file = "token"\n'))

    assert settings.magento_token().get_secret_value() == SECRET


def test_magentos_token_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_SIDECAR_MAGENTO__TOKEN", SECRET)

    settings = load_settings(write(tmp_path / "sidecar.toml", DATABASE + MAGENTO))

    assert settings.magento_token().get_secret_value() == SECRET


@pytest.mark.parametrize("text", [DATABASE, DATABASE + MAGENTO])
def test_without_a_token_for_magento_it_is_said_what_to_set(text: str, tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path / "sidecar.toml", text))

    with pytest.raises(ConfigurationError, match=r"magento\.token: found nothing") as caught:
        settings.magento_token()

    assert "a systemd credential named magento-token" in caught.value.hint


def test_a_token_file_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    token = write(tmp_path / "token", SECRET, 0o644)

    error = refusal_of(write(tmp_path / "sidecar.toml", DATABASE + MAGENTO + 'token_file = "token"\n'))

    assert error.hint == f"chmod 640 {token}"


def test_a_token_in_settings_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "sidecar.toml", DATABASE + MAGENTO + f'token = "{SECRET}"\n', 0o644)

    assert refusal_of(path).hint == f"chmod 640 {path}"


@pytest.mark.parametrize("host", ["shop.example/path", "two words", "shop.example\\r\\nX-Evil: 1"])
def test_what_is_no_host_name_is_refused(host: str, tmp_path: Path) -> None:
    error = refusal_of(write(tmp_path / "sidecar.toml", DATABASE + MAGENTO + f'host = "{host}"\n'))

    assert "magento.host: found" in str(error)


def test_a_destination_without_a_secret_is_told_what_to_set(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path / "sidecar.toml", DATABASE))

    with pytest.raises(ConfigurationError, match=r"destinations\.erp\.secret: found nothing") as caught:
        settings.secret_for("erp")

    assert "a systemd credential named erp-secret" in caught.value.hint


def test_a_credential_that_was_not_handed_over_is_named(tmp_path: Path) -> None:
    text = DATABASE + 'password_credential = "magento"\n'

    error = refusal_of(write(tmp_path / "sidecar.toml", text))

    assert "database.password_credential: found 'magento', which systemd did not hand over" in str(error)


def test_two_ways_to_give_one_secret_are_refused(tmp_path: Path) -> None:
    text = DATABASE + f'password = "{SECRET}"\npassword_file = "password"\n'

    error = refusal_of(write(tmp_path / "sidecar.toml", text))

    assert "database.password: found database.password, database.password_file, allowed: one of them" in str(error)


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_secret_is_refused(text: str, tmp_path: Path) -> None:
    write(tmp_path / "password", text)

    error = refusal_of(write(tmp_path / "sidecar.toml", DATABASE + 'password_file = "password"\n'))

    assert f"database.password_file: found no secret in {tmp_path}/password" in str(error)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_settings_with_a_password_that_everybody_may_use_are_refused(mode: int, tmp_path: Path) -> None:
    path = write(tmp_path / "sidecar.toml", DATABASE + f'password = "{SECRET}"\n', mode)

    error = refusal_of(path)

    assert f"which everybody on this host may use (mode {mode:04o}), allowed: mode 0640 or stricter" in str(error)
    assert error.hint == f"chmod 640 {path}"


def test_a_destinations_secret_is_guarded_in_the_same_way(tmp_path: Path) -> None:
    path = write(tmp_path / "sidecar.toml", DATABASE + f'[destinations.erp]\nsecret = "{SECRET}"\n', 0o644)

    assert refusal_of(path).hint == f"chmod 640 {path}"


def test_a_password_file_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    password = write(tmp_path / "password", SECRET, 0o644)

    error = refusal_of(write(tmp_path / "sidecar.toml", DATABASE + 'password_file = "password"\n'))

    assert error.hint == f"chmod 640 {password}"


def test_settings_without_a_secret_may_be_read_by_everybody(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path / "sidecar.toml", DATABASE, 0o644))

    assert settings.database.password is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(DATABASE + f'password = ["{SECRET}"]\n', id="a list"),
        pytest.param(DATABASE + f'passwrod = "{SECRET}"\n', id="under a misspelt key"),
        pytest.param(f'database = "mysql://me:{SECRET}@db/magento"\n', id="as an address"),
        pytest.param(f'[destinations]\nerp = "{SECRET}"\n', id="without a table"),
        pytest.param(DATABASE + MAGENTO + f'token = ["{SECRET}"]\n', id="a list for Magento"),
        pytest.param(DATABASE + f'password = "{SECRET}\n', id="in broken TOML"),
        pytest.param(DATABASE + f'password = "{SECRET}"\nport = 0\n', id="beside another problem"),
    ],
)
def test_no_error_repeats_a_secret(text: str, tmp_path: Path) -> None:
    error = refusal_of(write(tmp_path / "sidecar.toml", text))

    assert SECRET not in "".join(traceback.format_exception(error)) + error.hint


def test_no_error_repeats_a_secret_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_SIDECAR_DATABASE", f'{{"password": "{SECRET}"')

    error = refusal_of(write(tmp_path / "sidecar.toml", DATABASE))

    assert "ERP_SIDECAR_DATABASE: found a value that is not shown here and is no JSON" in str(error)
    assert SECRET not in "".join(traceback.format_exception(error))


def test_settings_do_not_show_their_secrets(tmp_path: Path) -> None:
    text = DATABASE + f'password = "{SECRET}"\n[destinations.erp]\nsecret = "{SECRET}"\n'
    text += MAGENTO + f'token = "{SECRET}"\n'

    settings = load_settings(write(tmp_path / "sidecar.toml", text))

    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json()
