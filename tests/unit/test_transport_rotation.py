"""A secret that is replaced while the sidecar runs, and an ERP that has forgotten the old one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError
from sidecar.settings import load_settings
from sidecar.transport import Answer, Credential, HttpTransport, KeptSecret, Request, TransportTerms
from tests.support.scripted_http import Listener, Script, http_answer, read_request

OLD, NEW = "old-key-of-the-shop", "new-key-of-the-shop"
POST = Request("POST", "/orders", body={"reference": "M1-1"})


class Erp:
    """Knows one key, and remembers every key it was shown."""

    def __init__(self, key: str) -> None:
        self.key, self.shown = key, list[str]()

    def script(self) -> Script:
        def serve(connection: socket.socket, _: threading.Event) -> None:
            while head := read_request(connection).decode():
                shown = head.partition("X-Api-Key: ")[2].partition("\r\n")[0]
                self.shown.append(shown)
                said = http_answer(200, "{}") if shown == self.key else http_answer(401, f'"who is {shown}?"')
                connection.sendall(said)

        return serve


@contextmanager
def transport_to(erp: Erp, secret: SecretStr | KeptSecret) -> Iterator[HttpTransport]:
    with closing(Listener(erp.script())) as listener:
        credential = Credential("X-Api-Key", secret)
        url = f"http://{listener.address}"
        with closing(HttpTransport(url, {}, TransportTerms(), credential=credential)) as transport:
            yield transport


def written(path: Path, secret: str) -> Path:
    path.write_text(secret)
    path.chmod(0o600)
    return path


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[KeptSecret, Path]:
    """The destination's secret as the settings give it, and the file that it is in."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = written(tmp_path / "key", OLD)
    settings = tmp_path / "sidecar.toml"
    settings.write_text('[database]\nname = "magento"\nuser = "erp_sidecar"\n[destinations.erp]\nsecret_file = "key"\n')
    secret = load_settings(settings).secret_for("erp")
    assert isinstance(secret, KeptSecret)
    return secret, path


def status(transport: HttpTransport) -> int:
    reply = transport.call(POST, 5)
    assert isinstance(reply, Answer)
    assert OLD.encode() not in reply.content
    return reply.status


def test_a_secret_that_was_replaced_is_read_again_when_the_erp_refuses_the_old_one(
    kept: tuple[KeptSecret, Path],
) -> None:
    erp, (secret, path) = Erp(OLD), kept

    with transport_to(erp, secret) as transport:
        before = status(transport)
        erp.key = NEW
        written(path, NEW)
        after = [status(transport) for _ in range(2)]

    assert (before, after) == (200, [200, 200])
    assert erp.shown == [OLD, OLD, NEW, NEW]


def test_a_secret_that_is_still_the_same_is_not_shown_twice(kept: tuple[KeptSecret, Path]) -> None:
    erp, (secret, _) = Erp(NEW), kept

    with transport_to(erp, secret) as transport:
        assert status(transport) == 401

    assert erp.shown == [OLD]


@pytest.mark.parametrize("there", ["", "two\nlines", None])
def test_a_file_that_holds_no_secret_leaves_the_old_one_in_use(
    there: str | None, kept: tuple[KeptSecret, Path]
) -> None:
    erp, (secret, path) = Erp(NEW), kept
    path.unlink() if there is None else written(path, there)

    with transport_to(erp, secret) as transport:
        assert status(transport) == 401
        erp.key = OLD
        assert status(transport) == 200


def test_a_file_that_everybody_may_read_now_is_not_taken(kept: tuple[KeptSecret, Path]) -> None:
    erp, (secret, path) = Erp(NEW), kept
    written(path, NEW).chmod(0o644)

    with transport_to(erp, secret) as transport:
        assert status(transport) == 401


def test_threads_that_are_refused_together_find_the_new_secret_together(kept: tuple[KeptSecret, Path]) -> None:
    erp, (secret, path) = Erp(OLD), kept

    with transport_to(erp, secret) as transport:
        erp.key = NEW
        written(path, NEW)
        found: list[int] = []
        threads = [threading.Thread(target=lambda: found.append(status(transport))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [200] * 8


def test_no_secret_at_all_is_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    settings = tmp_path / "sidecar.toml"
    settings.write_text('[database]\nname = "magento"\nuser = "erp_sidecar"\n')

    with pytest.raises(ConfigurationError, match=r"destinations\.erp\.secret: found nothing"):
        load_settings(settings).secret_for("erp")
