"""`ops/demo`: a shop, an ERP, the sidecar between them, for about a minute."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.live import Live

from ops.demonstration.checker import Verdict
from ops.demonstration.performance import Audience, Performance, Script
from ops.demonstration.show import PlainAudience, TerminalAudience, summarize
from ops.demonstration.stage import Stage, StageError
from ops.embedded.demo_database import DemoDatabaseError, demo_database
from ops.embedded.server import ServerNotStartedError

ORDERS = 48
PACE_MS = 250
LEISURELY_PACE_MS = 150
OPEN_FOR = 60.0

Play = Callable[[Path, Script, Audience], Verdict]


def main(words: Sequence[str] | None = None, play: Play | None = None) -> int:
    """Play one round; 0 when every promise was kept, 1 when not, 2 when it could not be played, 130 after Ctrl-C.

    `words` are those of the command line, unless given; `play` is the round on a stage, unless given.
    """
    options = _options(words)
    script = (
        Script(options.seed, ORDERS, PACE_MS)
        if options.once
        else Script(options.seed, 0, LEISURELY_PACE_MS, seconds=OPEN_FOR)
    )
    began = time.monotonic()
    console = Console(stderr=options.json, highlight=False)
    try:
        with _folder(keep=options.keep) as folder, _audience(console) as audience:
            verdict = (play or _play)(folder, script, audience)
    except (DemoDatabaseError, ServerNotStartedError, StageError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    seconds = time.monotonic() - began
    if options.json:
        print(json.dumps({"seed": options.seed, "seconds": round(seconds, 1), **asdict(verdict)}))
    else:
        summarize(verdict, seconds, options.seed, console)
    for problem in verdict.problems():
        print(f"Broken: {problem}.", file=sys.stderr)
    return 1 if verdict.problems() else 0


def _play(folder: Path, script: Script, audience: Audience) -> Verdict:
    audience.act("Setting the stage: a database with Magento's tables, an ERP, the sidecar")
    with demo_database() as database:
        audience.act(f"The database is {database.origin}")
        stage = Stage(folder, database)
        stage.build()
        return Performance(stage, script, audience).play()


@contextmanager
def _audience(console: Console) -> Iterator[Audience]:
    if not console.is_terminal:
        yield PlainAudience()
        return
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        yield TerminalAudience(live)


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="erp-sidecar-demo-"))
    try:
        yield folder
    finally:
        if keep:
            print(f"Kept: {folder} (logs, settings, the ERP's ledger)", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/demo", description=__doc__)
    parser.add_argument(
        "--once",
        action="store_true",
        help=f"a bounded round of {ORDERS} orders; without it the shop stays open for a minute, or until Ctrl-C",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the checker's numbers as one JSON object, nothing else"
    )
    parser.add_argument("--seed", type=int, default=7, help="what happens: orders and faults (default 7)")
    parser.add_argument("--keep", action="store_true", help="leave logs and the ERP's ledger behind")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
