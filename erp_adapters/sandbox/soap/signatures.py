"""Signed envelopes: what a signature must cover, and whose it is."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from erp_adapters.sandbox.soap.envelope import WSSE, WSU, FaultError, Reason

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_ALLOWED = {
    f"{_DS}CanonicalizationMethod": ("http://www.w3.org/2001/10/xml-exc-c14n#",),
    f"{_DS}Transform": ("http://www.w3.org/2001/10/xml-exc-c14n#",),
    f"{_DS}DigestMethod": ("http://www.w3.org/2001/04/xmlenc#sha256",),
    f"{_DS}SignatureMethod": (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    ),
}


@dataclass(frozen=True)
class Signed:
    """A signature that holds: whose certificate, made when, and what makes it this one and no other."""

    fingerprint: str
    created: str
    mark: bytes


def fingerprint_of(certificate: x509.Certificate) -> str:
    """What this ERP knows a certificate by."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def verified(security: etree._Element) -> Signed:
    """Hold an envelope against its signature; raise FaultError unless body and timestamp are what was signed."""
    envelope = security.getroottree().getroot()
    try:
        certificate = x509.load_der_x509_certificate(_bytes(security.findtext(f"{{{WSSE}}}BinarySecurityToken")))
    except ValueError as wrong:
        raise _refused("InvalidSecurityToken", "The token is no certificate.") from wrong
    signature = security.find(f"{_DS}Signature")
    info = signature.find(f"{_DS}SignedInfo") if signature is not None else None
    time, body = security.find(f"{{{WSU}}}Timestamp"), envelope.find("{*}Body")
    if info is None or time is None or body is None:
        raise _refused("InvalidSecurity", "A signature of body and timestamp is missing.")
    for element in info.iter(*_ALLOWED):
        if element.get("Algorithm") not in _ALLOWED[element.tag]:
            raise _refused("UnsupportedAlgorithm", f"{etree.QName(element).localname} is not accepted.")
    covered = [_covered(envelope, reference) for reference in info.iterfind(f"{_DS}Reference")]
    if not any(one is body for one in covered) or not any(one is time for one in covered):
        raise _refused("FailedCheck", "The signature must cover body and timestamp.")
    value = _bytes(signature.findtext(f"{_DS}SignatureValue"))
    _check(certificate, value, _canonical(info))
    created = time.findtext(f"{{{WSU}}}Created") or ""
    return Signed(fingerprint_of(certificate), created.strip(), hashlib.sha256(value).digest())


def _covered(envelope: etree._Element, reference: etree._Element) -> etree._Element:
    """The one element that a reference names, if its digest holds."""
    name = (reference.get("URI") or "").removeprefix("#")
    there = [one for one in envelope.iter() if one.get(f"{{{WSU}}}Id") == name]
    told = _bytes(reference.findtext(f"{_DS}DigestValue"))
    if len(there) != 1 or not hmac.compare_digest(hashlib.sha256(_canonical(there[0])).digest(), told):
        raise _refused("FailedCheck", "What was signed is not what came.")
    return there[0]


def _check(certificate: x509.Certificate, value: bytes, content: bytes) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, content, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            half = len(value) // 2
            numbers = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            key.verify(encode_dss_signature(*numbers), content, ec.ECDSA(hashes.SHA256()))
        else:
            raise _refused("UnsupportedSecurityToken", "The key's kind is not accepted.")
    except InvalidSignature as wrong:
        raise _refused("FailedCheck", "The signature does not hold.") from wrong


def _canonical(element: etree._Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=True, with_comments=False))


def _bytes(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=False)
    except ValueError:
        return b""


def _refused(code: str, words: str) -> FaultError:
    return FaultError(Reason(code, words, security=f"wsse:{code}"))
