"""`ops/chaos`: a shop, four ERPs, two sidecars and a database, all of them struck at once, and a count at the end."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ops.chaos_run.checker import Verdict
from ops.chaos_run.run import Run, Script
from ops.chaos_run.stage import Stage, database_server
from ops.demonstration.stage import StageError
from ops.embedded.server import ServerNotStartedError


class Teller:
    """Says what happens on standard error, with the seconds since the beginning."""

    def __init__(self) -> None:
        """Time counts from now."""
        self._began = time.monotonic()

    def say(self, words: str) -> None:
        """One line."""
        print(f"{time.monotonic() - self._began:6.1f} s  {words}", file=sys.stderr, flush=True)


def main(words: Sequence[str] | None = None) -> int:
    """Play one run; 0 when every promise was kept, 1 when not, 2 when it could not be played, 130 after Ctrl-C."""
    options = _options(words)
    teller, began = Teller(), time.monotonic()
    try:
        with _folder() as folder:
            verdict = _play(folder, options, teller)
            keep = bool(options.keep or verdict.problems())
            if keep:
                kept = Path(tempfile.mkdtemp(prefix="erp-sidecar-chaos-kept-"))
                shutil.copytree(folder, kept, dirs_exist_ok=True)
                teller.say(f"Kept: {kept} (logs, commit logs, settings, the ERPs' ledgers)")
    except (ServerNotStartedError, StageError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    about = {"seed": options.seed, "seconds": round(time.monotonic() - began, 1), "server": options.server}
    if options.json:
        print(verdict.as_json(**about))
    else:
        _summarize(verdict, about)
    for problem in verdict.problems():
        print(f"Broken: {problem}.", file=sys.stderr)
    if verdict.problems():
        again = f"ops/chaos --seconds {options.seconds:g} --seed {options.seed} --server {options.server} --keep"
        print(f"The same strikes once more: {again}", file=sys.stderr)
        return 1
    return 0


def _play(folder: Path, options: argparse.Namespace, teller: Teller) -> Verdict:
    teller.say("Setting the stage: a database with Magento's tables, four ERPs, two sidecars")
    with database_server(options.server, options.seed) as server:
        teller.say(f"The database is {server.address.version()}")
        stage = Stage(folder, server)
        stage.build()
        return Run(stage, Script(options.seed, options.seconds, options.rate), teller).play()


def _summarize(verdict: Verdict, about: dict[str, object]) -> None:
    print("\n".join(in_words(verdict, about)))
    if not verdict.problems():
        print("Every promise was kept.")


def in_words(verdict: Verdict, about: dict[str, object]) -> Iterator[str]:
    """A line for every number, and one for every kind of fault."""
    yield " · ".join(f"{name} {value}" for name, value in about.items())
    for name, value in verdict.numbers().items():
        for part, count in value.items() if isinstance(value, dict) else ((name, value),):
            yield f"{count!s:>9}  {part.replace('_', ' ')}"


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="erp-sidecar-chaos-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long things are struck (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="which strikes, faults and choices (default 1)")
    parser.add_argument("--server", choices=("mariadb", "mysql"), default="mariadb", help="the database to strike")
    parser.add_argument("--rate", type=float, default=40, help="transactions a second in the shop (default 40)")
    parser.add_argument("--json", action="store_true", help="print the checker's numbers as one JSON object")
    parser.add_argument("--keep", action="store_true", help="leave logs, commit logs and ledgers behind")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
