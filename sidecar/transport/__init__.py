"""Transport: HTTP calls to one system, the way there, and what proves who asks. The only package that speaks HTTP."""

from sidecar.transport.addresses import checked_base_url
from sidecar.transport.assertion import RESERVED, Algorithm, AssertionTerms
from sidecar.transport.calls import Answer, NoAnswer, Request, TransportTerms, retry_after
from sidecar.transport.client import HttpTransport
from sidecar.transport.credentials import Credential, KeptSecret, Proof, Secret
from sidecar.transport.oauth import TokenProof, TokenTerms
from sidecar.transport.proxies import PROXY_ADDRESS, Proxy, environment_proxy, proxy_at, proxy_problem
from sidecar.transport.way import Expiry, TlsTerms, Way

__all__ = [
    "PROXY_ADDRESS",
    "RESERVED",
    "Algorithm",
    "Answer",
    "AssertionTerms",
    "Credential",
    "Expiry",
    "HttpTransport",
    "KeptSecret",
    "NoAnswer",
    "Proof",
    "Proxy",
    "Request",
    "Secret",
    "TlsTerms",
    "TokenProof",
    "TokenTerms",
    "TransportTerms",
    "Way",
    "checked_base_url",
    "environment_proxy",
    "proxy_at",
    "proxy_problem",
    "retry_after",
]
