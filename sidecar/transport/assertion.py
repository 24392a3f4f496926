"""A signed assertion of who we are (RFC 7523), for token endpoints that take no shared secret.

The other side's clock judges it, so it is written by that clock as far as the token endpoint has told it, and is
valid a little before now.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import uuid4

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sidecar.domain.errors import ConfigurationError

Algorithm = Literal["RS256", "PS256", "ES256"]
RESERVED: Final = frozenset({"iss", "sub", "aud", "jti", "iat", "nbf", "exp"})
"""Claims that are ours to write."""
_BACKDATED: Final = 30
_VALID: Final = 240
_FEWEST_BITS: Final = 2048
_HINT: Final = "give the private key as PEM, without a passphrase, as the destination's secret"


@dataclass(frozen=True, slots=True)
class AssertionTerms:
    """How an assertion is written; `audience` is empty where the token endpoint's address is what is wanted."""

    algorithm: Algorithm
    key_id: str = ""
    audience: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)


def signed_assertion(terms: AssertionTerms, pem: str, client_id: str, token_url: str, now: int) -> str:
    """Write and sign one; raise ConfigurationError, which quotes nothing of the key, where the key does not fit."""
    key = _private_key(pem)
    head: dict[str, str] = {"typ": "JWT", "alg": terms.algorithm}
    if terms.key_id:
        head["kid"] = terms.key_id
    head |= _thumbprint(pem)
    claims = {
        **terms.claims,
        "iss": client_id,
        "sub": client_id,
        "aud": terms.audience or token_url,
        "jti": str(uuid4()),
        "iat": now - _BACKDATED,
        "nbf": now - _BACKDATED,
        "exp": now + _VALID,
    }
    said = f"{_json(head)}.{_json(claims)}"
    return f"{said}.{_encoded(_signature(terms.algorithm, key, said.encode()))}"


def _private_key(pem: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationError("the secret is no private key that can be read", hint=_HINT) from None
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _FEWEST_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ConfigurationError("the private key is neither RSA of 2048 bits or more nor of the curve P-256", hint=_HINT)


def _signature(algorithm: Algorithm, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, said: bytes) -> bytes:
    digest = hashes.SHA256()
    match algorithm, key:
        case "RS256", rsa.RSAPrivateKey():
            return key.sign(said, padding.PKCS1v15(), digest)
        case "PS256", rsa.RSAPrivateKey():
            return key.sign(said, padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH), digest)
        case "ES256", ec.EllipticCurvePrivateKey():
            r, s = decode_dss_signature(key.sign(said, ec.ECDSA(digest)))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        case _:
            kind = "RSA" if isinstance(key, rsa.RSAPrivateKey) else "P-256"
            raise ConfigurationError(f"the private key is {kind}, which does not sign {algorithm}", hint=_HINT)


def _thumbprint(pem: str) -> dict[str, str]:
    """The name of our certificate, where it stands beside the key."""
    if "BEGIN CERTIFICATE" not in pem:
        return {}
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise ConfigurationError("the certificate beside the private key cannot be read", hint=_HINT) from None
    return {"x5t#S256": _encoded(certificate.fingerprint(hashes.SHA256()))}


def _json(value: object) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
