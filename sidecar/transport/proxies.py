"""A forward proxy: which hosts it serves, and how it is asked for a tunnel (CONNECT).

TLS goes through the tunnel from end to end: a proxy sees host and port and nothing else.
"""

import base64
import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from sidecar.domain.errors import ConfigurationError
from sidecar.transport.addresses import is_loopback

PROXY_ADDRESS: Final = "http://host:port, without credentials"
_DEFAULT_PORT: Final = 3128


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy listens, who asks there, and for whom it is not asked."""

    host: str
    port: int
    user: str = ""
    password: SecretStr | None = field(default=None)
    exempt: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"http://{self.host}:{self.port}"

    def serves(self, host: str, port: int) -> bool:
        """Tell whether the way to a host leads through here: never to this machine, nor to what is exempt."""
        return not is_loopback(host) and not any(_fits(entry, host, port) for entry in self.exempt)

    def connect(self, host: str, port: int) -> bytes:
        """The request for a tunnel."""
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.user:
            secret = "" if self.password is None else self.password.get_secret_value()
            lines.append("Proxy-Authorization: Basic " + base64.b64encode(f"{self.user}:{secret}".encode()).decode())
        return "\r\n".join([*lines, "", ""]).encode("ascii")


def proxy_problem(address: str) -> str:
    """What is wrong with a proxy's address, without repeating it; '' for one that can be used."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "an address that is none"
    if parts.username is not None or parts.password is not None:
        return "credentials in the address"
    if parts.scheme != "http" or not host or not host.isascii() or parts.path not in ("", "/"):
        return "an address of another kind"
    return ""


def proxy_at(address: str, *, user: str = "", password: SecretStr | None = None, exempt: Iterable[str] = ()) -> Proxy:
    """The proxy at an address; raise ConfigurationError, without repeating it, for one that cannot be used."""
    found = proxy_problem(address)
    if found:
        hint = "set proxy.address; who asks goes into proxy.user, the password into proxy.password_file"
        raise ConfigurationError(f"proxy.address: found {found}, allowed: {PROXY_ADDRESS}", hint=hint)
    parts = urlsplit(address)
    return Proxy(parts.hostname or "", parts.port or _DEFAULT_PORT, user, password, tuple(exempt))


def environment_proxy() -> Proxy | None:
    """The proxy that HTTPS_PROXY names, and NO_PROXY's exemptions, as other programs of this host use them."""
    address = _variable("https_proxy")
    if not address:
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    exempt = tuple(entry.strip() for entry in _variable("no_proxy").split(",") if entry.strip())
    password = None if parts.password is None else SecretStr(unquote(parts.password))
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return proxy_at(bare, user=unquote(parts.username or ""), password=password, exempt=exempt)


def _variable(name: str) -> str:
    """Either case, as curl reads them; small letters first."""
    return os.environ.get(name) or os.environ.get(name.upper()) or ""


def _fits(entry: str, host: str, port: int) -> bool:
    """One entry of NO_PROXY: `*`, a host with all below it, an address, a network; with `:port` for that port alone."""
    if entry == "*":
        return True
    name, mark, wanted = entry.rpartition(":")
    if mark and wanted.isdigit() and (":" not in name or name.endswith("]")):
        if int(wanted) != port:
            return False
        entry = name
    entry, host = entry.strip("[]").lower().lstrip("."), host.lower().rstrip(".")
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return host == entry or host.endswith(f".{entry}")
