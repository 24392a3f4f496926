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
from ops.demonstration.flash_sale import checker as sale_checker
from ops.demonstration.flash_sale import show as sale_show
from ops.demonstration.flash_sale.conduct import COMPRESSED_MINUTES, WHOLE, Conduct, Sale
from ops.demonstration.performance import Audience, Performance, Script
from ops.demonstration.show import PlainAudience, TerminalAudience, summarize
from ops.demonstration.stage import Stage, StageError
from ops.embedded.demo_database import DemoDatabase, DemoDatabaseError, demo_database
from ops.embedded.server import ServerNotStartedError

ORDERS = 48
PACE_MS = 250
LEISURELY_PACE_MS = 150
OPEN_FOR = 60.0

USUAL, FLASH_SALE = "day", "flash-sale"

Play = Callable[[Path, Script, Audience], Verdict]


def main(words: Sequence[str] | None = None, play: Play | None = None) -> int:
    """Play one round; 0 when every promise was kept, 1 when not, 2 when it could not be played, 130 after Ctrl-C.

    `words` are those of the command line, unless given; `play` is the round on a stage, unless given.
    """
    options = _options(words)
    try:
        return _sale(options) if options.scenario == FLASH_SALE else _day(options, play or _play)
    except (DemoDatabaseError, ServerNotStartedError, StageError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _day(options: argparse.Namespace, play: Play) -> int:
    script = (
        Script(options.seed, ORDERS, PACE_MS)
        if options.once
        else Script(options.seed, 0, LEISURELY_PACE_MS, seconds=OPEN_FOR)
    )
    began = time.monotonic()
    console = Console(stderr=options.json, highlight=False)
    with _folder(keep=options.keep) as folder, _audience(console) as audience:
        verdict = play(folder, script, audience)
    seconds = time.monotonic() - began
    if options.json:
        print(json.dumps({"seed": options.seed, "seconds": round(seconds, 1), **asdict(verdict)}))
    else:
        summarize(verdict, seconds, options.seed, console)
    return _complain(verdict.problems())


def _sale(options: argparse.Namespace) -> int:
    sale = Sale(options.seed, options.orders or WHOLE, options.minutes or COMPRESSED_MINUTES)
    began = time.monotonic()
    console = Console(stderr=options.json, highlight=False)
    with _folder(keep=options.keep) as folder, _audience(console) as audience:
        verdict, compression = _play_sale(folder, sale, audience)
    seconds = time.monotonic() - began
    if options.json:
        about = {"seed": sale.seed, "seconds": round(seconds, 1), "compression": compression}
        print(json.dumps({**about, **asdict(verdict)}))
    else:
        sale_show.summarize(verdict, seconds, sale, compression, console)
    return _complain(verdict.problems())


def _complain(problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"Broken: {problem}.", file=sys.stderr)
    return 1 if problems else 0


def _play(folder: Path, script: Script, audience: Audience) -> Verdict:
    with _database(audience) as database:
        stage = Stage(folder, database)
        stage.build()
        return Performance(stage, script, audience).play()


def _play_sale(
    folder: Path, sale: Sale, audience: PlainAudience | TerminalAudience
) -> tuple[sale_checker.Verdict, float]:
    with _database(audience) as database:
        stage = sale.stage(folder, database)
        stage.build()
        conduct = Conduct(stage, sale, audience)
        return conduct.play(), sale.compressed_to(conduct.open_for)


@contextmanager
def _database(audience: Audience) -> Iterator[DemoDatabase]:
    audience.act("Setting the stage: a database with Magento's tables, an ERP, the sidecar")
    with demo_database() as database:
        audience.act(f"The database is {database.origin}")
        yield database


@contextmanager
def _audience(console: Console) -> Iterator[PlainAudience | TerminalAudience]:
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
    parser.add_argument(
        "--scenario",
        choices=(USUAL, FLASH_SALE),
        default=USUAL,
        help="a day in the shop (default), or ten minutes of a flash sale: stock alone, compressed into one",
    )
    parser.add_argument("--orders", type=_positive(int), help=f"orders of the flash sale (default {WHOLE})")
    parser.add_argument(
        "--minutes",
        type=_positive(float),
        help=f"how long {WHOLE} orders of the flash sale take (default {COMPRESSED_MINUTES:g}; 10 is real time)",
    )
    options = parser.parse_args(words)
    if options.scenario != FLASH_SALE and (options.orders or options.minutes):
        parser.error("--orders and --minutes are for --scenario flash-sale")
    if options.scenario == FLASH_SALE and options.once:
        parser.error("--once is for a day in the shop; a sale ends by itself")
    return options


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
