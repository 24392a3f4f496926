"""The doctor and Magento's services: what stands in the way is told with what to do, and no token is."""

import json
from pathlib import Path

import pytest
import yaml

from sidecar.domain.errors import ConfigurationError
from sidecar.telemetry import Telemetry
from sidecar.wiring import install
from tests.support.daemon import Configured, configure
from tests.support.magento_rest import RESOURCES, MagentoRest
from tests.support.servers import Database

CONFIGURATION = 78


@pytest.fixture
def unstarted(tmp_path: Path, database: Database) -> Configured:
    """Files alone: nothing is connected."""
    return configure(tmp_path, database, "http://127.0.0.1:8090")


def name_the_shop(sidecar: Configured, base_url: str, token: str) -> None:
    """Settings as the installation's steps write them: an address, and a token in a file of its own."""
    path = sidecar.folder / "magento-token"
    path.write_text(token)
    path.chmod(0o600)
    with sidecar.settings.open("a") as settings:
        settings.write(f'\n[magento]\nbase_url = "{base_url}"\ntoken_file = "magento-token"\n')


@pytest.mark.needs_php
@pytest.mark.slow
def test_the_doctor_asks_each_of_magentos_services(sidecar: Configured, magento: MagentoRest) -> None:
    name_the_shop(sidecar, magento.base_url, magento.token)
    sound = json.loads(sidecar.run("doctor", "--json").stdout)
    magento.allow(*(resource for resource in RESOURCES if resource != "Magento_Sales::invoice"))
    ended = sidecar.run("doctor", "--json")

    (found,) = [line for line in sound if line["check"] == "Magento's services"]
    (missing,) = [line for line in json.loads(ended.stdout) if line["check"] == "Magento's services"]
    assert found["state"] == "ok"
    assert (ended.returncode, missing["found"]) == (1, "the sidecar may not invoice orders")
    assert missing["do"].startswith("allow its integration Magento_Sales::invoice")
    assert magento.token not in ended.stdout + ended.stderr


@pytest.mark.slow
def test_a_blueprint_that_brings_documents_back_needs_an_address_to_bring_them_to(sidecar: Configured) -> None:
    path = sidecar.folder / "blueprint.yaml"
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    values["destinations"]["erp"]["inbound"] = {"takes": ["orders"]}
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")

    ended = sidecar.run("doctor")

    assert ended.returncode == CONFIGURATION
    assert "magento: found nothing" in ended.stderr
    assert "add [magento] with base_url to sidecar.toml" in ended.stderr


@pytest.mark.parametrize("base_url", ["http://shop.example", "https://me:secret@shop.example", "shop.example"])
def test_an_address_that_must_not_be_used_is_a_configuration_error(base_url: str, unstarted: Configured) -> None:
    name_the_shop(unstarted, base_url, "token")

    with (
        install(unstarted.settings, Telemetry()) as installation,
        pytest.raises(ConfigurationError, match=r"magento\.base_url: found") as caught,
    ):
        installation.magento_services()

    assert "secret" not in f"{caught.value}{caught.value.hint}"


def test_whoever_needs_magentos_services_is_told_that_they_are_not_set(unstarted: Configured) -> None:
    with (
        install(unstarted.settings, Telemetry()) as installation,
        pytest.raises(ConfigurationError, match="magento: found nothing") as caught,
    ):
        installation.magento_services()

    assert caught.value.hint == "add [magento] with base_url to sidecar.toml"


def test_all_who_call_magento_share_one_client(unstarted: Configured) -> None:
    name_the_shop(unstarted, "https://shop.example", "token")

    with install(unstarted.settings, Telemetry()) as installation:
        assert installation.magento_services() is installation.magento_services()
