"""A certificate authority of the test's own, and TLS servers that show its certificates."""

import socket
import ssl
import threading
import warnings
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.scripted_http import Script

_DAY = timedelta(days=1)


class Authority:
    """Signs certificates into files of PEM: the certificate and its key in one, as `NAME.pem`."""

    def __init__(self, folder: Path, name: str = "Test authority") -> None:
        self._folder, self._name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.path = folder / f"{name.replace(' ', '-')}.pem"
        own = self._signed(self._name, self._key.public_key(), self._name, 400 * _DAY, 365 * _DAY, None)
        self.path.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def certificate(
        self,
        name: str,
        *hosts: str,
        begun: timedelta = 400 * _DAY,
        holds: timedelta = 365 * _DAY,
        passphrase: bytes | None = None,
    ) -> Path:
        """A certificate for these names and addresses, which began so long ago, and holds so long from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signed = self._signed(subject, key.public_key(), self._name, begun, holds, hosts)
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            encryption = serialization.BestAvailableEncryption(passphrase)
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        path = self._folder / f"{name}.pem"
        fresh = path.with_suffix(".new")  # replaced in one step, as tools that renew certificates do
        fresh.touch(mode=0o600)
        fresh.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
        fresh.replace(path)
        return path

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        issuer: x509.Name,
        begun: timedelta,
        holds: timedelta,
        hosts: tuple[str, ...] | None,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - begun)
            .not_valid_after(now + holds)
            .add_extension(x509.BasicConstraints(ca=hosts is None, path_length=None), critical=True)
        )
        if hosts:
            names = [_general(host) for host in hosts]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def over_tls(
    script: Script, certificate: Path, *, clients: Path | None = None, newest: ssl.TLSVersion | None = None
) -> Script:
    """The script, spoken over TLS by a server with this certificate; `clients` is whose certificates it asks for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    if newest is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is what the test is about
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = newest
        context.set_ciphers("DEFAULT:@SECLEVEL=0")

    def serve(connection: socket.socket, ended: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            script(encrypted, ended)

    return serve
