"""`erp-sidecar sandbox`: an ERP to try things on, in the foreground.

The sandboxes are strangers to this package: each is a process of its own, and this command becomes it.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.domain.errors import ConfigurationError

_PROGRAM: Final = "erp_adapters.sandbox.trying"


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = nouns.add_parser("sandbox", parents=[shared], help="run an ERP to try things on, until Ctrl-C")
    parser.add_argument("name", nargs="?", metavar="NAME", help="which one; --list tells them")
    parser.add_argument("--list", action="store_true", help="tell which there are")
    parser.add_argument("--port", type=int, metavar="PORT", help="the port on 127.0.0.1 (default 9001)")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="its books (default sandbox-NAME/ledger.sqlite)")
    parser.add_argument("--key", metavar="K", help="the key of the shop (default: the last one, or a new one)")
    parser.set_defaults(command=_sandbox)


def _sandbox(options: argparse.Namespace, output: Output) -> int:
    if options.name is None and not options.list:
        raise ConfigurationError("No sandbox is named.", hint="`erp-sidecar sandbox --list` tells which there are")
    words = [options.name] if options.name is not None else []
    words += ["--list"] * options.list + ["--json"] * output.as_json
    for name in ("port", "ledger", "key"):
        value = getattr(options, name)
        if value is not None:
            words.append(f"--{name}={value}")
    os.execv(sys.executable, [sys.executable, "-m", _PROGRAM, *words])  # noqa: S606 -- a program of ours, without a shell
