"""Other ways in to a SOAP ERP: a signature, HTTP's Basic, SOAP headers of the WSDL; and what keeps strangers out."""

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from pydantic import SecretStr

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.registry import AdapterConfiguration, build
from erp_adapters.soap.signature import Key, Signature
from erp_adapters.soap.wsdl import Contract
from sidecar.domain.delivery import Outcome
from sidecar.domain.documents import OrderDocument
from sidecar.ports import ErpAdapter
from tests.support.house import CODE_MAPS
from tests.support.kontor import PASSWORD, PROFILE, USERS, kontor, shipped_profile, written_profile
from tests.support.sandbox import Sandbox

RIGHTS = ["orders.read", "orders.write", "stock.read", "stock.write"]
DOCUMENT = OrderDocument(order(("TG11", "TG12")))


def pair(key: Key) -> tuple[str, str]:
    """A key with a certificate in one PEM, and the certificate's own."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    encoding, no = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no).decode()
    return private + certificate, certificate


SIGNERS = {"rsa": pair(rsa.generate_private_key(65537, 2048)), "ec": pair(ec.generate_private_key(ec.SECP256R1()))}
STRANGER = pair(ec.generate_private_key(ec.SECP256R1()))[0]


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    signers = {name: {"certificate": certificate, "permissions": RIGHTS} for name, (_, certificate) in SIGNERS.items()}
    with kontor(tmp_path_factory.mktemp("kontor"), "--basic", users={**USERS, **signers}) as there:
        yield there


@pytest.fixture
def make(erp: Sandbox, tmp_path: Path) -> Iterator[Callable[..., ErpAdapter]]:
    """An adapter whose profile says something else of how it proves who asks."""
    with ExitStack() as ends:

        def made(secret: str, **changes: object) -> ErpAdapter:
            profile = written_profile(tmp_path, "profile.yaml", {**shipped_profile(), **changes})
            told = AdapterConfiguration("erp", "soap", profile, f"{erp.url}/soap", tmp_path, CODE_MAPS)
            return ends.enter_context(closing(build(told, SecretStr(secret), "test")))

        yield made


@pytest.mark.parametrize("port", ["Soap11", "Soap12"])
@pytest.mark.parametrize("kind", sorted(SIGNERS))
def test_a_signed_order_is_booked_and_the_probe_is_content(
    make: Callable[..., ErpAdapter], kind: str, port: str
) -> None:
    adapter = make(SIGNERS[kind][0], security={"signature": "x509"}, port=port)

    result = adapter.submit(DOCUMENT, order_reference(f"S-{kind}-{port}"), 10)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert adapter.probe().problems == ()


def test_a_certificate_that_the_erp_does_not_know_opens_nothing(make: Callable[..., ErpAdapter]) -> None:
    result = make(STRANGER, security={"signature": "x509"}).submit(DOCUMENT, order_reference("S-stranger"), 10)

    assert (result.outcome, result.messages[0].code) == (Outcome.NOT_SENT, "FailedAuthentication")


@pytest.mark.parametrize("secret", ["no PEM", SIGNERS["rsa"][1], SIGNERS["rsa"][0].partition("-----BEGIN CERT")[0]])
def test_a_secret_that_cannot_sign_sends_nothing_and_says_what_to_write(
    make: Callable[..., ErpAdapter], secret: str
) -> None:
    result = make(secret, security={"signature": "x509"}).submit(DOCUMENT, order_reference("S-none"), 10)

    assert (result.outcome, result.evidence.bytes_sent) == (Outcome.NOT_SENT, False)
    assert "cat key.pem certificate.pem" in result.hint


def test_basic_is_enough_where_the_erp_says_so(make: Callable[..., ErpAdapter]) -> None:
    adapter = make(PASSWORD, security=None, auth={"kind": "basic", "name": "shop"})

    assert adapter.submit(DOCUMENT, order_reference("S-basic"), 10).outcome is Outcome.CONFIRMED


def test_a_preview_shows_what_would_be_signed_and_no_key(make: Callable[..., ErpAdapter]) -> None:
    adapter = make(SIGNERS["ec"][0], security={"signature": "x509"})

    (request,) = adapter.preview(DOCUMENT, order_reference("S-preview"), 10).requests

    assert "[secret]</ds:SignatureValue>" in request.body
    assert "PRIVATE" not in request.body


def _ping(at: datetime | None = None) -> Any:  # noqa: ANN401 -- an element
    contract = Contract.load(PROFILE.parent / "kontor" / "kontor.wsdl", None, "Soap11", strict=True)
    envelope = contract.envelope("Ping", {})
    now = at or datetime.now(UTC)
    Signature(SecretStr(SIGNERS["rsa"][0]), now=lambda: now).put_into(envelope, contract.soap)
    return envelope


def _asked(erp: Sandbox, envelope: Any) -> str:  # noqa: ANN401 -- an element
    """The code of the fault, or nothing."""
    headers = {"Content-Type": "text/xml", "SOAPAction": "urn:example:kontor:service:3:Ping"}
    with closing(erp.connect()) as connection:
        connection.request("POST", "/soap", etree.tostring(envelope), headers)
        return etree.fromstring(connection.getresponse().read()).findtext(".//faultcode") or ""


def _other_body(envelope: Any) -> None:  # noqa: ANN401 -- an element
    envelope.find("{*}Body")[0].set("added", "later")


def _second_body(envelope: Any) -> None:  # noqa: ANN401 -- an element
    """Leave what was signed where nobody looks, and put another body in its place."""
    body = envelope.find("{*}Body")
    envelope.find("{*}Header").append(body)
    other = etree.SubElement(envelope, body.tag)
    other.append(etree.fromstring('<s:Ping xmlns:s="urn:example:kontor:service:3"/>'))


def _other_value(envelope: Any) -> None:  # noqa: ANN401 -- an element
    value = envelope.find(".//{*}SignatureValue")
    raw = bytearray(base64.b64decode(value.text))
    raw[0] ^= 1
    value.text = base64.b64encode(bytes(raw)).decode()


@pytest.mark.parametrize("change", [_other_body, _second_body, _other_value])
def test_what_was_changed_after_it_was_signed_is_refused(erp: Sandbox, change: Callable[[Any], None]) -> None:
    envelope = _ping()
    change(envelope)

    assert _asked(erp, envelope) == "wsse:FailedCheck"


def test_a_signature_opens_once_and_in_its_time(erp: Sandbox) -> None:
    envelope = _ping()

    assert [_asked(erp, envelope), _asked(erp, envelope)] == ["", "wsse:InvalidSecurityToken"]
    assert _asked(erp, _ping(datetime.now(UTC) - timedelta(hours=1))) == "wsu:MessageExpired"
