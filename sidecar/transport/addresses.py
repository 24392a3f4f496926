"""Addresses that may be called: encrypted, or on this machine."""

import ipaddress
from urllib.parse import urlsplit

from sidecar.domain.errors import ConfigurationError


def checked_base_url(text: str, *, key: str = "base_url", allow_plain_http: bool = False) -> str:
    """Return the address without its last slash; raise ConfigurationError for one that must not be used."""
    allowed = "https://host[:port][/path], or http:// to this machine"
    hint = f"correct {key} in the blueprint; credentials belong in the settings"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"{key}: found credentials in the address, allowed: {allowed}", hint=hint)
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise ConfigurationError(f"{key}: found {text!r}, allowed: {allowed}", hint=hint)
    if parts.scheme == "http" and not allow_plain_http and not is_loopback(host):
        message = f"{key}: found {text!r}, which would send credentials unencrypted; allowed: {allowed}"
        raise ConfigurationError(message, hint="use https, or set transport.allow_plain_http in the profile")
    return text.rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
