"""Starts the sandbox: python -m erp_adapters.sandbox.odoo --ledger FILE --key-file FILE --people-key-file FILE."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from erp_adapters.sandbox.odoo.ledger import Ledger
from erp_adapters.sandbox.odoo.server import House, Server


def main() -> int:
    """Serve until somebody ends it."""
    parser = argparse.ArgumentParser(prog="python -m erp_adapters.sandbox.odoo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--ledger", type=Path, required=True, help="the file with its books; made where it is not there"
    )
    parser.add_argument("--database", default="odoo", help="the name of its database")
    parser.add_argument("--key-file", type=Path, required=True, help="a file with the API key of the shop")
    parser.add_argument("--people-key-file", type=Path, required=True, help="a file with the key of people's screens")
    chosen = parser.parse_args()
    ledger = Ledger(chosen.ledger)
    keys = [file.read_text(encoding="utf-8").strip() for file in (chosen.key_file, chosen.people_key_file)]
    if not all(keys):
        sys.stderr.write("A key file is empty.\n")
        return 2
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server = Server(("127.0.0.1", chosen.port), House(ledger, chosen.database, keys[0], keys[1]))
    server.start()
    sys.stdout.write(f"listening on http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    ended.wait()
    server.shutdown()
    server.server_close()
    ledger.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
