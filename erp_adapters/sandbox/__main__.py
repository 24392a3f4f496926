"""Start the sandbox ERP: read the keys, open the ledger, listen until SIGTERM."""

import argparse
import json
import signal
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

from erp_adapters.sandbox.call import House
from erp_adapters.sandbox.door import read_keys
from erp_adapters.sandbox.erp import Erp
from erp_adapters.sandbox.faults import FaultPlan
from erp_adapters.sandbox.ledger import Ledger
from erp_adapters.sandbox.server import Server


def main() -> None:
    """Run until SIGTERM or SIGINT; exit 2 with one sentence if it cannot start."""
    parser = _parser()
    options = parser.parse_args()
    try:
        keys = read_keys(options.api_key_file, options.control_key_file)
        ledger = Ledger(options.ledger)
    except ValueError as wrong:
        parser.error(str(wrong))
    except sqlite3.Error as wrong:
        parser.error(f"The ledger {options.ledger} cannot be opened: {wrong}.")
    house = House(
        reject_duplicates=options.reject_duplicates,
        visibility_lag=timedelta(milliseconds=options.visibility_lag_ms),
        latency=timedelta(milliseconds=options.latency_ms),
        tick=max(timedelta(milliseconds=options.tick_ms), timedelta(microseconds=1)),
    )
    if options.forget_jobs:
        with ledger.writing() as books:
            books.run("forget_pending_jobs")
    erp = Erp(ledger, keys, house, FaultPlan(options.seed))
    try:
        server = Server((options.host, options.port), erp)
    except OSError as wrong:
        parser.error(f"{options.host}:{options.port} cannot be listened on: {wrong}.")
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    server.start()
    _say_ready(options.host, server.server_address[1])
    signal.sigwait(ends)
    server.stop()
    ledger.close()


def _say_ready(host: str, port: object) -> None:
    sys.stdout.write(json.dumps({"ready": True, "url": f"http://{host}:{port}"}) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m erp_adapters.sandbox", description="An ERP that fails on demand. See README.md."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_number, default=0)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--api-key-file", type=Path, required=True)
    parser.add_argument("--control-key-file", type=Path)
    parser.add_argument("--reject-duplicates", action="store_true")
    parser.add_argument("--visibility-lag-ms", type=_number, default=0)
    parser.add_argument("--latency-ms", type=_number, default=0)
    parser.add_argument("--tick-ms", type=_number, default=0)
    parser.add_argument("--forget-jobs", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


if __name__ == "__main__":
    main()
