"""No secret leaves by another door: whatever an ERP answers, with everything logged that can be."""

import base64
import itertools
import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import quote

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from pydantic import SecretStr

from erp_adapters.conformance.documents import movement, movement_reference, order, order_reference
from erp_adapters.odoo import OdooTerms
from erp_adapters.profiled.authentication import TokenPlace
from erp_adapters.registry import AdapterConfiguration, build, build_feed, read_profile
from sidecar.domain.delivery import ChangeKind, DocumentKind, ErpId, Reference
from sidecar.domain.documents import Document, EventDocument, OrderDocument, StockQuery
from sidecar.domain.errors import ConfigurationError, SidecarError
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.domain.inbound import DocumentLine, DocumentRequest
from sidecar.magento.client import RestServices
from sidecar.ports import ErpAdapter
from sidecar.telemetry import Telemetry
from sidecar.transport import KeptSecret, TlsTerms, Way, proxy_at
from tests.support.authority import Authority, over_tls
from tests.support.forward_proxy import ForwardProxy
from tests.support.house import CODE_MAPS
from tests.support.kontor import shipped_profile as soap_profile
from tests.support.kontor import written_profile
from tests.support.scripted_http import Listener, Script, read_request
from tests.support.token_server import CLIENT, token_server

pytestmark = pytest.mark.slow

CANARY = "canary-in-the-mine/7+9"
NEXT = "canary-of-tomorrow/8+1"
"""What the secret is after it was rotated."""
SKUS = ("SKU-1", "SKU-2")
DEADLINE = 2.0
ODOO = OdooTerms("shop", 1, "SHIPPING", "DISCOUNT")
ODOO_MAPS = {"taxes": {"19": "base.tax_19", "0": "none"}, "pricelists": {"EUR": "base.eur"}}


Saying = Callable[[bytes], bytes]


