"""What the settings say of the way to an ERP: files, secrets, and what does not fit together."""

import os
import traceback
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError
from sidecar.settings import Settings, load_settings
from sidecar.transport import Answer, Credential, HttpTransport, Request, TransportTerms
from tests.support.authority import Authority, over_tls
from tests.support.scripted_http import Listener, answering, http_answer

DATABASE = '[database]\nname = "magento"\nuser = "erp_sidecar"\n'
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


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def settings_with(folder: Path, text: str, mode: int = 0o600) -> Settings:
    path = folder / "sidecar.toml"
    path.write_text(DATABASE + text, encoding="utf-8")
    path.chmod(mode)
    return load_settings(path)


def refusal_of(folder: Path, text: str, mode: int = 0o600) -> str:
    with pytest.raises(ConfigurationError) as caught:
        settings_with(folder, text, mode)
    return f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("place", ["key_file", "key_credential", "the usual credential", "the certificate's file"])
def test_the_key_of_our_certificate_lies_where_the_settings_say(
    place: str, authority: Authority, tmp_path: Path, credentials: Path
) -> None:
    pair = authority.certificate("pair").read_bytes()
    certificate, key = pair.partition(b"-----BEGIN PRIVATE")[0], pair
    files: Mapping[str, tuple[Path, str]] = {
        "key_file": (tmp_path / "key.pem", 'key_file = "key.pem"\n'),
        "key_credential": (credentials / "ours", 'key_credential = "ours"\n'),
        "the usual credential": (credentials / "secrets_erp-key", ""),
        "the certificate's file": (tmp_path / "shop.pem", ""),
    }
    (tmp_path / "shop.pem").write_bytes(certificate)
    path, line = files[place]
    path.write_bytes(key)
    path.chmod(0o600)
    text = f'[destinations.erp.tls]\nca_file = "{authority.path}"\ncertificate = "shop.pem"\n{line}'

    way = settings_with(tmp_path, text).way_to("erp")

    server = over_tls(
        answering(http_answer(200, "{}")), authority.certificate("erp", "127.0.0.1"), clients=authority.path
    )
    with closing(Listener(server)) as listener:
        credential = Credential("X-Api-Key", SecretStr(SECRET))
        url = f"https://{listener.address}"
        with closing(HttpTransport(url, {}, TransportTerms(), credential=credential, way=way)) as transport:
            assert isinstance(transport.call(Request("GET", "/"), 5), Answer)


def test_a_key_that_everybody_may_read_is_refused(authority: Authority, tmp_path: Path) -> None:
    pem = authority.certificate("shop")
    pem.chmod(0o644)

    refusal = refusal_of(tmp_path, f'[destinations.erp.tls]\ncertificate = "{pem}"\n')

    assert "destinations.erp.tls.key: found a secret in " in refusal
    assert f"chmod 640 {pem}" in refusal


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[destinations.erp.tls]\nkey_file = "key.pem"\n', "tls.certificate: found nothing, beside a key"),
        ("[destinations.erp.tls]\nsystem_cas = true\n", "tls.system_cas: found true without ca_file"),
        ('[destinations.erp.tls]\ncertificate = "none.pem"\n', "tls.key: found "),
        ("[destinations.erp.tls]\nverify = false\n", "tls.verify: found an unknown key"),
        ('[destinations.erp.proxy]\naddress = "socks5://proxy"\n', "proxy.address: found an address of another kind"),
        ('[destinations.erp.proxy]\nuser = "shop"\n', "proxy.address: found nothing"),
        (f'[destinations.erp.proxy]\naddress = "http://a:{SECRET}@proxy"\n', "found credentials in the address"),
    ],
)
def test_what_does_not_fit_together_is_told(text: str, words: str, tmp_path: Path) -> None:
    refusal = refusal_of(tmp_path, text)

    assert words in refusal
    assert SECRET not in refusal


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f'[destinations.erp.tls]\npassphrase = "{SECRET}"\n', "destinations.erp.tls.passphrase"),
        (
            f'[destinations.erp.proxy]\naddress = "http://proxy"\npassword = "{SECRET}"\n',
            "destinations.erp.proxy.password",
        ),
    ],
)
def test_a_secret_in_settings_that_everybody_may_read_is_refused(text: str, key: str, tmp_path: Path) -> None:
    refusal = refusal_of(tmp_path, text, 0o644)

    assert f"{key}: found a secret in" in refusal
    assert SECRET not in refusal


def test_the_proxys_password_comes_from_its_credential_and_shows_nowhere(tmp_path: Path, credentials: Path) -> None:
    (credentials / "erp-proxy-password").write_text(SECRET)
    (credentials / "erp-proxy-password").chmod(0o400)

    settings = settings_with(tmp_path, '[destinations.erp.proxy]\naddress = "http://proxy:3128"\nuser = "shop"\n')
    proxy = settings.way_to("erp").proxy

    assert proxy is not None
    assert proxy.password is not None
    assert proxy.password.get_secret_value() == SECRET
    assert SECRET not in repr(settings) + repr(settings.way_to("erp")) + repr(proxy)


def test_the_environments_proxy_is_ignored_unless_the_settings_ask_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.local:8888")

    ignored = settings_with(tmp_path, '[destinations.erp]\nsecret = "s"\n').way_to("erp").proxy
    asked = settings_with(tmp_path, '[destinations.erp.proxy]\naddress = "environment"\n').way_to("erp").proxy

    assert ignored is None
    assert str(asked) == "http://proxy.local:8888"


def test_no_error_repeats_a_passphrase(tmp_path: Path, authority: Authority) -> None:
    pem = authority.certificate("shop", passphrase=b"another")
    text = f'[destinations.erp.tls]\ncertificate = "{pem}"\npassphrase = "{SECRET}"\n'
    way = settings_with(tmp_path, text).way_to("erp")

    with pytest.raises(ConfigurationError, match=r"destinations\.erp\.tls\.key: found a key that cannot be") as caught:
        way.context()

    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caught.value.hint


def test_a_variable_may_give_a_nested_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    monkeypatch.setenv("ERP_SIDECAR_DESTINATIONS__erp__TLS__CA_FILE", str(authority.path))

    settings = settings_with(tmp_path, "")

    assert settings.destinations["erp"].tls.ca_file == authority.path
