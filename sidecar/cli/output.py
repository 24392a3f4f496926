"""What a command prints: tables for people, one JSON document for programs, errors on standard error."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from sidecar.domain.errors import SidecarError

_WIDTH_OF_FILES: Final = 250
"""Characters of a table that goes into a file or a pipe, where nothing needs to be folded."""


def how_many(count: int, most: int) -> str:
    """A count that was not carried beyond `most`."""
    return f"{most}+" if count > most else str(count)


class Output:
    """Where a command's answer goes."""

    def __init__(self, *, as_json: bool) -> None:
        """Standard output; colours only on a terminal."""
        self.as_json = as_json
        self._console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)

    def say(self, sentence: str, **facts: object) -> None:
        """One sentence, or its facts."""
        if self.as_json:
            self._print_json(facts)
        else:
            self._console.print(sentence, markup=False)

    def table(self, title: str, rows: Sequence[Mapping[str, object]], *, empty: str) -> None:
        """Rows with the same keys; `empty` is said when there are none."""
        if self.as_json:
            self._print_json(list(rows))
            return
        if not rows:
            self._console.print(empty, markup=False)
            return
        table = Table(title=title, title_justify="left", header_style="bold")
        for key in rows[0]:
            table.add_column(key.replace("_", " "), overflow="fold")
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row.values()))
        self._console.print(table, markup=False)

    def text(self, text: str) -> None:
        """Text as it is, such as SQL."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def error(self, error: SidecarError) -> None:
        """One sentence and what to type."""
        if self.as_json:
            sys.stderr.write(json.dumps({"error": str(error), "hint": error.hint}) + "\n")
            return
        sys.stderr.write(f"erp-sidecar: {error}\n")
        if error.hint:
            sys.stderr.write(f"  try: {error.hint}\n")

    def _print_json(self, document: object) -> None:
        sys.stdout.write(json.dumps(document, default=str, ensure_ascii=False) + "\n")