def quoting(head: str) -> Saying:
    """An error page of the kind that developers like: with the whole request in it."""

    def page(request: bytes) -> bytes:
        said = {"code": "E", "name": "E", "message": request.decode()}
        body = json.dumps({**said, "error": said}).encode()
        return (
            f"HTTP/1.1 {head}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )

    return page


HEADS = (
    "400 Bad Request",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "409 Conflict",
    "422 Unprocessable",
    "429 Too Many Requests",
    "500 Internal Server Error",
    "503 Service Unavailable",
)
FAILURES: dict[str, Saying] = {
    **{head: quoting(head) for head in HEADS},
    "a redirect": lambda _: b"HTTP/1.1 302 Found\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n",
    "no answer": lambda _: b"",
    "half an answer": lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "no HTTP": lambda request: b"*** " + request[:10],
    "a page": lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    "empty JSON": lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
}


def serving(answer: Saying) -> Script:
    def script(connection: socket.socket, _: threading.Event) -> None:
        while request := read_request(connection):
            said = answer(request)
            connection.sendall(said)
            if b"Content-Length" not in said or said.endswith(b"{"):
                return

    return script


def forms_of(secret: str) -> set[str]:
    """The secret as it may stand in a line: as it is, encoded for addresses, in a Basic header, in part."""
    basic = {base64.b64encode(f"{user}:{secret}".encode()).decode() for user in ("", "shop", CLIENT)}
    return {secret, quote(secret, safe=""), secret[:-4], *basic}


def canaries() -> Iterator[str]:
    for secret in (CANARY, NEXT):
        yield from forms_of(secret)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Everything that was logged or printed so far, at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpcore", "httpx", "zeep", "urllib3"):
        caplog.set_level(logging.DEBUG, name)
    printed: list[str] = []

    def read() -> str:
        out, err = capfd.readouterr()
        printed.extend((out, err))
        return caplog.text + "".join(printed)

    return read


def kept() -> KeptSecret:
    """A secret that is another one when it is read again, as after a rotation."""
    return KeptSecret(SecretStr(CANARY), lambda: SecretStr(NEXT))


def said_by(act: Callable[[], object]) -> str:
    """What a caller may print of a call: its result, or its error with all that led to it."""
    try:
        return repr(act())
    except SidecarError as error:
        return "".join(traceback.format_exception(error)) + error.hint


def an_event() -> Event:
    return Event(OutboxId(7), "018f-7", "OrderPlaced", 1, Lane("order:42"), "42", 1, 1, None, "magento", "order", "{}")


def everything_asked_of(adapter: ErpAdapter) -> Iterator[str]:
    documents: list[tuple[Document, Reference]] = [
        (OrderDocument(order(SKUS)), order_reference("M1-42")),
        (movement((SKUS[0], "-1")), movement_reference("M1.W1.1")),
        (EventDocument(an_event(), "{}"), Reference(DocumentKind.EVENT, "018f-7", 7, "", "018f-7")),
    ]
    yield repr(adapter)
    yield said_by(adapter.probe)
    yield said_by(lambda: adapter.find([order_reference("M1-42")], DEADLINE))
    yield said_by(lambda: adapter.read_back(ErpId("SO-1"), DEADLINE))
    yield said_by(lambda: adapter.poll("job-1", DEADLINE))
    yield said_by(lambda: adapter.read_stock(StockQuery(), None, DEADLINE))
    for kind in ChangeKind:
        yield said_by(lambda kind=kind: adapter.changes(kind, None, DEADLINE))  # type: ignore[misc]
    for document, ref in documents:
        if ref.kind not in adapter.capabilities().accepts:
            continue
        yield said_by(lambda document=document, ref=ref: adapter.submit(document, ref, DEADLINE))  # type: ignore[misc]
        yield said_by(lambda document=document, ref=ref: adapter.preview(document, ref, DEADLINE))  # type: ignore[misc]


def configurations(url: str, folder: Path) -> Iterator[AdapterConfiguration]:
    rest = read_profile(Path(__file__).parents[2] / "erp_adapters" / "legacy" / "profiles" / "sandbox.yaml")
    assert isinstance(rest, dict)
    for kind, auth in (("basic", {"name": "shop"}), ("bearer", {}), ("header", {"name": "X-Api-Key"})):
        name = written_profile(folder, f"{kind}.yaml", {**rest, "auth": {"kind": kind, **auth}})
        yield AdapterConfiguration("erp", "legacy", name, url, folder, CODE_MAPS)
    for password in ("text", "digest"):
        soap = {**soap_profile(), "security": {"user": "shop", "password": password}}
        name = written_profile(folder, f"soap-{password}.yaml", soap)
        yield AdapterConfiguration("erp", "soap", name, url, folder, CODE_MAPS)
    yield AdapterConfiguration("erp", "odoo", "", url, folder, ODOO_MAPS, odoo=ODOO)
    yield AdapterConfiguration("erp", "cloudevents", "", url, folder)


@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_of_an_erp_lets_a_secret_out(failure: str, told: Callable[[], str], tmp_path: Path) -> None:
    with closing(Listener(serving(FAILURES[failure]))) as erp:
        url = f"http://{erp.address}"
        said: list[str] = []
        for configuration in configurations(url, tmp_path):
            with closing(build(configuration, kept(), "M1")) as adapter:
                said += everything_asked_of(adapter)
        batches = AdapterConfiguration("erp", "cloudevents_batch", "", url, tmp_path)
        with closing(build_feed(batches, kept(), "M1")) as feed:
            said += [repr(feed), said_by(feed.probe), said_by(lambda: feed.accept([an_event()], DEADLINE))]
        with closing(RestServices(url, kept())) as magento:
            request = DocumentRequest("mark", (DocumentLine(1, 1),))  # type: ignore[arg-type]
            said += [said_by(magento.probe), said_by(lambda: magento.ship(1, request, DEADLINE))]
            said += [said_by(lambda: magento.cancel(1, DEADLINE)), repr(magento)]

        assert erp.connections > 0
    text = "\n".join(said) + told()
    assert len(said) > 100
    assert ("Bearer [secret]" in text) is (failure in HEADS)
    assert [form for form in canaries() if form in text] == []


@pytest.mark.parametrize("status", [200, 0, 400, 401, 500, 503])
def test_no_failure_of_a_token_endpoint_lets_a_secret_or_a_token_out(
    status: int, told: Callable[[], str], tmp_path: Path
) -> None:
    rest = read_profile(Path(__file__).parents[2] / "erp_adapters" / "legacy" / "profiles" / "sandbox.yaml")
    assert isinstance(rest, dict)
    said: list[str] = []
    with token_server(secret="another") as server:
        for client, secret in itertools.product(("basic", "body"), (CANARY, "another")):
            server.answers = [status] * 3
            auth = {"kind": "oauth2", "client": client, "token_url": server.token_url, "client_id": CLIENT}
            name = written_profile(tmp_path, f"{client}.yaml", {**rest, "auth": auth})
            configuration = AdapterConfiguration(
                "erp", "legacy", name, server.url, tmp_path, CODE_MAPS, token=TokenPlace()
            )
            with closing(build(configuration, SecretStr(secret), "M1")) as adapter:
                said += everything_asked_of(adapter)
                server.revoke()
                said += everything_asked_of(adapter)
        tokens = set(server.calls)
    text = "\n".join(said) + told()

    assert (status == 200) == bool(tokens)
    assert [form for form in (*canaries(), *tokens) if form in text] == []


def test_no_failure_on_the_way_lets_a_passphrase_or_the_proxys_password_out(
    told: Callable[[], str], tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    pem = authority.certificate("shop", passphrase=NEXT.encode())
    server = over_tls(serving(FAILURES["401 Unauthorized"]), authority.certificate("erp", "erp.example.com"))
    said: list[str] = []
    with ExitStack() as stack:
        erp = stack.enter_context(closing(Listener(server)))
        for dies, answer in (("", ""), ("", "HTTP/1.1 407 Who"), ("", "HTTP/1.1 502 Bad"), ("after CONNECT", "")):
            proxy = stack.enter_context(closing(ForwardProxy(erp.address, dies=dies, answer=answer)))  # type: ignore[arg-type]
            there = proxy_at(proxy.address, user="shop", password=SecretStr(CANARY))
            for ca_file in (authority.path, None):
                terms = TlsTerms(ca_file=ca_file, certificate=pem, passphrase=SecretStr(NEXT))
                way = Way(terms, there)
                assert proxy.address in repr(way)
                folder = tmp_path / "profiles"
                folder.mkdir(exist_ok=True)
                configuration = AdapterConfiguration(
                    "erp", "cloudevents", "", "https://erp.example.com", folder, way=way
                )
                with closing(build(configuration, SecretStr(CANARY), "M1")) as adapter:
                    said += [*everything_asked_of(adapter), repr(way), repr(configuration)]
        wrong = Way(TlsTerms(certificate=pem, passphrase=SecretStr(CANARY)))
        with pytest.raises(ConfigurationError) as caught:
            wrong.context()
        said += ["".join(traceback.format_exception(caught.value)), repr(wrong)]
    text = "\n".join(said) + told()

    assert [form for form in canaries() if form in text] == []


def test_a_counter_is_told_the_name_of_a_note_and_none_of_its_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = InMemoryMetricReader()
    monkeypatch.setattr("sidecar.telemetry.metrics", MeterProvider([reader]))

    Telemetry().note("adapter.failed", destination="erp", error=f"it said {CANARY}")

    counted = reader.get_metrics_data()
    assert counted is not None
    assert "adapter.failed" in counted.to_json()
    assert CANARY not in counted.to_json()
