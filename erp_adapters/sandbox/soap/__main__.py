"""Start Kontor: read the users, open the ledger, listen until SIGTERM."""

import argparse
import json
import signal
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

from cryptography import x509

from erp_adapters.sandbox.call import House
from erp_adapters.sandbox.door import PERMISSIONS, Keys
from erp_adapters.sandbox.erp import Erp
from erp_adapters.sandbox.faults import FaultPlan
from erp_adapters.sandbox.ledger import Ledger
from erp_adapters.sandbox.soap.security import Gate, User
from erp_adapters.sandbox.soap.server import SoapServer
from erp_adapters.sandbox.soap.signatures import fingerprint_of

_EXPECTED = (
    'it must be {"USER": {"password": "...", "permissions": [...]}}, or with "certificate" and a PEM in the place of '
    f"the password; permissions from {PERMISSIONS}"
)


def main() -> None:
    """Run until SIGTERM or SIGINT; exit 2 with one sentence if it cannot start."""
    parser = _parser()
    options = parser.parse_args()
    try:
        users = read_users(options.users_file)
        control = options.control_key_file.read_text(encoding="utf-8").strip() if options.control_key_file else ""
        ledger = Ledger(options.ledger)
    except (OSError, ValueError) as wrong:
        parser.error(str(wrong))
    except sqlite3.Error as wrong:
        parser.error(f"The ledger {options.ledger} cannot be opened: {wrong}.")
    gate = Gate(users, basic=options.basic)
    house = House(
        reject_duplicates=options.duplicates == "refuse",
        visibility_lag=timedelta(milliseconds=options.visibility_lag_ms),
        latency=timedelta(milliseconds=options.latency_ms),
        tick=max(timedelta(milliseconds=options.tick_ms), timedelta(microseconds=1)),
    )
    erp = Erp(ledger, Keys(gate.permissions(), control), house, FaultPlan(options.seed))
    try:
        server = SoapServer((options.host, options.port), erp, gate)
    except OSError as wrong:
        parser.error(f"{options.host}:{options.port} cannot be listened on: {wrong}.")
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    server.start()
    url = f"http://{options.host}:{server.server_address[1]}"
    sys.stdout.write(json.dumps({"ready": True, "url": url}) + "\n")
    sys.stdout.flush()
    signal.sigwait(ends)
    server.stop()
    ledger.close()


def read_users(file: Path) -> dict[str, User]:
    """Read the users; raise ValueError, without any password in it, for a file that cannot be used."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{file} is not JSON; {_EXPECTED}.") from None
    try:
        users = {str(name): _user(one) for name, one in told.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError(f"{file} does not fit; {_EXPECTED}.") from None
    return users


def _user(told: dict[str, str]) -> User:
    """One of them; raise an error of Python's for what is none."""
    permissions = tuple(told["permissions"])
    known = bool(told.get("password")) != bool(told.get("certificate"))
    if not known or not set(permissions) <= set(PERMISSIONS):
        raise ValueError
    if "certificate" in told:
        certificate = x509.load_pem_x509_certificate(told["certificate"].encode())
        return User("", permissions, fingerprint_of(certificate))
    return User(str(told["password"]), permissions)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m erp_adapters.sandbox.soap", description="A SOAP ERP that fails on demand. See README.md."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_number, default=0)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--users-file", type=Path, required=True)
    parser.add_argument("--control-key-file", type=Path)
    parser.add_argument("--basic", action="store_true")
    parser.add_argument("--duplicates", choices=("accept", "refuse"), default="accept")
    parser.add_argument("--visibility-lag-ms", type=_number, default=0)
    parser.add_argument("--latency-ms", type=_number, default=0)
    parser.add_argument("--tick-ms", type=_number, default=0)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


if __name__ == "__main__":
    main()
