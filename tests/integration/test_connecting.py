"""An ERP that only a proxy leads to, with a private authority and mutual TLS, as sidecar.toml describes the way."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.authority import Authority, over_tls
from tests.support.daemon import Configured, configure, until
from tests.support.forward_proxy import ForwardProxy
from tests.support.rig import Rig
from tests.support.scripted_http import Listener, Script
from tests.support.servers import Database

pytestmark = pytest.mark.slow

ERP = "erp.example.com"
PASSWORD = "pr0xy-pass"


def forwarding(url: str) -> Script:
    """Carry bytes to a server that speaks no TLS itself, as a load balancer does."""
    where = urlsplit(url)

    def script(connection: socket.socket, _: threading.Event) -> None:
        connection.settimeout(None)
        with socket.create_connection((where.hostname, where.port)) as onward:

            def back() -> None:
                with contextlib.suppress(OSError):
                    while chunk := onward.recv(65536):
                        connection.sendall(chunk)

            answering = threading.Thread(target=back)
            answering.start()
            with contextlib.suppress(OSError):
                while chunk := connection.recv(65536):
                    onward.sendall(chunk)
            with contextlib.suppress(OSError):
                onward.shutdown(socket.SHUT_RDWR)
            answering.join()

    return script


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def proxy(rig: Rig, authority: Authority) -> Iterator[ForwardProxy]:
    """The way to the sandbox ERP, whose certificate ends in nine days."""
    certificate = authority.certificate("erp", ERP, holds=timedelta(days=9, hours=1))
    server = over_tls(forwarding(rig.erp.url), certificate, clients=authority.path)
    with (
        closing(Listener(server)) as balancer,
        closing(ForwardProxy(balancer.address, user="shop", password=PASSWORD)) as made,
    ):
        yield made


@pytest.fixture
def sidecar(database: Database, tmp_path: Path, proxy: ForwardProxy, authority: Authority) -> Configured:
    folder = tmp_path / "etc"
    folder.mkdir()
    made = configure(folder, database, f"https://{ERP}")
    (folder / "proxy-password").write_text(PASSWORD)
    (folder / "proxy-password").chmod(0o600)
    with made.settings.open("a") as settings:
        settings.write(
            f"""
[destinations.erp.tls]
ca_file = "{authority.path}"
certificate = "{authority.certificate("shop")}"

[destinations.erp.proxy]
address = "{proxy.address}"
user = "shop"
password_file = "proxy-password"
"""
        )
    return made


def certificates(sidecar: Configured) -> dict[str, str]:
    rows = json.loads(sidecar.run("doctor", "--json").stdout)
    return {row["found"]: row["state"] for row in rows if row["check"] == "certificates of destination erp"}


def test_an_order_goes_through_the_proxy_by_mutual_tls_and_the_doctor_tells_what_ends_soon(
    rig: Rig, sidecar: Configured, proxy: ForwardProxy
) -> None:
    rig.shop.place(42)

    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        until(lambda: bool(rig.shop.rows("SELECT 1 FROM erp_document")))
        daemon.stop()

    assert len(rig.erp.rows("SELECT reference FROM orders")) == 1
    assert set(proxy.asked) == {f"CONNECT {ERP}:443 HTTP/1.1"}
    assert certificates(sidecar) == {
        "our client certificate ends in 364 days": "ok",
        f"the certificate of {ERP} ends in 9 days": "warn",
    }


def test_an_order_waits_while_our_certificate_has_ended_and_goes_when_it_is_renewed(
    rig: Rig, sidecar: Configured, authority: Authority
) -> None:
    authority.certificate("shop", holds=timedelta(days=-1))
    rig.shop.place(42)

    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        until(lambda: bool(rig.shop.rows("SELECT 1 FROM erp_delivery WHERE fault LIKE '%%has expired%%'")))
        waiting = rig.shop.rows("SELECT state, reason, hint FROM erp_delivery")
        authority.certificate("shop")
        until(lambda: bool(rig.shop.rows("SELECT 1 FROM erp_document")), 60)
        daemon.stop()

    ((state, reason, hint),) = waiting
    assert (state, reason) == ("retry", "the ERP was not reached")
    assert "tls.certificate" in hint
    assert len(rig.erp.rows("SELECT reference FROM orders")) == 1
