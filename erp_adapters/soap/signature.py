"""WS-Security's X.509 signature: the body and an instant, signed with the key of a certificate that goes along.

https://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-x509TokenProfile-v1.1.1-os.html, with a direct reference to a
BinarySecurityToken; exclusive canonicalisation, SHA-256, RSA (PKCS #1 v1.5) or ECDSA by the kind of the key.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from erp_adapters.soap.names import BASE64, HIDDEN, WSSE, WSU, X509_V3
from sidecar.domain.errors import ConfigurationError
from sidecar.transport import KeptSecret, Secret

_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_RSA: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_ECDSA: Final = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_VALID_FOR: Final = timedelta(minutes=5)
_ID: Final = f"{{{WSU}}}Id"
_TOKEN, _BODY, _TIME = "erp-sidecar-token", "erp-sidecar-body", "erp-sidecar-time"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Signature:
    """A key and its certificate, one after the other in one PEM; the key shows nowhere."""

    secret: Secret = field(repr=False)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)

    def put_into(self, envelope: Any, soap: str, *, shown: bool = False) -> None:  # noqa: ANN401 -- an element
        """Sign the body and an instant; `shown`: for people to read, without the signature's value.

        Raises ConfigurationError for a secret that cannot sign.
        """
        key, certificate = self._pair()
        header, body = envelope.find(f"{{{soap}}}Header"), envelope.find(f"{{{soap}}}Body")
        if header is None:
            header = etree.Element(f"{{{soap}}}Header")
            envelope.insert(0, header)
        body.set(_ID, _BODY)
        security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
        security.set(f"{{{soap}}}mustUnderstand", "1")
        token = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken", EncodingType=BASE64, ValueType=X509_V3)
        token.set(_ID, _TOKEN)
        token.text = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
        time = etree.SubElement(security, f"{{{WSU}}}Timestamp")
        time.set(_ID, _TIME)
        began_at = self.now().astimezone(UTC)
        etree.SubElement(time, f"{{{WSU}}}Created").text = _instant(began_at)
        etree.SubElement(time, f"{{{WSU}}}Expires").text = _instant(began_at + _VALID_FOR)
        signature = etree.SubElement(security, f"{{{_DS}}}Signature", nsmap={"ds": _DS})
        signed = _signed_info(signature, _RSA if isinstance(key, rsa.RSAPrivateKey) else _ECDSA, (body, time))
        value = HIDDEN if shown else base64.b64encode(_signature(key, _canonical(signed))).decode()
        etree.SubElement(signature, f"{{{_DS}}}SignatureValue").text = value
        info = etree.SubElement(signature, f"{{{_DS}}}KeyInfo")
        named = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference")
        etree.SubElement(named, f"{{{WSSE}}}Reference", URI=f"#{_TOKEN}", ValueType=X509_V3)

    def hidden_in(self, content: bytes) -> bytes:
        """The content as it is: what was signed with the key does not give it away."""
        return content

    def read_again(self) -> bool:
        """The other side has refused the certificate: tell whether there is another by now."""
        before = self.secret.get_secret_value()
        if isinstance(self.secret, KeptSecret):
            self.secret.read_again(_pair)
        return self.secret.get_secret_value() != before

    def _pair(self) -> tuple[Key, x509.Certificate]:
        return _pair(self.secret.get_secret_value())


def _pair(pem: str) -> tuple[Key, x509.Certificate]:
    """The key and the certificate in a PEM; raise ConfigurationError, quoting nothing, where they are not there."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, TypeError) as error:
        raise _refused("no key and certificate in PEM, or a key with a passphrase") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise _refused("a key that is neither RSA nor of an elliptic curve")
    if key.public_key() != certificate.public_key():
        raise _refused("a certificate of another key")
    return key, certificate


def _refused(found: str) -> ConfigurationError:
    return ConfigurationError(
        f"the secret of a destination that signs: found {found}, allowed: a private key and its certificate, in PEM",
        hint="write both into the secret's file, one after the other: cat key.pem certificate.pem",
    )


def _signed_info(signature: Any, algorithm: str, parts: tuple[Any, ...]) -> Any:  # noqa: ANN401 -- elements
    info = etree.SubElement(signature, f"{{{_DS}}}SignedInfo")
    etree.SubElement(info, f"{{{_DS}}}CanonicalizationMethod", Algorithm=_EXCLUSIVE)
    etree.SubElement(info, f"{{{_DS}}}SignatureMethod", Algorithm=algorithm)
    for part in parts:
        reference = etree.SubElement(info, f"{{{_DS}}}Reference", URI=f"#{part.get(_ID)}")
        transforms = etree.SubElement(reference, f"{{{_DS}}}Transforms")
        etree.SubElement(transforms, f"{{{_DS}}}Transform", Algorithm=_EXCLUSIVE)
        etree.SubElement(reference, f"{{{_DS}}}DigestMethod", Algorithm=_SHA256)
        digest = hashlib.sha256(_canonical(part)).digest()
        etree.SubElement(reference, f"{{{_DS}}}DigestValue").text = base64.b64encode(digest).decode()
    return info


def _signature(key: Key, content: bytes) -> bytes:
    """XML signatures have the two numbers of ECDSA side by side, where others wrap them in DER."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
    size = (key.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _canonical(element: Any) -> bytes:  # noqa: ANN401 -- an element
    return bytes(etree.tostring(element, method="c14n", exclusive=True, with_comments=False))


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
