"""How a profile says who asks, and what the settings of a host put in its place."""

import copy
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from erp_adapters.legacy.profile import profile_of
from erp_adapters.profiled.authentication import TokenPlace
from erp_adapters.registry import AdapterConfiguration, build, profile_path
from sidecar.domain.errors import ConfigurationError
from tests.support.token_server import CLIENT, CLIENT_SECRET, token_server

SHIPPED: dict[str, Any] = yaml.safe_load(profile_path("sandbox", Path()).read_text(encoding="utf-8"))
TOKENS = {"kind": "oauth2", "client": "basic", "scope": "orders.write"}


def with_auth(**auth: object) -> dict[str, Any]:
    return {**copy.deepcopy(SHIPPED), "auth": auth}


def configured(folder: Path, url: str, place: TokenPlace | None, **auth: object) -> AdapterConfiguration:
    (folder / "ours.yaml").write_text(yaml.safe_dump(with_auth(**auth)), encoding="utf-8")
    return AdapterConfiguration("erp", "legacy", "ours.yaml", url, folder, token=place)


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        ({"kind": "bearer", "scope": "all"}, "found kind bearer with scope, allowed: scope for oauth2 only"),
        ({"kind": "oauth2", "name": "X"}, "found kind oauth2 with name"),
        ({"kind": "oauth2", "client": "private_key_jwt"}, "found client private_key_jwt alone"),
        ({"kind": "oauth2", "assertion": {"algorithm": "RS256"}}, "found assertion alone"),
        ({"kind": "oauth2", "client": "private_key_jwt", "assertion": {"algorithm": "none"}}, "RS256, PS256, ES256"),
        (
            {
                "kind": "oauth2",
                "client": "private_key_jwt",
                "assertion": {"algorithm": "RS256", "claims": {"exp": "9"}},
            },
            "found claims with exp",
        ),
        ({"kind": "oauth2", "client_secret": "s"}, "client_secret: found an unknown key"),
    ],
)
def test_what_does_not_fit_together_is_told(auth: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        profile_of(with_auth(**auth))

    assert words in str(caught.value)


def test_an_adapter_shows_tokens_where_its_profile_says_so(tmp_path: Path) -> None:
    with token_server() as server:
        configuration = configured(
            tmp_path, server.url, TokenPlace(), **TOKENS, token_url=server.token_url, client_id=CLIENT
        )
        with closing(build(configuration, SecretStr(CLIENT_SECRET), "M1")) as adapter:
            assert adapter.probe().reachable

        assert server.calls
        assert set(server.calls) <= server.valid


def test_the_settings_outrank_the_profile(tmp_path: Path) -> None:
    with token_server() as server:
        place = TokenPlace(token_url=server.token_url, client_id=CLIENT)
        configuration = configured(tmp_path, server.url, place, **TOKENS, token_url="https://real.example/token")
        with closing(build(configuration, SecretStr(CLIENT_SECRET), "M1")) as adapter:
            assert adapter.probe().reachable

        assert server.asked == 1


@pytest.mark.parametrize("key", ["token_url", "client_id"])
def test_what_neither_side_tells_is_named_where_it_can_be_set(key: str, tmp_path: Path) -> None:
    told = {"token_url": "https://idp.example/token", "client_id": CLIENT}
    del told[key]
    configuration = configured(tmp_path, "https://erp.example", TokenPlace(), **TOKENS, **told)

    with pytest.raises(ConfigurationError, match=rf"destinations\.erp\.oauth2\.{key}: found nothing") as caught:
        build(configuration, SecretStr(CLIENT_SECRET), "M1")

    assert "sidecar.toml" in caught.value.hint


def test_a_blueprint_can_be_checked_before_the_host_knows_where_tokens_come_from(tmp_path: Path) -> None:
    build(configured(tmp_path, "https://erp.example", None, **TOKENS), SecretStr("not the real one"), "M1").close()


def test_an_endpoint_without_a_token_is_a_reason_that_a_person_can_read(tmp_path: Path) -> None:
    with token_server() as server:
        configuration = configured(tmp_path, server.url, TokenPlace(server.token_url, CLIENT), **TOKENS)
        with closing(build(configuration, SecretStr("wrong"), "M1")) as adapter:
            health = adapter.probe()

    (problem,) = health.problems
    assert "gives us no token: invalid_client; look at client_id" in problem
    assert not health.reachable
