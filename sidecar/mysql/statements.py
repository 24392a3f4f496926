"""Named SQL statements, read from `sql/<store>.sql`.

A file holds blocks that start with `-- name: words_of_the_method`. Values are bound as `:name`, lists as
`IN :names`; what is put into the text is the table prefix, which is checked first, and the number of a stock, since
each has an index of its own. The name is put into
each statement as a comment, so that whoever looks at the server's process list sees who asks. It goes behind
the first word: the driver sends many rows at once only when a statement begins with INSERT itself.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Final

from sqlalchemy import TextClause, bindparam, text

from sidecar.domain.errors import ConfigurationError

DEFAULT_STOCK: Final = 1
"""The stock that every shop has."""

_PREFIX: Final = re.compile(r"[A-Za-z0-9_]{0,20}\Z")
_NAME: Final = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COMMENT: Final = re.compile(r"^\s*--.*$", re.MULTILINE)
_LIST: Final = re.compile(r"\bIN :(\w+)")
_BIND: Final = re.compile(r"(?<![:\w]):\w+")


def checked_prefix(prefix: str) -> str:
    """Give the table prefix back if it is one; raise ConfigurationError if it could be anything else."""
    if _PREFIX.match(prefix):
        return prefix
    message = f"the table prefix {prefix!r} is not made of at most 20 letters, digits and underscores"
    raise ConfigurationError(message, hint="copy db.table_prefix from Magento's app/etc/env.php")


class Statements(Mapping[str, TextClause]):
    """The statements of one file, by name."""

    def __init__(self, name: str, prefix: str, *, stock: int = DEFAULT_STOCK) -> None:
        """Read `sql/<name>.sql` and put the table prefix and the stock in."""
        source = resources.files("sidecar.mysql").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
        filled = source.replace("{prefix}", checked_prefix(prefix)).replace("{stock}", str(int(stock)))
        _, *parts = _NAME.split(filled)
        self._texts = {title: _labelled(title, block) for title, block in zip(parts[::2], parts[1::2], strict=True)}
        self._clauses = {title: _clause(sql) for title, sql in self._texts.items()}

    def __getitem__(self, name: str) -> TextClause:
        """The statement, ready to be executed."""
        return self._clauses[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the file."""
        return iter(self._clauses)

    def __len__(self) -> int:
        """How many statements there are."""
        return len(self._clauses)


def all_statements(prefix: str) -> dict[str, TextClause]:
    """Every statement that the stores use, as `store.name`; for checks of a database and its grants."""
    folder = resources.files("sidecar.mysql").joinpath("sql")
    stores = sorted(entry.name.removesuffix(".sql") for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {f"{store}.{name}": clause for store in stores for name, clause in Statements(store, prefix).items()}


@lru_cache(maxsize=1024)
def for_the_driver(clause: TextClause) -> tuple[str, tuple[str, ...]]:
    """The statement with its binds as the driver writes them, and which of them are lists."""
    sql = clause.text.replace("%", "%%")
    return _BIND.sub(lambda bind: f"%({bind[0][1:]})s", sql), tuple(_LIST.findall(clause.text))


def prepared(clause: TextClause) -> str:
    """The statement with a question mark for each value, as a server prepares it."""
    return _BIND.sub("?", _LIST.sub("IN (?)", clause.text))


def _labelled(name: str, block: str) -> str:
    verb, rest = _COMMENT.sub("", block).strip().rstrip(";").split(None, 1)
    lines = (line.strip() for line in rest.splitlines())
    return f"{verb} /* sidecar.{name} */ {' '.join(line for line in lines if line)}"


def _clause(sql: str) -> TextClause:
    return text(sql).bindparams(*(bindparam(name, expanding=True) for name in _LIST.findall(sql)))
